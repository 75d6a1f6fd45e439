import { DomainError, type ErrorMeaning, type ErrorTable, platformErrors } from '../errors/domain-error.js';

export interface Problem {
  readonly code: string;
  readonly meaning: ErrorMeaning;
  readonly headers: Record<string, string>;
  /** RFC 9457 document as text. */
  readonly body: string;
}

export const problemMediaType = 'application/problem+json; charset=utf-8';

const lookInTheLog = 'Look for this request id in the log.';

/** Renders an error for its caller. Of an unknown error nothing is told but the request id (RFC 9457 section 5). */
export function renderProblem(error: unknown, table: ErrorTable, requestId: string): Problem {
  const named = error instanceof DomainError && Object.hasOwn(table, error.code) ? table[error.code] : undefined;
  const { code, detail, options } =
    error instanceof DomainError && named !== undefined ? error : new DomainError('internal', lookInTheLog);
  const meaning = named ?? platformErrors.internal;
  const document = {
    type: `urn:orthanc-warden:error:${code}`,
    title: meaning.title,
    status: meaning.status,
    code,
    detail: meaning.status === 500 ? lookInTheLog : detail,
    instance: `urn:orthanc-warden:request:${requestId}`,
    ...(options.faults === undefined ? {} : { errors: options.faults }),
  };
  const headers = { ...options.headers };
  // RFC 7617 section 2: the realm is required.
  if (meaning.status === 401) headers['www-authenticate'] = 'Basic realm="orthanc-warden", charset="UTF-8"';
  return { code, meaning, headers, body: JSON.stringify(document) };
}
