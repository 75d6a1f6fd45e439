import { csvRow } from './csv.js';
import type { FiledEvent } from './audit-events.store.js';
import { presentFiledEvent } from './audit-events.presenter.js';

const columns = [
  'id',
  'at',
  'filedAt',
  'class',
  'event',
  'outcome',
  'reason',
  'actorKind',
  'actorId',
  'actorName',
  'address',
  'userAgent',
  'requestId',
  'shareId',
  'shareType',
  'studies',
  'patients',
  'detail',
  'erased',
] as const;

type EventColumns = Readonly<Record<(typeof columns)[number], string | boolean | null>>;

/** Lists are joined by a line feed, which no id holds that a person wrote; `detail` is JSON. */
export async function* eventsAsCsv(batches: AsyncIterable<readonly FiledEvent[]>): AsyncGenerator<string> {
  yield csvRow(columns);
  for await (const batch of batches) yield batch.map(eventRow).join('');
}

/** Each line is an event as the API shows it, ended by LF. */
export async function* eventsAsNdjson(batches: AsyncIterable<readonly FiledEvent[]>): AsyncGenerator<string> {
  for await (const batch of batches) yield batch.map((one) => `${JSON.stringify(presentFiledEvent(one))}\n`).join('');
}

function eventRow(filed: FiledEvent): string {
  const { actor, share, detail, ...shown } = presentFiledEvent(filed);
  const row: EventColumns = {
    ...shown,
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    shareId: share?.id ?? null,
    shareType: share?.type ?? null,
    studies: share?.studies.join('\n') ?? null,
    patients: share?.patients.join('\n') ?? null,
    detail: JSON.stringify(detail),
  };
  return csvRow(columns.map((name) => row[name]));
}
