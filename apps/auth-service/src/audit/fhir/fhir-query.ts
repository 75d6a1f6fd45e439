import { type EventName, type EventOutcome, clean, eventNames, eventSystem } from '@warden/events';
import type { AuditFilter, EventKey } from '../reading/audit-events.store.js';
import { eventCursorOf, keyOfEventCursor } from '../reading/event-cursor.js';
import { periodOfDate } from './fhir-date.js';
import { type FhirFault, FhirRefusal } from './fhir-refusal.js';
import { type FhirToken, alternativesOf, tokenOf } from './fhir-token.js';

/** One way to fulfil what was asked for: all of it must match. */
export type Alternative = AuditFilter & {
  /** Of one event. */
  readonly id?: string | undefined;
};

export interface FhirQuery {
  /** Any of these will do; none: nothing can match. */
  readonly alternatives: readonly Alternative[];
  readonly limit: number;
  readonly after: EventKey | null;
  /** What was looked for, for the record: `name=value` joined by `&`. */
  readonly asked: string;
  /**
   * Where this page is, and the one after it, seen from `[base]` and from `[base]/AuditEvent` alike. The service does not
   * know under which name, scheme and path its caller reaches it, and what a request says of that may be made up by
   * others: a client that follows such a link sends its credentials along.
   */
  linkTo(after: EventKey | null): string;
}

export type QueryMembers = Readonly<Record<string, string | readonly string[] | undefined>>;

type Problem = Omit<FhirFault, 'parameter'>;

/** Entries of a page: unless asked otherwise, and at most. */
const usual = 50;
const most = 1_000;
/** Each alternative is searched for by itself. */
const mostAlternatives = 16;
const longest = 256;

const wrong = (problem: string): Problem => ({ code: 'value', problem });
const unsupported = (problem: string): Problem => ({ code: 'not-supported', problem });

/** By the names of the parameters that say which events: what one value of theirs means. */
const criteria: Readonly<Record<string, (value: string, plain: boolean) => readonly Alternative[] | Problem>> = {
  _id: (value) => {
    if (!/^[A-Za-z0-9.-]{1,64}$/.test(value)) return wrong('is no id; send the id of an AuditEvent');
    // Every event has a UUID: another id is the id of nothing.
    return isUuid(value) ? [{ id: value.toLowerCase() }] : [];
  },
  date: (value) => {
    const period = periodOfDate(value);
    const remedy =
      'send 2026, 2026-11, 2026-11-21 or 2026-11-21T10:20:30Z, after eq, ge, gt, le, lt, sa or eb; the + of a zone is written %2B';
    return period === null ? wrong(`is no date that is known here; ${remedy}`) : [period];
  },
  agent: (value, plain) =>
    ofToken(value, plain, ({ system = '', value: id }) => {
      if (system !== '') return wrong('has a system, and who did it is named without one; send its value alone');
      // A recipient is told as the share that they hold, and everybody else by their id alone.
      return id.startsWith('share:') ? [{ actor: id }, { actor: id.slice('share:'.length) }] : [{ actor: id }];
    }),
  patient: (value, plain) =>
    ofToken(value, plain, ({ system = '', value: patient }) =>
      system === ''
        ? [{ patient }]
        : wrong('has a system, and which authority gave a PatientID is not recorded; send the PatientID alone'),
    ),
  entity: (value, plain) => ofToken(value, plain, entityOf),
  outcome: (value) => {
    const { system, value: code } = tokenOf(value) ?? { system: undefined, value: '' };
    const outcome = outcomes.get(code);
    return outcome === undefined || (system !== undefined && system !== 'http://hl7.org/fhir/audit-event-outcome')
      ? wrong('is no outcome; send 0, 4, 8 or 12')
      : [{ outcome }];
  },
  subtype: (value) => {
    const { system = eventSystem, value: name } = tokenOf(value) ?? { value: '' };
    if (system !== eventSystem)
      return unsupported(`is asked for by ${eventSystem} only; send ${eventSystem}|share.opened`);
    return isEventName(name)
      ? [{ events: [name] }]
      : wrong('is no event; send the name of one, such as share.opened, share.sent, access.disclosed');
  },
};

const outcomes: ReadonlyMap<string, EventOutcome> = new Map([
  ['0', 'success'],
  ['4', 'minor-failure'],
  ['8', 'serious-failure'],
  ['12', 'major-failure'],
]);

/** Parameters that name somebody or something: by identifier, in both of the ways that R4 has for it. */
const references = new Set(['agent', 'patient', 'entity']);

/**
 * Reads a search. What is not known here is refused, since a search without it finds other events than were asked for.
 * @param lenient the caller wants what is not known here left out instead (R4 search, errors).
 */
export function readFhirQuery(members: QueryMembers, lenient: boolean): FhirQuery {
  const reading = new QueryReading(lenient);
  for (const [name, given = []] of Object.entries(members)) reading.read(name, [given].flat());
  return reading.finished();
}

class QueryReading {
  private alternatives: readonly Alternative[] = [{}];
  private limit = usual;
  private after: EventKey | null = null;
  private readonly faults: FhirFault[] = [];
  private readonly asked: [string, string][] = [];
  private readonly shape: [string, string][] = [];

  /** What says how to answer and not which events, each at most once. */
  private readonly shapes: Readonly<Record<string, (value: string) => Problem | undefined>> = {
    _count: (value) => {
      const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
      if (count === 0) return wrong('is no size of a page; send a whole number from 1 to 1000');
      // R4 search, page count: a page may hold less than was asked for.
      this.limit = Math.min(count, most);
      return undefined;
    },
    cursor: (value) => {
      this.after = keyOfEventCursor(value);
      return this.after === null ? wrong('is not one of ours; follow the link next of the page before') : undefined;
    },
    _sort: (value) => {
      this.shape.push(['_sort', value]);
      return value === '-date' ? undefined : unsupported('is not offered here; the newest come first, which is -date');
    },
    // Whether it can be fulfilled was looked at already.
    _format: (value) => {
      this.shape.push(['_format', value]);
      return undefined;
    },
  };

  constructor(private readonly lenient: boolean) {}

  read(name: string, values: readonly string[]): void {
    const [base = ''] = name.split(/[:.]/, 1);
    const criterion = Object.hasOwn(criteria, base) ? criteria[base] : undefined;
    if (Object.hasOwn(this.shapes, name)) this.readShape(name, values);
    else if (criterion === undefined) this.leaveOut(name);
    else if (name !== base && !(references.has(base) && name.slice(base.length + 1) === 'identifier')) {
      // R4 search, modifiers: one that is not known is refused, however lenient.
      const remedy = references.has(base) ? `send ${base} or ${base}:identifier` : `send ${base}`;
      this.fault(name, unsupported(`is not offered here; ${remedy}`));
    } else for (const value of values) this.narrow(name, value, (one) => criterion(one, name === base));
  }

  finished(): FhirQuery {
    if (this.faults.length > 0) throw new FhirRefusal(400, this.faults);
    const { after, alternatives, asked, limit, shape } = this;
    const told: [string, string][] = [...asked, ...shape, ['_count', String(limit)]];
    return {
      alternatives: distinct(alternatives),
      limit,
      after,
      asked: asked.map(([name, value]) => `${name}=${value.replaceAll(/[%&=]/g, encodeURIComponent)}`).join('&'),
      linkTo: (key) => {
        const cursor: [string, string][] = key === null ? [] : [['cursor', eventCursorOf(key)]];
        return `AuditEvent?${new URLSearchParams([...told, ...cursor]).toString()}`;
      },
    };
  }

  private readShape(name: string, [value = '', ...more]: readonly string[]): void {
    const problem = more.length > 0 ? wrong('is given twice; send it once') : this.shapes[name]?.(value);
    if (problem !== undefined) this.fault(name, problem);
  }

  private leaveOut(name: string): void {
    if (!this.lenient)
      this.fault(name, unsupported('is not offered here; leave it out, or send Prefer: handling=lenient'));
  }

  private narrow(name: string, text: string, meaning: (value: string) => readonly Alternative[] | Problem): void {
    this.asked.push([name, text]);
    const values = alternativesOf(text);
    const any: Alternative[] = [];
    for (const value of values.slice(0, mostAlternatives + 1)) {
      const read = isReadable(value) ? meaning(value) : wrong(`is not of 1 to ${longest} characters; correct it`);
      if ('problem' in read) return this.fault(name, read);
      any.push(...read);
    }
    const all: Alternative[] = [];
    for (const one of this.alternatives)
      for (const other of joined(any)) {
        const both = bothOf(one, other);
        if (both === 'two') return this.fault(name, unsupported('asks for two at once; ask for one of them'));
        if (both !== null) all.push(both);
      }
    if (values.length > mostAlternatives || distinct(all).length > mostAlternatives)
      return this.fault(name, {
        code: 'too-costly',
        problem: `leads to more than ${mostAlternatives} searches; ask for fewer at once`,
      });
    this.alternatives = distinct(all);
  }

  private fault(name: string, problem: Problem): void {
    // A name may be as long as an address.
    const parameter = name.slice(0, 64);
    if (!this.faults.some((one) => one.parameter === parameter && one.problem === problem.problem))
      this.faults.push({ parameter, ...problem });
  }
}

function ofToken(
  value: string,
  plain: boolean,
  meaning: (token: FhirToken) => readonly Alternative[] | Problem,
): readonly Alternative[] | Problem {
  // Nothing that an event names is a resource of this server; that it finds nothing would mislead.
  if (plain && /^(https?:\/\/|[A-Z][A-Za-z]{2,40}\/[A-Za-z0-9.-]{1,64}$)/.test(value))
    return unsupported('names a resource, and events tell of identifiers; send the identifier');
  const token = tokenOf(value);
  return token === null ? wrong('is no identifier; send its value, a bar in it as \\|') : meaning(token);
}

/** A study or a share; what has no system may be a PatientID too, as events name a patient. */
function entityOf({ system, value }: FhirToken): readonly Alternative[] | Problem {
  const [, scheme, name = ''] = /^urn:(oid|uuid):(.*)$/s.exec(value) ?? [];
  if (system === 'urn:dicom:uid') return studyOf(scheme === 'oid' ? name : value);
  if (system !== undefined && system !== '' && system !== 'urn:ietf:rfc:3986')
    return wrong(`has a system by which no event names anything; ${entityRemedy}`);
  if (scheme === 'oid' && system !== '') return studyOf(name);
  if (scheme === 'uuid' && system !== '')
    return isUuid(name) ? [{ share: name.toLowerCase() }] : wrong(`is no UUID; ${entityRemedy}`);
  if (system === 'urn:ietf:rfc:3986') return wrong(`is neither urn:oid nor urn:uuid; ${entityRemedy}`);
  return isOrthancId(value) ? [{ study: value }] : [{ study: value }, { patient: value }];
}

const entityRemedy =
  'send urn:oid: and a Study Instance UID, urn:uuid: and the id of a share, or an identifier without a system';

function studyOf(study: string): readonly Alternative[] | Problem {
  return isUid(study) ? [{ study }] : wrong(`is no Study Instance UID; ${entityRemedy}`);
}

/** Events are searched for by several names at once; else one by one. */
function joined(any: readonly Alternative[]): readonly Alternative[] {
  const names = any.flatMap(({ events = [] }) => events);
  return names.length > 1 ? [{ events: [...new Set(names)] }] : any;
}

/** What fulfils both. Null: nothing can. `two`: two values of one kind, which an event may have, but no index finds. */
function bothOf(one: Alternative, other: Alternative): Alternative | null | 'two' {
  for (const name of ['id', 'actor', 'share', 'outcome'] as const)
    if (one[name] !== undefined && other[name] !== undefined && one[name] !== other[name]) return null;
  for (const name of ['patient', 'study'] as const)
    if (one[name] !== undefined && other[name] !== undefined && one[name] !== other[name]) return 'two';
  const from = Math.max(one.from ?? -Infinity, other.from ?? -Infinity);
  const to = Math.min(one.to ?? Infinity, other.to ?? Infinity);
  const names =
    one.events === undefined ? other.events : one.events.filter((name) => other.events?.includes(name) ?? true);
  if (from >= to || names?.length === 0) return null;
  return {
    ...one,
    ...other,
    ...(from === -Infinity ? {} : { from }),
    ...(to === Infinity ? {} : { to }),
    ...(names === undefined ? {} : { events: names }),
  };
}

function distinct(alternatives: readonly Alternative[]): Alternative[] {
  const known = new Map(
    alternatives.map((one) => [JSON.stringify(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))), one]),
  );
  return [...known.values()];
}

function isReadable(value: string): boolean {
  return value.trim() !== '' && clean(value, longest) === value;
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** DICOM PS3.5 section 9.1. */
function isUid(text: string): boolean {
  return text.length <= 64 && /^[0-2](\.(0|[1-9]\d*))+$/.test(text);
}

function isOrthancId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/.test(text);
}

function isEventName(name: string): name is EventName {
  return (eventNames as readonly string[]).includes(name);
}
