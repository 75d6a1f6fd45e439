import { DomainError, type ErrorMeaning, type ErrorTable, platformErrors } from '../errors/domain-error.js';

export interface Problem {
  readonly code: string;
  readonly meaning: ErrorMeaning;
  readonly headers: Record<string, string>;
  /** RFC 9457 document as text. */
  readonly body: string;
}

export const problemMediaType = 'application/problem+json; charset=utf-8';

/** Renders an error for its caller. Of an unknown error nothing is told but the request id (RFC 9457 section 5). */
export function renderProblem(error: unknown, table: ErrorTable, requestId: string): Problem {
  const known =
    error instanceof DomainError ? error : new DomainError('internal', 'Look for this request id in the log.');
  const meaning = table[known.code] ?? platformErrors.internal;
  const document = {
    type: `urn:orthanc-warden:error:${known.code}`,
    title: meaning.title,
    status: meaning.status,
    code: known.code,
    detail: meaning.status === 500 ? 'Look for this request id in the log.' : known.detail,
    instance: `urn:orthanc-warden:request:${requestId}`,
    ...(known.options.faults === undefined ? {} : { errors: known.options.faults }),
  };
  const headers = { ...known.options.headers };
  // RFC 7617 section 2: the realm is required.
  if (meaning.status === 401) headers['www-authenticate'] = 'Basic realm="orthanc-warden", charset="UTF-8"';
  return { code: known.code, meaning, headers, body: JSON.stringify(document) };
}
