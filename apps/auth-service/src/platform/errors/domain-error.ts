/** One thing wrong with what a caller sent. Never holds the value itself: it may be a secret, and it may be huge. */
export interface FieldFault {
  /** Where, as the caller spells it: `resources[0].dicom-uid`. */
  field: string;
  problem: string;
  /** What to send instead. */
  remedy: string;
}

/** What the rest of the product knows of an error: its code says everything else (status, title, log level). */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    /** Safe to show to the caller. */
    readonly detail: string,
    readonly options: { faults?: readonly FieldFault[]; cause?: unknown; headers?: Record<string, string> } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'DomainError';
  }
}

export interface ErrorMeaning {
  status: number;
  title: string;
  /** An expected refusal is not an alarm at night. */
  level: 'info' | 'warn' | 'error';
}

export type ErrorTable = Readonly<Record<string, ErrorMeaning>>;

/** Errors that no feature owns. */
export const platformErrors = {
  'invalid-input': { status: 400, title: 'Something in the request is not valid', level: 'info' },
  'unreadable-body': { status: 400, title: 'The body cannot be read', level: 'info' },
  'not-signed-in': { status: 401, title: 'Credentials are missing or wrong', level: 'info' },
  'not-allowed': { status: 403, title: 'These credentials may not do this', level: 'info' },
  'cross-site': { status: 403, title: 'A page of another origin may not do this', level: 'info' },
  'no-such-route': { status: 404, title: 'There is nothing here', level: 'info' },
  'method-not-allowed': { status: 405, title: 'This method is not offered here', level: 'info' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time', level: 'info' },
  'body-too-large': { status: 413, title: 'The body is too large', level: 'info' },
  'uri-too-long': { status: 414, title: 'The address is too long', level: 'info' },
  'unsupported-media-type': { status: 415, title: 'The body is not JSON', level: 'info' },
  internal: { status: 500, title: 'Something went wrong on our side', level: 'error' },
  'database-unavailable': { status: 503, title: 'The database cannot be reached now', level: 'error' },
  'schema-missing': { status: 503, title: 'The database lacks the tables of this release', level: 'error' },
} as const satisfies ErrorTable;

/** All faults at once, so that a caller corrects a request in one go. */
export function invalidInput(faults: readonly FieldFault[]): DomainError {
  const told = faults.slice(0, 3).map((fault) => `${fault.field} ${fault.problem}; ${fault.remedy}`);
  const detail = [...told, ...(faults.length > 3 ? [`${faults.length - 3} more in errors`] : [])].join('. ');
  return new DomainError('invalid-input', detail, { faults });
}

export function unreadableBody(problem: string): DomainError {
  return new DomainError('unreadable-body', `The body ${problem}; send a JSON object in UTF-8.`);
}

export function databaseUnavailable(cause: unknown): DomainError {
  return new DomainError(
    'database-unavailable',
    'The database cannot be reached; nothing was changed. Try again shortly.',
    {
      cause,
      headers: { 'retry-after': '2' },
    },
  );
}

export function schemaMissing(cause: unknown): DomainError {
  return new DomainError('schema-missing', 'Run npm run db:migrate (or set AUTO_MIGRATE=true); nothing was changed.', {
    cause,
    headers: { 'retry-after': '2' },
  });
}
