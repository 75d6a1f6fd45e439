import type { Claims } from './golden.js';

export interface OurSuccess {
  readonly status: number;
  /**
   * Placeholders as in golden.jsonl; `<seconds-left>` are those
   * to the expiry of the token.
   */
  readonly answer: unknown;
  /** Of a minted token, besides `jti` and `iat`. Absent: those recorded for the token that the answer names. */
  readonly claims?: Claims;
}

/** A problem document; `fields` in the order of its `errors`, absent where it has none. */
export interface OurRefusal {
  readonly status: number;
  readonly code: string;
  readonly fields?: readonly string[];
}

export type OurAnswer = OurSuccess | OurRefusal;

export interface Difference {
  /** The ruling, in a sentence. */
  readonly reason: string;
  readonly expect: OurAnswer;
}

const study = {
  'dicom-uid': '1.2.3',
  'orthanc-id': '11111111-22222222-33333333-44444444-55555555',
  url: null,
  level: 'study',
};
const studyClaims = {
  dicom_uid: '1.2.3',
  orthanc_id: '11111111-22222222-33333333-44444444-55555555',
  url: null,
  level: 'study',
};
const type = 'ohif-viewer-publication';
const landing = 'http://localhost/shares/ui/app/token-landing.html';

const denied: OurSuccess = { status: 200, answer: { granted: false, validity: 60 } };
const refused = (...fields: string[]): OurRefusal => ({ status: 400, code: 'invalid-input', fields });
const minted = (
  token: string,
  expirationDate: string | null,
  validityDuration: number | null,
  claims?: Claims,
): OurSuccess => ({
  status: 200,
  answer: {
    request: {
      id: 'x',
      resources: [study],
      type,
      'expiration-date': expirationDate,
      'validity-duration': validityDuration,
    },
    token: `<token:${token}>`,
    url: `${landing}?token=<token:${token}>`,
  },
  ...(claims === undefined ? {} : { claims: { id: 'x', resources: [studyClaims], type, ...claims } }),
});
const instantLink = (tokenType: string): OurSuccess => ({
  status: 200,
  answer: { 'token-type': tokenType, 'error-code': null, 'redirect-url': null, resources: [study] },
});

const tenYears = 315_360_000;

const why = {
  duration:
    'A validity-duration is a JSON unsigned integer, or absent or null: a negative number or a text is a fault of the caller and answers 400.',
  clamped:
    'The plugin sends an uninitialised duration when it was given none: one beyond SHARE_MAX_DURATION (10 years) is clamped to it and logged, and never answers 500.',
  zone: 'A date without a zone, or without a time, names no instant: it answers 400 at minting.',
  oldZone:
    'A date without a zone in a token that was minted elsewhere makes the token invalid: it is refused, and never answers 500.',
  optionalType: 'The type in the body must equal the one in the address when it is present; it may be absent.',
  oneResource: 'Both ids that are sent must belong to one resource of the token.',
  absentLevel: 'A level that is absent is not compared, like one that is null.',
  level: 'The level must equal that of the resource in the token; the incumbent does not look at it.',
  validity: 'A grant may be kept for GRANT_VALIDITY, but not beyond the expiry of the token.',
  writes: 'A share token reads and never writes: put and delete are always refused.',
  post: 'With SHARE_POST=compatible, post without labels is granted for DICOMweb, but not to be kept: the validity is 0.',
  bodyFirst: 'The token of the body counts; the token header is looked at only when the body has none.',
  instant:
    'An instant link has no redirect, which is no error: its resources are told, since the plugin needs them, and the error code is null.',
  empty: 'A token without resources opens nothing: there is no redirect.',
  decodeAnswers: 'Decode always answers 200, also without a token: the landing page shows the error by its code.',
  roles: 'Roles are stored and served without Keycloak too.',
  lastAdministrator: 'Roles that leave nobody with admin-permissions (or all) are not taken: 409.',
  slash:
    'The route with a slash at its end is answered and not redirected: to the plugin, any answer but a 2xx is a refusal.',
} as const;

/** Every recorded case that we answer differently on purpose. Whoever adds one gives the ruling behind it. */
export const differences: Readonly<Record<string, Difference>> = {
  'create/validity-duration-negative': { reason: why.duration, expect: refused('validity-duration') },
  'create/validity-duration-string-number': { reason: why.duration, expect: refused('validity-duration') },
  'create/validity-duration-huge': {
    reason: why.clamped,
    expect: minted('clamped', `<time:now+${tenYears}s>`, tenYears, {
      expiration_date: `<time:now+${tenYears}s>`,
      validity_duration: tenYears,
    }),
  },
  'create/expiration-naive': { reason: why.zone, expect: refused('expiration-date') },
  'create/expiration-date-only': { reason: why.zone, expect: refused('expiration-date') },
  'create/no-type-in-body': {
    reason: why.optionalType,
    expect: minted('without-type', null, null, { expiration_date: null, validity_duration: null }),
  },
  'validate/two-studies/cross': { reason: why.oneResource, expect: denied },
  'validate/vd60': {
    reason: why.validity,
    expect: { status: 200, answer: { granted: true, validity: '<seconds-left>' } },
  },
  'validate/naive-expiration': { reason: why.oldZone, expect: denied },
  'validate/dateonly': { reason: why.oldZone, expect: denied },
  'validate/study-token/level-patient': { reason: why.level, expect: denied },
  'validate/study-token/level-series': { reason: why.level, expect: denied },
  'validate/study-token/level-instance': { reason: why.level, expect: denied },
  'validate/patient-token/level-study': { reason: why.level, expect: denied },
  'validate/instance-token/level-study': { reason: why.level, expect: denied },
  'validate/missing-level': { reason: why.absentLevel, expect: denied },
  'validate/method-post': { reason: why.post, expect: { status: 200, answer: { granted: true, validity: 0 } } },
  'validate/method-put': { reason: why.writes, expect: denied },
  'validate/method-delete': { reason: why.writes, expect: denied },
  'validate/token-in-header-and-body-garbage': { reason: why.bodyFirst, expect: denied },
  'decode/viewer-instant-link': { reason: why.instant, expect: instantLink('viewer-instant-link') },
  'decode/download-instant-link@noroot': { reason: why.instant, expect: instantLink('download-instant-link') },
  'decode/download-instant-link@sid': { reason: why.instant, expect: instantLink('download-instant-link') },
  'decode/viewer-instant-link@noroot': { reason: why.instant, expect: instantLink('viewer-instant-link') },
  'decode/token/res-empty': {
    reason: why.empty,
    expect: { status: 200, answer: { 'token-type': type, 'error-code': null, 'redirect-url': null, resources: [] } },
  },
  'decode/empty-object': {
    reason: why.decodeAnswers,
    expect: {
      status: 200,
      answer: { 'token-type': null, 'error-code': 'invalid', 'redirect-url': null, resources: [] },
    },
  },
  'roles/get-no-keycloak': {
    reason: why.roles,
    expect: {
      status: 200,
      answer: { roles: { keepers: { 'authorized-labels': ['*'], permissions: ['all'] } }, 'available-labels': [] },
    },
  },
  'roles/put-no-keycloak': { reason: why.lastAdministrator, expect: { status: 409, code: 'last-administrator' } },
  'misc/trailing-slash': { reason: why.slash, expect: { status: 200, answer: { granted: true, validity: 60 } } },
};
