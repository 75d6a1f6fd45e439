import type { AuditFilter, EventKey, EventOrder } from '../audit-events.store.js';
import { type Stretch, microseconds } from './months.js';

/** What a statement looks for. */
export type Sought = AuditFilter & {
  /** Of an event. */
  readonly id?: string;
  /** There is something to erase. */
  readonly erasable?: true;
  /** A value that a reading of the record asked for, as its filter has it. */
  readonly asked?: string;
};

/** A moment with all the digits that the database has. */
export function momentText(filedAt: number): string {
  const milliseconds = Math.floor(filedAt / microseconds);
  const rest = String(filedAt - milliseconds * microseconds).padStart(3, '0');
  return new Date(milliseconds).toISOString().replace('Z', `${rest}Z`);
}

/**
 * Statements that find events in one stretch of time. The three tables of the record are each looked into by an index
 * that ends with the order of the events, so that a page costs what is on it. The bounds of the stretch are said of
 * each table: only so the database leaves out the other months while it plans.
 */
export class EventSearch {
  readonly values: unknown[] = [];
  private readonly classes: string;
  private readonly from: string;
  private readonly to: string;

  constructor(
    private readonly sought: Sought,
    stretch: Stretch,
  ) {
    this.classes = `${this.add(stretch.classes)}::text[]`;
    this.from = `${this.add(momentText(stretch.from))}::timestamptz`;
    this.to = `${this.add(momentText(stretch.to))}::timestamptz`;
  }

  /** Keys of a page: `class`, `filed_at`, `id`. */
  page(order: EventOrder, limit: number, after: EventKey | null): string {
    const direction = order === 'newest-first' ? 'DESC' : 'ASC';
    const sorted = `ORDER BY filed_at ${direction}, id ${direction} LIMIT ${this.add(limit)}`;
    const beyond =
      after === null
        ? []
        : [
            `(one.filed_at, one.id) ${order === 'newest-first' ? '<' : '>'} (${this.add(momentText(after.filedAt))}::timestamptz, ${this.add(after.id)}::uuid)`,
          ];
    const parts = this.parts(beyond).map((part) => `(${part} ${sorted})`);
    return parts.length === 1 ? `${parts[0]}` : `${parts.join(' UNION ')} ${sorted}`;
  }

  /** All of them as rows of `audit_event`, to be counted: a table expression named `event`. */
  all(): string {
    if (this.leading() === 'event') return `(${this.parts([], 'one.*').join('')}) AS event`;
    const keys = this.parts([]).join(' UNION ');
    return `(${keys}) AS key JOIN audit_event AS event ON ${same('event', 'key')} AND ${this.within('event')}`;
  }

  private add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  private within(alias: string): string {
    return `${alias}.class = ANY (${this.classes}) AND ${alias}.filed_at >= ${this.from} AND ${alias}.filed_at < ${this.to}`;
  }

  /** Which column has the fewest events in common. */
  private leading(): 'event' | 'patient' | 'study' | 'address' | 'names' {
    const { id, share, patient, study, address, events, actor } = this.sought;
    if (id !== undefined || share !== undefined) return 'event';
    if (patient !== undefined) return 'patient';
    if (study !== undefined) return 'study';
    if (address !== undefined) return 'address';
    return actor === undefined && events !== undefined && events.length > 1 ? 'names' : 'event';
  }

  /** An event may be in several. */
  private parts(more: readonly string[], columns = 'one.class, one.filed_at, one.id'): string[] {
    const { patient, study, address, events = [] } = this.sought;
    const part = (table: string, conditions: readonly string[]) =>
      `SELECT ${columns} FROM ${table} AS one WHERE ${[this.within('one'), ...conditions, ...more].join(' AND ')}`;
    const ofEvent = (alias: string, left: Left = {}) => this.conditions(alias, left);
    const throughEvent = (left: Left): string[] => {
      const conditions = ofEvent('event', left);
      return conditions.length === 0 ? [] : [this.exists('audit_event', 'event', 'one', conditions)];
    };
    switch (this.leading()) {
      case 'patient': {
        const value = this.add(patient);
        const rest = throughEvent({ patient: true });
        return ['audit_personal', 'audit_subject'].map((table) => part(table, [`one.patient = ${value}`, ...rest]));
      }
      case 'study': {
        const value = this.add(study);
        return [
          part('audit_event', [`one.study = ${value}`, ...ofEvent('one', { study: true })]),
          part('audit_subject', [`one.study = ${value}`, ...throughEvent({ study: true })]),
        ];
      }
      case 'address':
        return [part('audit_personal', [`one.address = ${this.add(address)}`, ...throughEvent({ address: true })])];
      case 'names': {
        const rest = ofEvent('one', { events: true });
        return events.map((name) => part('audit_event', [`one.name = ${this.add(name)}`, ...rest]));
      }
      case 'event':
        return [part('audit_event', ofEvent('one'))];
    }
  }

  /** Conditions on a row of `audit_event`, but for what the leading index says already. */
  private conditions(alias: string, left: Left): string[] {
    const { id, actor, patient, study, share, events, outcome, address } = this.sought;
    const conditions: string[] = [];
    if (id !== undefined) conditions.push(`${alias}.id = ${this.add(id)}::uuid`);
    if (share !== undefined) conditions.push(`${alias}.share_id = ${this.add(share)}::uuid`);
    if (actor !== undefined) conditions.push(`${alias}.actor_id = ${this.add(actor)}`);
    if (outcome !== undefined) conditions.push(`${alias}.outcome = ${this.add(outcome)}`);
    if (events !== undefined && left.events !== true)
      conditions.push(`${alias}.name = ANY (${this.add(events)}::text[])`);
    if (study !== undefined && left.study !== true) {
      const value = this.add(study);
      const further = this.exists('audit_subject', 'further', alias, [`further.study = ${value}`]);
      conditions.push(`(${alias}.study = ${value} OR ${further})`);
    }
    if (patient !== undefined && left.patient !== true) {
      const value = this.add(patient);
      const first = this.exists('audit_personal', 'half', alias, [`half.patient = ${value}`]);
      const further = this.exists('audit_subject', 'further', alias, [`further.patient = ${value}`]);
      conditions.push(`(${first} OR ${further})`);
    }
    if (address !== undefined && left.address !== true)
      conditions.push(this.exists('audit_personal', 'half', alias, [`half.address = ${this.add(address)}`]));
    if (this.sought.erasable === true)
      conditions.push(this.exists('audit_personal', 'half', alias, ['half.erasable IS NOT NULL']));
    if (this.sought.asked !== undefined) {
      const end = `${this.add(this.sought.asked)}::text || '&'`;
      const whole = `(half.erasable::json #>> '{detail,filter}') || '&'`;
      // FHIR may say a system before the value.
      const holds = `(strpos(${whole}, '=' || ${end}) > 0 OR strpos(${whole}, '|' || ${end}) > 0)`;
      conditions.push(this.exists('audit_personal', 'half', alias, [holds]));
    }
    return conditions;
  }

  private exists(table: string, alias: string, of: string, conditions: readonly string[]): string {
    const all = [same(alias, of), this.within(alias), ...conditions];
    return `EXISTS (SELECT FROM ${table} AS ${alias} WHERE ${all.join(' AND ')})`;
  }
}

export function same(alias: string, other: string): string {
  return ['class', 'filed_at', 'id'].map((column) => `${alias}.${column} = ${other}.${column}`).join(' AND ');
}

/** What another condition says already. */
type Left = { readonly [Member in 'patient' | 'study' | 'address' | 'events']?: true };
