import { Injectable } from '@nestjs/common';
import { type EventClass, eventClasses } from '@warden/events';
import { advisoryLocks } from '../../../platform/database/advisory-locks.js';
import { Database, type Row } from '../../../platform/database/database.js';
import type { EventKey } from '../../reading/audit-events.store.js';
import { EventSearch, type Sought, momentText } from '../../reading/infra/event-search.js';
import { type FiledMonth, type Stretch, boundsOf, filedMonths, stretchesOf } from '../../reading/infra/months.js';
import { filterValue } from '../../reading/reading-event.js';
import { ErasuresStore, type ToErase } from '../erasures.store.js';

/** Events in one statement. */
const batch = 1_000;
const order = 'oldest-first';

@Injectable()
export class PostgresErasuresStore extends ErasuresStore {
  constructor(private readonly database: Database) {
    super();
  }

  async count(wanted: ToErase): Promise<number> {
    let count = 0;
    for (const sought of allSought(wanted)) {
      for (const stretch of await this.stretches(sought)) {
        const search = new EventSearch(sought, stretch);
        const [row] = await this.database.query<{ count: string }>(
          `SELECT count(*) AS count FROM ${search.all()}`,
          search.values,
        );
        count += Number(row?.count ?? 0);
      }
    }
    return count;
  }

  async erase(wanted: ToErase, toldBy: string): Promise<number> {
    await this.database.query('SELECT pg_advisory_xact_lock($1)', [advisoryLocks.erasure]);
    let erased = 0;
    for (const sought of allSought(wanted)) {
      for (const stretch of await this.stretches(sought)) {
        let after: EventKey | null = null;
        for (let last = false; !last;) {
          const keys: EventKey[] = await this.keys(sought, stretch, after);
          erased += await this.eraseThese(keys, toldBy);
          after = keys.at(-1) ?? null;
          last = keys.length < batch;
        }
      }
    }
    return erased;
  }

  private async keys(sought: Sought, stretch: Stretch, after: EventKey | null): Promise<EventKey[]> {
    const search = new EventSearch(sought, stretch);
    const statement = search.page(order, batch, after);
    const rows = await this.database.query<KeyRow>(
      `SELECT id, (extract(epoch FROM filed_at) * 1000000)::bigint AS filed_at FROM (${statement}) AS key
       ORDER BY key.filed_at, id`,
      search.values,
    );
    return rows.map(({ id, filed_at: filedAt }) => ({ id, filedAt: Number(filedAt) }));
  }

  private async eraseThese(keys: readonly EventKey[], toldBy: string): Promise<number> {
    if (keys.length === 0) return 0;
    const [row] = await this.database.query<{ erased: number }>(
      'SELECT audit_erase($1::timestamptz[], $2::uuid[], $3) AS erased',
      [keys.map(({ filedAt }) => momentText(filedAt)), keys.map(({ id }) => id), toldBy],
    );
    return row?.erased ?? 0;
  }

  private async stretches({ class: kind, from, to }: Sought): Promise<Stretch[]> {
    const classes: readonly EventClass[] = kind === undefined ? eventClasses : [kind];
    const filed = await this.database.query<FiledMonth & Row>(filedMonths, [classes]);
    const bounds = boundsOf({ from, to });
    return bounds.from < bounds.to ? stretchesOf(filed, bounds, order) : [];
  }
}

interface KeyRow extends Row {
  id: string;
  /** Microseconds since the epoch. */
  filed_at: string;
}

/** Who reads the record names a patient too. No event is of both kinds: a reading is about no share. */
function allSought(wanted: ToErase): Sought[] {
  const { patient, ...others } = wanted;
  const named: Sought = { ...wanted, erasable: true };
  if (patient === undefined) return [named];
  const readings: Sought = {
    ...others,
    class: 'management',
    events: ['audit.read', 'audit.exported'],
    asked: filterValue(patient),
    erasable: true,
  };
  return [named, readings];
}
