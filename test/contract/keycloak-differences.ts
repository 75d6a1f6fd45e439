import type { Difference } from './differences.js';

const why = {
  apiKey:
    'An API key that stands for nobody gets the anonymous profile, which the plugin understands, and not null, which it does not.',
  unavailable: 'Keycloak did not answer: it cannot be told who asks, so 503, which the plugin does not keep.',
  skew: 'The clocks of two machines may be 5 s apart: a token that ended 1 s ago is accepted.',
  idToken: 'An ID token says who logged in to a page; it is no access token and opens nothing.',
  issuer: 'A token names its issuer, and only those of the issuers that were set up are accepted.',
  scheme: 'RFC 9110 section 11.1: the name of a scheme is read without regard to case.',
  lastAdministrator: 'Nobody would be left who may change the roles: 409, and nothing is changed.',
  unchanged: 'The request before was refused, so that the roles are still those that were put earlier.',
  post: 'Scripts of old installations send POST where others send PUT: both replace the roles.',
};

const profile = (name: string, userId: string | null, more: object) => ({
  status: 200,
  answer: { name, 'user-id': userId, validity: 60, ...more },
});
const anonymous = profile('Anonymous', null, { permissions: ['upload'], 'authorized-labels': [], groups: [] });
const doctor = profile('Doc Tor', 'sub-1', {
  permissions: ['view', 'download', 'share', 'send', 'upload'],
  'authorized-labels': ['*'],
  groups: null,
});
const lastAdministrator: Difference = {
  reason: why.lastAdministrator,
  expect: { status: 409, code: 'last-administrator' },
};
const nothing = { 'authorized-labels': [], permissions: [] };
const unchanged: Difference = {
  reason: why.unchanged,
  expect: {
    status: 200,
    answer: {
      roles: {
        'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
        'doctor-role': { 'authorized-labels': ['b', 'a'], permissions: ['view', 'download'] },
        'external-role': nothing,
        'extra-role': nothing,
      },
      'available-labels': ['a', 'b'],
    },
  },
};

/** Where we answer the requests of `golden-keycloak.jsonl` differently, as in `differences.ts`. */
export const keycloakDifferences: Readonly<Record<string, Difference>> = {
  'profile/kc/api-key-unknown': { reason: why.apiKey, expect: anonymous },
  'profile/api-key/dup': { reason: why.apiKey, expect: anonymous },
  'profile/api-key/injection': { reason: why.apiKey, expect: anonymous },
  'profile/api-key/jwt-as-api-key': { reason: why.apiKey, expect: anonymous },
  'profile/api-key/boom': { reason: why.unavailable, expect: { status: 503, code: 'identity-unavailable' } },
  'profile/jwt/kc-expired-1s': { reason: why.skew, expect: { ...doctor, answer: { ...doctor.answer, validity: 1 } } },
  'profile/jwt/kc-id-token': { reason: why.idToken, expect: anonymous },
  'profile/jwt/kc-iss-wrong': { reason: why.issuer, expect: anonymous },
  'profile/jwt/bearer-lowercase': { reason: why.scheme, expect: doctor },
  'roles/put-unknown-role': lastAdministrator,
  'roles/get-after-unknown-role': unchanged,
  'roles/put-label-not-available': lastAdministrator,
  'roles/get-after-label': unchanged,
  'roles/put-no-labels-key': lastAdministrator,
  'roles/get-after-no-labels': unchanged,
  'roles/put-duplicate-permissions': lastAdministrator,
  'roles/get-after-duplicate': unchanged,
  'roles/post': { reason: why.post, expect: { status: 200, answer: null } },
};
