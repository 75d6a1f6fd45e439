import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import { type FhirOperationOutcome, type IssueCode, operationOutcome } from '@warden/events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type ErrorTable, platformErrors } from '../../platform/errors/domain-error.js';
import { renderProblem } from '../../platform/http/problem.js';
import { Log } from '../../platform/observability/log.js';
import { auditErrors } from '../reading/reading.errors.js';
import { fhirMediaType } from './fhir-format.js';
import { type FhirFault, FhirRefusal } from './fhir-refusal.js';

/** What these routes can meet. */
const errors: ErrorTable = { ...platformErrors, ...auditErrors };

/** What R4 calls it, where the status does not say. */
const issues: Readonly<Record<number, IssueCode>> = {
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  422: 'too-costly',
  500: 'exception',
  503: 'transient',
};

/**
 * Errors of the FHIR routes are OperationOutcomes (R4 RESTful API, status codes). Whoever may not come in is refused before there
 * is a route, with a problem document as everywhere.
 */
@Injectable()
@Catch()
export class FhirRefusalFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (thrown instanceof FhirRefusal) {
      request.outcome = thrown.status === 406 ? 'not-acceptable' : 'invalid-input';
      answer(reply, thrown.status, {}, outcomeOf(thrown.faults));
    } else this.answerError(thrown, request, reply);
  }

  private answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { code, headers, meaning } = renderProblem(error, errors, request.id);
    if (meaning.level !== 'info') {
      const cause = error instanceof DomainError ? error.options.cause : error;
      const told =
        cause instanceof Error ? (meaning.status === 500 ? cause.stack : cause.message.slice(0, 300)) : undefined;
      this.log[meaning.level]('request-failed', { id: request.id, code, cause: told });
    }
    request.outcome = code;
    const issue = issues[meaning.status] ?? 'invalid';
    answer(reply, meaning.status, headers, operationOutcome(issue, diagnosticsOf(error, code, request.id)));
  }
}

/** The public face of an error alone. */
function diagnosticsOf(error: unknown, code: string, requestId: string): string {
  if (code === 'audit-search-too-wide')
    return 'Too much would have to be looked at; narrow the time with date, or say more: a patient, an agent, an entity.';
  if (code === 'internal' || !(error instanceof DomainError))
    return `Look for this request id in the log: ${requestId}`;
  return error.detail;
}

/** All faults at once. */
function outcomeOf(faults: readonly FhirFault[]): FhirOperationOutcome {
  const issue = faults.flatMap(
    ({ code, parameter, problem }) => operationOutcome(code, `${parameter} ${problem}`, `http.${parameter}`).issue,
  );
  return { resourceType: 'OperationOutcome', issue };
}

function answer(
  reply: FastifyReply,
  status: number,
  headers: Readonly<Record<string, string>>,
  outcome: FhirOperationOutcome,
): void {
  void reply
    .status(status)
    .headers({ ...headers, 'content-type': fhirMediaType, 'cache-control': 'no-store' })
    .send(JSON.stringify(outcome));
}
