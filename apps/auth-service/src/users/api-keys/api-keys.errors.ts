import { DomainError, type ErrorTable, type FieldFault, invalidInput } from '../../platform/errors/domain-error.js';

export const apiKeysErrors = {
  'api-key-exceeds-caller': { status: 403, title: 'The key could do more than you', level: 'info' },
  'api-key-not-found': { status: 404, title: 'There is no such API key', level: 'info' },
  'api-key-ended': { status: 409, title: 'The API key is revoked or expired', level: 'info' },
} as const satisfies ErrorTable;

type Code = keyof typeof apiKeysErrors;

function error(code: Code, detail: string): DomainError {
  return new DomainError(code, detail);
}

/** How many are named: the caller sent them, so a few are enough. */
const named = 3;

export const apiKeyExceedsCaller = (missing: readonly string[]) =>
  error(
    'api-key-exceeds-caller',
    `You do not have ${missing.slice(0, named).join(', ')}${missing.length > named ? ` and ${missing.length - named} more` : ''}; ` +
      'a key may do only what you may do. Leave it out, or ask somebody who has it.',
  );
export const apiKeyNotFound = () =>
  error('api-key-not-found', 'No API key has this id; list them with GET /api/v1/api-keys.');
export const apiKeyEnded = () =>
  error('api-key-ended', 'A revoked or expired key gets no new secret; make another key with POST /api/v1/api-keys.');

const notInFuture: FieldFault = {
  field: 'expiresAt',
  problem: 'is not in the future',
  remedy: 'send a later time, or leave it out for a key that never expires',
};
export const expiryNotInFuture = () => invalidInput([notInFuture]);
