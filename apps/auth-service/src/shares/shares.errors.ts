import { DomainError, type ErrorTable } from '../platform/errors/domain-error.js';

export const sharesErrors = {
  'unknown-token-type': { status: 400, title: 'There is no such type of token', level: 'info' },
  'meddream-needs-study-uid': { status: 400, title: 'MedDream shows whole studies by their UID', level: 'info' },
  'viewer-not-configured': { status: 400, title: 'The viewer of this type is not configured', level: 'warn' },
  'share-too-long': { status: 400, title: 'The share would live too long', level: 'info' },
  'share-too-large': { status: 400, title: 'The share holds too much for a link', level: 'info' },
  'labels-not-checked': { status: 403, title: 'It cannot be checked that you may see this study', level: 'info' },
  'plugin-mint-refused': { status: 403, title: 'The plugin may not share for an unnamed user', level: 'warn' },
  'study-not-found': { status: 404, title: 'There is no such study that you may see', level: 'info' },
  'share-not-found': { status: 404, title: 'There is no such share', level: 'info' },
  'viewer-not-offered': { status: 400, title: 'The link does not offer this viewer', level: 'info' },
  'gate-refused': { status: 403, title: 'The link is not valid, or the code is wrong', level: 'info' },
  'share-scheduled': { status: 409, title: 'The share begins later', level: 'info' },
  'share-expired': { status: 410, title: 'The share has expired', level: 'info' },
  'share-revoked': { status: 410, title: 'The share was revoked', level: 'info' },
  'share-used-up': { status: 410, title: 'The share was opened as often as it may be', level: 'info' },
  'share-locked': { status: 423, title: 'The link is locked after too many wrong attempts', level: 'warn' },
  'too-many-attempts': { status: 429, title: 'Too many attempts', level: 'warn' },
  'gates-busy': { status: 503, title: 'Too many recipients at once', level: 'warn' },
  'share-without-link': { status: 409, title: 'The share has no link', level: 'info' },
  'share-minted-elsewhere': { status: 409, title: 'The link of this share is not known here', level: 'info' },
  'link-too-long': { status: 409, title: 'The link is too long for a QR code', level: 'info' },
  'share-over': { status: 409, title: 'The share is over', level: 'info' },
  'share-changed': { status: 412, title: 'The share was changed meanwhile', level: 'info' },
  'idempotency-key-reused': { status: 409, title: 'This Idempotency-Key stands for another request', level: 'info' },
  'key-retired': { status: 409, title: 'The key that signed this share is gone', level: 'warn' },
  'viewer-unavailable': { status: 503, title: "The viewer's token service does not answer", level: 'error' },
  'orthanc-unavailable': { status: 503, title: 'Orthanc does not answer', level: 'error' },
} as const satisfies ErrorTable;

type Code = keyof typeof sharesErrors;

function error(code: Code, detail: string, cause?: unknown): DomainError {
  return new DomainError(code, detail, { cause });
}

export const unknownTokenType = (known: readonly string[]) =>
  error('unknown-token-type', `The type of token must be one of ${known.join(', ')}.`);
export const viewerNotConfigured = (setting: string) =>
  error('viewer-not-configured', `Set ${setting} to mint tokens of this type.`);
export const meddreamNeedsStudyUid = () =>
  error(
    'meddream-needs-study-uid',
    'MedDream opens studies by their Study Instance UID; send level study and a dicom-uid in each entry of resources.',
  );
export const shareRootNotConfigured = () =>
  error('viewer-not-configured', 'Set PUBLIC_SHARE_ROOT to share with a gate, a limit, a begin or a short link.');
export const shareTooLong = (seconds: number) =>
  error(
    'share-too-long',
    `validity-duration or expiration-date goes beyond ${seconds} seconds (SHARE_MAX_DURATION); ask for less.`,
  );
export const shareTooLarge = () =>
  error(
    'share-too-large',
    'The token would be longer than 65536 characters; share fewer resources at once, or shorten their texts.',
  );
export const labelsNotChecked = () =>
  error(
    'labels-not-checked',
    'You may see studies with certain labels only, and the labels of this one are not known here; share it from Orthanc.',
  );
export const pluginMintRefused = () =>
  error(
    'plugin-mint-refused',
    'PLUGIN_MINT=refuse: shares are made with the credentials of a user; let the proxy send PUT /auth/tokens/ of Orthanc to this service.',
  );
export const studyNotFound = () =>
  error(
    'study-not-found',
    'Orthanc has no such resource that you may see, or has several of that id, or the two ids of a resource name two; nothing was minted.',
  );
export const shareNotFound = () =>
  error('share-not-found', 'No share of yours has this id; list them with GET /api/v1/shares.');
export const viewerNotOffered = () =>
  error('viewer-not-offered', 'viewer must be one of those that inspect tells, or null for the own one of the link.');
/** The same for a wrong secret and for a link that nobody minted. */
export const gateRefused = () =>
  error('gate-refused', 'Check the code, and that the link is whole; ask the sharer for another one otherwise.');
export const tooManyAttempts = (waitMs: number) => {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new DomainError('too-many-attempts', `Wait ${seconds} seconds before the next attempt.`, {
    headers: { 'retry-after': String(seconds) },
  });
};
export const gatesBusy = () =>
  new DomainError('gates-busy', 'Too many codes are being checked; nothing was counted. Try again in a moment.', {
    headers: { 'retry-after': '2' },
  });
/** Why nobody comes in by a link now. */
export function linkOver(
  reason: 'scheduled' | 'locked' | 'used-up' | 'expired' | 'revoked',
  notBefore: number | null,
): DomainError {
  switch (reason) {
    case 'scheduled':
      return error('share-scheduled', `The link opens from ${new Date(notBefore ?? 0).toISOString()} on.`);
    case 'locked':
      return error('share-locked', 'The sharer can unlock it: POST /api/v1/shares/{id}/unlock.');
    case 'used-up':
      return error(
        'share-used-up',
        'As many recipients as were allowed have opened it; ask the sharer for a new link.',
      );
    case 'expired':
      return error('share-expired', 'Ask the sharer for a new link.');
    case 'revoked':
      return error('share-revoked', 'Ask the sharer for a new link.');
  }
}
export const shareWithoutLink = () =>
  error(
    'share-without-link',
    'Links of this type are built by who asks for them; GET /api/v1/shares/{id}/link has the token.',
  );
export const shareMintedElsewhere = () =>
  error('share-minted-elsewhere', 'It was adopted from another minter, and the registry keeps no tokens.');
export const linkTooLong = (most: number) =>
  error('link-too-long', `A QR code holds ${most} characters; share with "link": "opaque" for a short one.`);
export const shareOver = () =>
  error('share-over', 'The share was revoked or has expired, and stays so; make a new one.');
export const shareChanged = (revision: number) =>
  error('share-changed', `Revision ${revision} is in force, not the one of If-Match; read the share again.`);
export const idempotencyKeyReused = () =>
  error(
    'idempotency-key-reused',
    'Idempotency-Key was used for a different request within 24 hours; choose another one.',
  );
export const keyRetired = () =>
  error(
    'key-retired',
    'The share was minted with a key that is no longer in SECRET_KEYS_PREVIOUS; mint a new one with another Idempotency-Key.',
  );
export const viewerUnavailable = (cause: unknown) =>
  error(
    'viewer-unavailable',
    'The token service at MEDDREAM_TOKEN_SERVICE_URL gave no token; nothing was done. Try again.',
    cause,
  );
export const orthancUnavailable = (cause: unknown) =>
  new DomainError(
    'orthanc-unavailable',
    'Orthanc gave no answer about the study at ORTHANC_URL; nothing was done. Try again.',
    { cause, headers: { 'retry-after': '2' } },
  );
