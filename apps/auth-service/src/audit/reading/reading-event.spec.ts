import { InMemoryEventLog } from '../../../../../test/support/in-memory-event-log.js';
import type { Caller } from '../../platform/http/caller.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { ReadingLog, filterText } from './reading-event.js';

const clock = { now: () => 1_795_800_000_000, monotonic: () => 0 };
const caller: Caller = {
  id: 'basic:ada',
  name: 'Ada',
  via: 'basic',
  scopes: [],
  permissions: ['audit-logs'],
  labels: [],
  roles: [],
};

it('tells what was asked for as name=value, lists value by value, moments in full', () => {
  expect(
    filterText({ from: 0, actor: undefined, patient: 'a&b=c%', events: ['share.opened', 'share.sent'], by: 'day' }),
  ).toBe('from=1970-01-01T00:00:00.000Z&patient=a%26b%3Dc%25&events=share.opened&events=share.sent&by=day');
  expect(filterText({})).toBe('');
});

it.each([
  ['json', 'audit.read'],
  ['html', 'audit.read'],
  ['fhir', 'audit.read'],
  ['csv', 'audit.exported'],
  ['ndjson', 'audit.exported'],
] as const)('%s is recorded as %s', async (format, name) => {
  const log = new InMemoryEventLog();
  await new ReadingLog(log, clock).tell(caller, format, 'patient=P1');
  expect(log.events).toEqual([
    expect.objectContaining({
      name,
      at: clock.now(),
      actor: { kind: 'user', id: 'basic:ada', name: 'Ada' },
      detail: { format, filter: 'patient=P1' },
    }),
  ]);
});

it('is refused with 503 for whatever reason it cannot be recorded', async () => {
  const outage = new DomainError('database-unavailable', 'gone');
  for (const [error, code] of [
    [new Error('permission denied'), 'audit-not-recorded'],
    [outage, 'database-unavailable'],
  ] as const) {
    const log = { append: () => Promise.reject(error) };
    await expect(new ReadingLog(log, clock).tell(caller, 'json', '')).rejects.toMatchObject({ code });
  }
});
