import { DomainError, type ErrorTable } from '../platform/errors/domain-error.js';

export const sharesErrors = {
  'unknown-token-type': { status: 400, title: 'There is no such type of token', level: 'info' },
  'viewer-not-configured': { status: 400, title: 'The viewer of this type is not configured', level: 'warn' },
  'share-too-long': { status: 400, title: 'The share would live too long', level: 'info' },
  'share-too-large': { status: 400, title: 'The share holds too much for a link', level: 'info' },
  'labels-not-checked': { status: 403, title: 'It cannot be checked that you may see this study', level: 'info' },
  'plugin-mint-refused': { status: 403, title: 'The plugin may not share for an unnamed user', level: 'warn' },
  'study-not-found': { status: 404, title: 'There is no such study that you may see', level: 'info' },
  'share-not-found': { status: 404, title: 'There is no such share', level: 'info' },
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
  error('unknown-token-type', `The token type in the address must be one of ${known.join(', ')}.`);
export const viewerNotConfigured = (setting: string) =>
  error('viewer-not-configured', `Set ${setting} to mint tokens of this type.`);
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
    'The token service at MEDDREAM_TOKEN_SERVICE_URL gave no token; nothing was minted. Try again.',
    cause,
  );
export const orthancUnavailable = (cause: unknown) =>
  new DomainError(
    'orthanc-unavailable',
    'Orthanc gave no answer about the study at ORTHANC_URL; nothing was minted. Try again.',
    { cause, headers: { 'retry-after': '2' } },
  );
