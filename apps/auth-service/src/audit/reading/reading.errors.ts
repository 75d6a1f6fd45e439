import { DomainError, type ErrorTable } from '../../platform/errors/domain-error.js';

export const auditErrors = {
  'audit-event-not-found': { status: 404, title: 'There is no such event in the record', level: 'info' },
  'audit-search-too-wide': { status: 422, title: 'The search takes too long', level: 'info' },
  'audit-not-recorded': { status: 503, title: 'It cannot be recorded who reads the record', level: 'error' },
} as const satisfies ErrorTable;

export const auditEventNotFound = () =>
  new DomainError(
    'audit-event-not-found',
    'No event has this id, or it was kept for as long as it was to be; a new one is found within a second.',
  );
export const auditSearchTooWide = (cause: unknown) =>
  new DomainError(
    'audit-search-too-wide',
    'Too much would have to be looked at; narrow the time with from and to, or say more: a share, a patient, a study, an actor.',
    { cause },
  );
export const auditNotRecorded = (cause: unknown) =>
  new DomainError(
    'audit-not-recorded',
    'Each reading of the record is recorded, and this one cannot be: nothing is shown. Try again.',
    { cause, headers: { 'retry-after': '2' } },
  );
