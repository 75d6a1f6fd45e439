/**
 * Verifies an export of the record of orthanc-warden without a database, a network or any other file of the product:
 *
 *   node verify-export.js EXPORT [--checkpoint FILE]… [--key FILE|KEY-ID]…
 *
 * EXPORT is what `warden audit export` wrote; `-` is stdin. Exit code 0: whole. 1: tampered with. 2: it cannot be told.
 * Imports nothing but node's own modules, so that an auditor can read all of it and run it anywhere.
 */
import * as crypto from 'node:crypto';
import { createReadStream, readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const classes = ['access', 'denial', 'disclosure', 'management'];
/** Clocks of replicas differ; a checkpoint that is newer than the export by theirs may be older than it. */
const clocksDiffer = 10_000;
/** A step of the database's clock that is no sign of anything. */
const clockStep = 3_600_000;
const mostPrinted = 20;
/** Read at once. */
export const pieceBytes = 256 * 1024;

/** Everything that can be found. Closed: a script may search for the words. */
const faults = {
  'line-unreadable': 'This line of the export is not of its form.',
  'record-unreadable': 'The record is no JSON object.',
  'record-changed':
    'The hash does not follow from the record and the one before it: this record, its hash or the hash before it was changed.',
  'record-missing': 'The record is not there.',
  'record-added': 'The chain does not have this record: its number is taken, or lies beyond the end of the chain.',
  'record-moved': 'The record is not in its place.',
  'record-not-canonical': 'The record is not written as RFC 8785 asks, so that it may be read in two ways.',
  'column-changed': 'What is searched by is not what the record says.',
  'time-changed': 'It is filed under a time that the record does not explain.',
  'half-changed': 'The half that can be erased is not the one that the record committed to.',
  'half-missing': 'The half that can be erased is gone, and no erasure is named.',
  'half-added': 'The record committed to no half that can be erased, and there is one.',
  'personal-column-changed': 'The patient or address that is searched by is not what the event says.',
  'subject-changed': 'The further studies or patients that are searched by are not what the event says.',
  'erasure-untold': 'The half that can be erased is gone, and the record does not tell of the erasure that is named.',
  'erasure-larger-than-told': 'More events name this erasure than the record tells of.',
  'position-changed': 'The place in the order of all events is taken, or is not after the one before it.',
  'position-missing': 'The order of all events has gaps, as if some were taken out.',
  'chain-missing': 'The chain is not there.',
  'chain-broken': 'The chain does not begin where the one before it ends: a chain was changed, removed or slipped in.',
  'chain-end-changed': 'The chain does not end as its row says.',
  'chain-untold': 'There are events, and no row of their chain.',
  'drop-untold': 'The events of the chain are gone, and the record does not tell that they had been kept long enough.',
  'checkpoint-unreadable': 'The checkpoint is not of its form.',
  'checkpoint-signature': 'The signature is not one over this checkpoint.',
  'checkpoint-key': 'The checkpoint was signed with another key than the one that was given.',
  truncated: 'A checkpoint saw more records: the end of the chain was cut off.',
  rewritten: 'A checkpoint saw another record here: what is there now was written afterwards.',
} as const;

/** Why it cannot be told. */
const doubts = {
  'no-export': 'What was read is no export of the record.',
  'cut-short': 'The export ends before its end: it was cut, or the download broke off. Export it again.',
  'erased-meanwhile': 'Something was erased or dropped while the export was made. Export it again.',
  'erased-elsewhere': 'Something was erased by an event of a month that was not exported. Export to the present.',
  'dropped-elsewhere': 'A chain was dropped by an event of a month that was not exported. Export to the present.',
  'checkpoint-later': 'A checkpoint was made after the export and tells of more. Export it again.',
  'key-unknown': 'A checkpoint was signed with a key that is not known here. Give it with --key FILE.',
  'no-checkpoint': 'A file of checkpoints holds none.',
} as const;

export type FaultWord = keyof typeof faults;
export type DoubtWord = keyof typeof doubts;

export interface Fault {
  readonly word: FaultWord;
  readonly class: string | null;
  /** `2026-11`. */
  readonly month: string | null;
  /** Within its chain. */
  readonly number: number | null;
  readonly id: string | null;
  readonly sentence: string;
}

export interface Verdict {
  readonly outcome: 'whole' | 'tampered' | 'unknown';
  /** Of each kind the first one, and further ones up to a bound. */
  readonly faults: readonly Fault[];
  readonly counts: ReadonlyMap<FaultWord, number>;
  readonly doubts: readonly DoubtWord[];
  readonly events: number;
  /** For people. */
  readonly text: string;
}

/** A signed checkpoint, as it left the host: the members of one line of a checkpoint file or of the log. */
export interface SignedCheckpoint {
  readonly checkpoint: string;
  readonly signature: string;
  readonly publicKey: string | null;
}

/** A key that checkpoints must be signed with. */
export interface PinnedKey {
  readonly id: string;
  /** Base64url; null: only the id is known. */
  readonly raw: string | null;
}

interface CheckpointText {
  readonly at: number;
  readonly chains: readonly { class: string; head: string; month: string; size: number }[];
  readonly key: string;
  readonly origin: string;
}

/** What a checkpoint saw of a chain. */
interface Mark {
  readonly size: number;
  readonly head: string;
  readonly at: number;
  readonly outside: boolean;
}

interface Chain {
  readonly class: string;
  readonly month: string;
  readonly begins: number;
  readonly ends: number;
  readonly size: number | null;
  readonly head: string | null;
  readonly marks: readonly Mark[];
  nextMark: number;
  /** The last number at which a checkpoint agreed. */
  agreed: number;
  /** The number that comes next. */
  next: number;
  /** Hexadecimal; null after a gap. */
  hash: string | null;
  before: string | null;
  last: { readonly id: string; readonly fits: boolean } | null;
  missing: [number, number][];
  position: number;
  /** Latest moment of sealing that is certain. */
  sealed: number;
  /** The event that was filed furthest behind its time. */
  behind: { readonly filed: number; readonly number: number; readonly id: string } | null;
}

interface Header {
  readonly origin: string;
  readonly at: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly positions: number;
  readonly key: string;
  readonly keys: Readonly<Record<string, string>>;
  /** When the newest checkpoint that the record has was made; null: it has none. */
  readonly newest: number | null;
}

type Fields = Record<string, unknown>;

/** Texts that are hashed have one character for each byte. */
interface EventLine {
  readonly n: number;
  readonly position: number;
  readonly hash: string;
  readonly filed: number;
  readonly id: string;
  /** filed_at, id, name, actor_id, share_id, study, outcome, reason. */
  readonly columns: readonly unknown[];
  readonly half: string | null;
  /** Hexadecimal. */
  readonly salt: string | null;
  readonly erasedBy: string | null;
  /** Patient, address. */
  readonly personal: readonly unknown[] | null;
  /** Further studies, further patients. */
  readonly subjects: readonly [readonly unknown[] | null, readonly unknown[] | null] | null;
  readonly record: string;
}

type HashFunction = (algorithm: string, data: Uint8Array, encoding: 'hex' | 'base64url') => string;
/** One call in place of three objects; node has it from 20.12 on. */
const atOnce = (crypto as { hash?: HashFunction }).hash;
const sha256: HashFunction =
  atOnce ?? ((algorithm, data, encoding) => crypto.createHash(algorithm).update(data).digest(encoding));

/** Takes an export piece by piece, in bounded memory, and tells at its end how it stands. */
export class ExportVerifier {
  /** What was read of a line that has not ended. */
  private rest: Buffer[] = [];
  private bytes = Buffer.alloc(64 * 1024);
  private readonly plain = new PlainLine();
  private header: Header | null = null;
  private ended = false;
  private chain: Chain | null = null;
  private readonly told: Fault[] = [];
  private readonly counts = new Map<FaultWord, number>();
  private readonly doubted = new Set<DoubtWord>();
  private readonly ends = new Map<string, { readonly size: number; readonly head: string | null }>();
  private readonly heads = new Map<string, string | null>();
  private readonly dropped: { class: string; month: string; size: number; at: number }[] = [];
  private readonly marks = new Map<string, Map<string, Mark>>();
  private readonly places = new Places();
  private readonly erased = new Map<string, { count: number; class: string; month: string; number: number }>();
  private readonly erasures = new Map<string, number>();
  private readonly expiries = new Map<string, number>();
  private readonly inside = { count: 0, first: Infinity, last: -Infinity };
  private readonly outside = { count: 0, first: Infinity, last: -Infinity };
  private readonly signers = new Set<string>();
  private newestOutside: CheckpointText | null = null;
  private events = 0;
  private earliest = Infinity;
  private latest = -Infinity;
  private readonly keyObjects = new Map<string, crypto.KeyObject | null>();

  /**
   * @param given checkpoints from outside: only they tell of a record that was cut off or rewritten as a whole.
   * @param pinned none: any key is taken, and the verdict says so.
   */
  constructor(
    private readonly given: readonly SignedCheckpoint[] = [],
    private readonly pinned: readonly PinnedKey[] = [],
  ) {}

  /** @param chunk may be used for something else afterwards. */
  take(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    if (this.rest.length > 0) {
      from = bytes.indexOf(lineFeed) + 1;
      if (from > 0) {
        this.lines(Buffer.concat([...this.rest, bytes.subarray(0, from)]), 0);
        this.rest = [];
      }
    }
    from = this.lines(bytes, from);
    if (from < bytes.length) this.rest.push(Buffer.from(bytes.subarray(from)));
  }

  /** Where the line begins that has not ended. */
  private lines(bytes: Buffer, begin: number): number {
    let from = begin;
    for (const last = bytes.lastIndexOf(lineFeed); from <= last;) {
      let end = this.plainEvent(bytes, from);
      if (end < 0) {
        end = bytes.indexOf(lineFeed, from);
        // One character for each byte: lengths are those of the export, and what is hashed is what was read.
        this.line(bytes.toString('latin1', from, end));
      }
      from = end + 1;
    }
    return from;
  }

  end(): Verdict {
    // A last line without its end was cut.
    this.rest = [];
    if (this.header === null) {
      this.doubted.clear();
      this.doubted.add('no-export');
    } else if (!this.ended) this.doubted.add('cut-short');
    else {
      this.finishChain();
      this.judgeChains();
      this.judgeErasures();
      this.judgePlaces();
    }
    return this.verdict();
  }

  private line(text: string): void {
    if (this.header === null) {
      this.header = readHeader(utf8(text));
      if (this.header === null) this.ended = true;
      else for (const one of this.given) this.checkpoint(one, true);
      return;
    }
    if (this.ended) return;
    if (text.startsWith('{"n":')) return this.event(text);
    const line = parsed(utf8(text));
    if (typeof line?.['chain'] === 'string') this.begin(line);
    else if (typeof line?.['checkpoint'] === 'string' && this.ends.size === 0)
      this.checkpoint(line as unknown as SignedCheckpoint, false);
    else if (isObject(line?.['end'])) this.ended = true;
    else this.fault('line-unreadable', this.placeInChain(null));
  }

  private begin(line: Fields): void {
    this.finishChain();
    const { chain: name, month, size, head, previous, dropped } = line;
    const begins = Date.parse(`${String(month)}-01T00:00:00Z`);
    if (
      typeof name !== 'string' ||
      typeof month !== 'string' ||
      !(size === null || isCount(size)) ||
      !(head === null || isHash(head)) ||
      !(previous === null || isHash(previous)) ||
      Number.isNaN(begins)
    ) {
      this.fault('line-unreadable', nowhere);
      return;
    }
    const at = { ...nowhere, class: name, month };
    if (size === null || head === null) this.fault('chain-untold', at);
    if (this.ends.has(keyOf(name, month))) this.fault('chain-broken', at);
    const first = !this.heads.has(name);
    // What came before the first month of a part was not exported.
    if (size !== null && !(first && this.header?.from != null) && previous !== (this.heads.get(name) ?? null))
      this.fault('chain-broken', at);
    this.ends.set(keyOf(name, month), { size: size ?? 0, head });
    this.heads.set(name, head);
    if (typeof dropped === 'number') this.dropped.push({ class: name, month, size: size ?? 0, at: dropped });
    const genesis = sha256(
      'sha256',
      Buffer.from(['orthanc-warden audit chain', name, month, previous ?? ''].join('\n')),
      'hex',
    );
    const marks = [...(this.marks.get(keyOf(name, month))?.values() ?? [])].sort((a, b) => a.size - b.size);
    if (typeof dropped === 'number') {
      this.judgeDroppedMarks(at, size ?? 0, head, genesis, marks);
      return;
    }
    this.chain = {
      class: name,
      month,
      begins,
      ends: nextMonth(begins),
      size,
      head,
      marks,
      nextMark: 0,
      agreed: 0,
      next: 1,
      hash: genesis,
      before: null,
      last: null,
      missing: [],
      position: 0,
      sealed: -Infinity,
      behind: null,
    };
    this.compareMarks(this.chain, 0, genesis, null);
  }

  private judgeDroppedMarks(
    at: Place,
    size: number,
    head: string | null,
    genesis: string,
    marks: readonly Mark[],
  ): void {
    for (const mark of marks) {
      if (mark.size > size && this.isLater(mark)) this.doubted.add('checkpoint-later');
      else if (mark.size > size) this.fault('truncated', { ...at, number: size + 1 });
      else if ((mark.size === size && mark.head !== head) || (mark.size === 0 && mark.head !== genesis))
        this.fault('rewritten', { ...at, number: size });
    }
  }

  /**
   * Nearly every line is of one form, and nothing is wrong with it. To see that, no text has to be made of it, which is
   * what costs most. At any doubt nothing has been done yet, and the line is read with care instead.
   * @returns where the line ends. Negative: it is to be read with care.
   */
  private plainEvent(bytes: Buffer, from: number): number {
    const { chain, plain } = this;
    if (chain === null || this.ended || !plain.read(bytes, from)) return -1;
    const { number } = plain;
    if (number !== chain.next || chain.hash === null || (chain.size !== null && number > chain.size)) return -1;
    const hash = this.plainLinked(chain.hash, bytes);
    if (!plain.hash.holds(bytes, 0, hash)) return -1;
    if (!plain.half.isEmpty && !plain.commitment.holds(bytes, 1, this.plainCommitment(bytes))) return -1;
    const id = bytes.toString('utf8', plain.id.begin + 1, plain.id.end - 1);
    this.events++;
    this.follow(chain, number, hash, id, true);
    this.judgePosition(chain, number, plain.position, id);
    this.judgeTime(chain, number, id, plain.filed, plain.at);
    return plain.end;
  }

  private plainLinked(before: string, bytes: Buffer): string {
    const { number, record } = this.plain;
    const end = 41 + record.end - record.begin;
    this.beginLink(before, number, end);
    bytes.copy(this.bytes, 41, record.begin, record.end);
    return sha256('sha256', this.bytes.subarray(0, end), 'hex');
  }

  private plainCommitment(bytes: Buffer): string {
    const { salt, half } = this.plain;
    const saltLength = (salt.end - salt.begin) / 2;
    const end = saltLength + half.end - half.begin;
    this.makeRoom(end);
    salt.decodeHex(bytes, this.bytes);
    bytes.copy(this.bytes, saltLength, half.begin, half.end);
    return sha256('sha256', this.bytes.subarray(0, end), 'base64url');
  }

  private event(text: string): void {
    const { chain } = this;
    const line = readEventLine(text);
    if (chain === null || line === null) {
      this.fault('line-unreadable', this.placeInChain(null));
      return;
    }
    const { n, id } = line;
    this.events++;
    this.link(chain, n, line.hash, id, line.record);
    this.judgePosition(chain, n, line.position, id);
    const facts = factsOf(line.record);
    if (facts === null) {
      this.fault('record-unreadable', place(chain, n, id));
      return;
    }
    if (!facts.canonical) this.fault('record-not-canonical', place(chain, n, id));
    this.judgeColumns(chain, line, facts, id);
    this.judgeTime(chain, n, id, line.filed, facts.at);
    this.judgeHalf(chain, line, facts, id);
    const { name, detail } = facts;
    if (name === 'audit.erased') this.erasures.set(String(facts.id), Number(detail?.['count']));
    else if (name === 'audit.expired')
      this.expiries.set(keyOf(String(detail?.['class']), String(detail?.['month'])), Number(detail?.['count']));
  }

  private link(chain: Chain, number: number, hash: string, id: string, record: string): void {
    if (number < chain.next) {
      this.outOfOrder(chain, number, hash, id, record);
      return;
    }
    if (number > chain.next) {
      chain.missing.push([chain.next, number - 1]);
      chain.hash = null;
    }
    const fits = chain.hash === null || this.linked(chain.hash, number, record) === hash;
    if (!fits) this.fault('record-changed', place(chain, number, id));
    if (chain.size !== null && number > chain.size) this.fault('record-added', place(chain, number, id));
    this.follow(chain, number, hash, id, fits);
  }

  private follow(chain: Chain, number: number, hash: string, id: string, fits: boolean): void {
    chain.last = { id, fits };
    chain.before = chain.hash;
    chain.hash = hash;
    chain.next = number + 1;
    if (chain.nextMark < chain.marks.length) this.compareMarks(chain, number, hash, id);
  }

  private outOfOrder(chain: Chain, number: number, hash: string, id: string, record: string): void {
    const gap = chain.missing.findIndex(([from, to]) => from <= number && number <= to);
    if (gap >= 0) {
      const [from, to] = chain.missing[gap] as [number, number];
      const around: [number, number][] = [
        [from, number - 1],
        [number + 1, to],
      ];
      chain.missing.splice(gap, 1, ...around.filter(([one, other]) => one <= other));
      this.fault('record-moved', place(chain, number, id));
      return;
    }
    const genuine =
      number === chain.next - 1 &&
      chain.last !== null &&
      !chain.last.fits &&
      chain.before !== null &&
      this.linked(chain.before, number, record) === hash;
    // Of two with one number the one that follows from what is before it is the one that was sealed.
    this.fault('record-added', place(chain, number, genuine ? (chain.last?.id ?? id) : id));
    if (genuine) {
      chain.hash = hash;
      chain.last = { id, fits: true };
    }
  }

  /** SHA-256(0x00 ‖ hash before it ‖ number as int8, big-endian ‖ record in UTF-8). */
  private linked(before: string, number: number, record: string): string {
    this.beginLink(before, number, 41 + record.length);
    const length = this.bytes.write(record, 41, 'latin1');
    return sha256('sha256', this.bytes.subarray(0, 41 + length), 'hex');
  }

  /** All but the record. */
  private beginLink(before: string, number: number, length: number): void {
    this.makeRoom(length);
    const { bytes } = this;
    bytes[0] = 0;
    bytes.write(before, 1, 'hex');
    bytes.writeUInt32BE(Math.floor(number / 0x1_0000_0000), 33);
    bytes.writeUInt32BE(number % 0x1_0000_0000, 37);
  }

  private makeRoom(length: number): void {
    if (this.bytes.length < length) this.bytes = Buffer.alloc(length * 2);
  }

  private compareMarks(chain: Chain, number: number, hash: string, id: string | null): void {
    for (let mark; (mark = chain.marks[chain.nextMark]) !== undefined && mark.size <= number; chain.nextMark++) {
      // One that is passed over stands at a record that is missing, which is told anyway.
      if (mark.size < number) continue;
      if (mark.head === hash) chain.agreed = number;
      else
        this.fault(
          'rewritten',
          place(chain, number, id),
          number > chain.agreed + 1 ? ` The first that was rewritten has a number from ${chain.agreed + 1} on.` : '',
        );
    }
  }

  private judgePosition(chain: Chain, number: number, p: number, id: string): void {
    if (p <= chain.position || !this.places.take(p)) this.fault('position-changed', place(chain, number, id));
    chain.position = Math.max(chain.position, p);
  }

  private judgeColumns(chain: Chain, { n, columns: c }: EventLine, facts: Facts, id: string): void {
    if (c[1] !== facts.id) this.changedColumn(chain, n, id, 'id');
    if (c[2] !== facts.name) this.changedColumn(chain, n, id, 'name');
    if (c[3] !== facts.actorId) this.changedColumn(chain, n, id, 'actor_id');
    if (c[4] !== facts.shareId) this.changedColumn(chain, n, id, 'share_id');
    if (c[5] !== facts.study) this.changedColumn(chain, n, id, 'study');
    if (c[6] !== facts.outcome) this.changedColumn(chain, n, id, 'outcome');
    if (c[7] !== facts.reason) this.changedColumn(chain, n, id, 'reason');
  }

  private changedColumn(chain: Chain, number: number, id: string, column: string): void {
    this.fault('column-changed', place(chain, number, id), ` The column is ${column}.`);
  }

  /**
   * An event is filed when it happened; later when it was sealed more than a day after, and earlier when it said to be
   * ahead of the database's clock. Then its time tells when it was sealed, which the events around it confirm.
   */
  private judgeTime(chain: Chain, number: number, id: string, filed: number, at: unknown): void {
    if (filed < this.earliest) this.earliest = filed;
    if (filed > this.latest) this.latest = filed;
    if (filed < chain.begins || filed >= chain.ends) this.fault('time-changed', place(chain, number, id));
    else if (filed !== at && typeof at === 'number') {
      if (filed < at && filed < chain.sealed - clockStep) this.fault('time-changed', place(chain, number, id));
      if (filed > at && filed > chain.begins && filed > (chain.behind?.filed ?? 0))
        chain.behind = { filed, number, id };
    }
    if (chain.behind !== null && filed < chain.behind.filed - clockStep) {
      this.fault('time-changed', place(chain, chain.behind.number, chain.behind.id));
      chain.behind = null;
    }
    if (filed > chain.sealed) chain.sealed = filed;
  }

  private judgeHalf(chain: Chain, line: EventLine, facts: Facts, id: string): void {
    const { n, half: e, salt: s, erasedBy: x, personal: t, subjects: u } = line;
    const { commitment, studies } = facts;
    let half: Personal | null = null;
    if (commitment === null) {
      if (e !== null || s !== null || x !== null) this.fault('half-added', place(chain, n, id));
    } else if (e !== null) {
      half = this.committed(commitment, s, e);
      if (half === null) this.fault('half-changed', place(chain, n, id));
    } else if (x === null) this.fault('half-missing', place(chain, n, id));
    else {
      const one = this.erased.get(x);
      if (one === undefined) this.erased.set(x, { count: 1, class: chain.class, month: chain.month, number: n });
      else one.count++;
    }
    if (half === null && e !== null) return;
    const { patients, patient, address } = half ?? nobody;
    if (patient !== (t?.[0] ?? null) || address !== (t?.[1] ?? null))
      this.fault('personal-column-changed', place(chain, n, id));
    if (u === null) {
      if ((studies?.length ?? 0) > 1 || (patients?.length ?? 0) > 1) this.fault('subject-changed', place(chain, n, id));
    } else if (!sameTexts(studies, u[0]) || !sameTexts(patients, u[1]))
      this.fault('subject-changed', place(chain, n, id));
  }

  /** The half, when it is the one that was committed to. */
  private committed(commitment: unknown, salt: string | null, text: string): Personal | null {
    if (salt === null) return null;
    this.makeRoom(salt.length + text.length);
    const saltLength = this.bytes.write(salt, 0, 'hex');
    const length = saltLength + this.bytes.write(text, saltLength, 'latin1');
    if (sha256('sha256', this.bytes.subarray(0, length), 'base64url') !== commitment) return null;
    return personalOf(text);
  }

  private finishChain(): void {
    const { chain } = this;
    if (chain === null) return;
    this.chain = null;
    if (chain.size !== null && chain.next <= chain.size) chain.missing.push([chain.next, chain.size]);
    for (const [from, to] of chain.missing) {
      const number = to - from + 1;
      const more = number === 1 ? '' : ` ${number.toLocaleString('en')} in a row, to number ${to}.`;
      this.fault('record-missing', place(chain, from, null), more, number);
    }
    if (chain.size === chain.next - 1 && chain.hash !== chain.head)
      this.fault('chain-end-changed', place(chain, chain.size, chain.last?.id ?? null));
    for (const mark of chain.marks.slice(chain.nextMark)) {
      if (mark.size < chain.next) continue;
      if (this.isLater(mark)) this.doubted.add('checkpoint-later');
      else
        this.fault(
          'truncated',
          place(chain, chain.next, null),
          ` The checkpoint of ${moment(mark.at)} saw ${mark.size.toLocaleString('en')}.`,
        );
    }
  }

  private judgeChains(): void {
    const months = new Set([...this.ends.keys()].map((key) => key.slice(-7)));
    const missing = new Set<string>();
    // The chains of a month are begun together.
    for (const month of months)
      for (const name of classes) if (!this.ends.has(keyOf(name, month))) missing.add(keyOf(name, month));
    for (const [key, marks] of this.marks) {
      if (this.ends.has(key) || !this.inRange(key.slice(-7))) continue;
      if ([...marks.values()].every((mark) => this.isLater(mark))) this.doubted.add('checkpoint-later');
      else missing.add(key);
    }
    for (const key of missing)
      this.fault('chain-missing', { ...nowhere, class: key.slice(0, -8), month: key.slice(-7) });
    for (const { class: name, month, size, at } of this.dropped) {
      if (size === 0 || this.expiries.get(keyOf(name, month)) === size) continue;
      if (at > (this.header?.at ?? 0) - clocksDiffer) this.doubted.add('erased-meanwhile');
      else if (this.header?.to != null) this.doubted.add('dropped-elsewhere');
      else this.fault('drop-untold', { ...nowhere, class: name, month });
    }
  }

  private judgeErasures(): void {
    for (const [id, { count, class: name, month, number }] of this.erased) {
      const told = this.erasures.get(id);
      if (told !== undefined) {
        if (count > told)
          this.fault('erasure-larger-than-told', { class: name, month, number, id: null }, ` It is ${id}.`);
      } else if (timeOf(id) > (this.header?.at ?? 0) - clocksDiffer) this.doubted.add('erased-meanwhile');
      else if (this.header?.to != null) this.doubted.add('erased-elsewhere');
      else this.fault('erasure-untold', { class: name, month, number, id: null }, ` It is ${id}.`, count);
    }
  }

  /** Of a part of the record the order of all events is not there to be judged. */
  private judgePlaces(): void {
    if (this.header === null || this.header.from !== null || this.header.to !== null) return;
    const dropped = this.dropped.reduce((sum, { size }) => sum + size, 0);
    const missing = Math.max(this.header.positions, this.places.largest) - dropped - this.places.taken;
    if (missing > 0) this.fault('position-missing', nowhere, '', missing);
  }

  private checkpoint(signed: SignedCheckpoint, outside: boolean): void {
    const header = this.header as Header;
    const read = readCheckpoint(signed.checkpoint);
    if (read === null) {
      this.fault('checkpoint-unreadable', nowhere);
      return;
    }
    const when = ` It says to be of ${moment(read.at)}${outside ? ', and came from outside' : ''}.`;
    const raw = signed.publicKey ?? header.keys[read.key] ?? this.pinned.find(({ id }) => id === read.key)?.raw ?? null;
    if (raw === null) {
      this.doubted.add('key-unknown');
      return;
    }
    if (keyIdOf(raw) !== read.key || !this.signedBy(raw, signed)) {
      this.fault('checkpoint-signature', nowhere, when);
      return;
    }
    if (
      this.pinned.length > 0 &&
      !this.pinned.some(({ id, raw: known }) => (known === null ? id === read.key : known === raw))
    ) {
      this.fault('checkpoint-key', nowhere, when);
      return;
    }
    this.signers.add(read.key);
    const tally = outside ? this.outside : this.inside;
    tally.count++;
    tally.first = Math.min(tally.first, read.at);
    tally.last = Math.max(tally.last, read.at);
    if (outside && read.at >= (this.newestOutside?.at ?? -Infinity)) this.newestOutside = read;
    for (const { class: name, month, size, head } of read.chains) {
      const key = keyOf(name, month);
      let marks = this.marks.get(key);
      if (marks === undefined) this.marks.set(key, (marks = new Map<string, Mark>()));
      const mark = { size, head, at: read.at, outside };
      if (!marks.has(`${size} ${head}`)) marks.set(`${size} ${head}`, mark);
    }
  }

  private signedBy(raw: string, { checkpoint, signature }: SignedCheckpoint): boolean {
    let key = this.keyObjects.get(raw);
    if (key === undefined) this.keyObjects.set(raw, (key = publicKeyOf(raw)));
    return (
      key !== null &&
      typeof signature === 'string' &&
      crypto.verify(null, Buffer.from(checkpoint), key, Buffer.from(signature, 'base64url'))
    );
  }

  private inRange(month: string): boolean {
    const { from = null, to = null } = this.header ?? {};
    return (from === null || month >= from) && (to === null || month <= to);
  }

  private placeInChain(number: number | null): Place {
    return this.chain === null ? nowhere : place(this.chain, number ?? this.chain.next, null);
  }

  private fault(word: FaultWord, at: Place, more = '', times = 1): void {
    const count = this.counts.get(word) ?? 0;
    this.counts.set(word, count + times);
    if (count === 0 || this.told.length < mostPrinted) this.told.push({ word, ...at, sentence: faults[word] + more });
  }

  private verdict(): Verdict {
    const outcome = this.counts.size > 0 ? 'tampered' : this.doubted.size > 0 ? 'unknown' : 'whole';
    const verdict = {
      outcome,
      faults: this.told,
      counts: this.counts,
      doubts: [...this.doubted],
      events: this.events,
    } as const;
    return { ...verdict, text: this.header === null ? `${doubts['no-export']}\n` : this.summary(verdict) };
  }

  private summary({ outcome, events }: Omit<Verdict, 'text'>): string {
    const header = this.header as Header;
    const number = (value: number) => value.toLocaleString('en');
    const lines: string[] = [verdicts[outcome], ''];
    for (const word of this.doubted) lines.push(`${word}: ${doubts[word]}`);
    for (const [word, count] of this.counts) {
      lines.push(`${word}, ${number(count)} in all:`);
      for (const fault of this.told.filter((one) => one.word === word))
        lines.push(`  ${placeText(fault)}${fault.sentence}`);
    }
    if (lines.length > 2) lines.push('');
    const part =
      header.from === null && header.to === null ? '' : `, of the months ${header.from ?? '…'} to ${header.to ?? '…'}`;
    lines.push(`Record       ${header.origin}, exported ${moment(header.at)}${part}`);
    lines.push(
      events === 0
        ? 'Events       none'
        : `Events       ${number(events)}, from ${moment(this.earliest)} to ${moment(this.latest)}`,
    );
    const dropped = this.dropped.filter(({ size }) => size > 0);
    lines.push(
      `Chains       ${this.ends.size}${dropped.length === 0 ? '' : `; ${dropped.length} with ${number(dropped.reduce((sum, { size }) => sum + size, 0))} events were kept for as long as they were to be and are gone: ${dropped.map(({ class: name, month }) => `${name} ${month}`).join(', ')}`}`,
    );
    const erased = [...this.erased.values()].reduce((sum, { count }) => sum + count, 0);
    if (erased > 0) lines.push(`Erased       ${number(erased)} events no longer say who somebody was`);
    lines.push(
      `Checkpoints  ${number(this.inside.count)} of the export itself, ${number(this.outside.count)} from outside`,
    );
    lines.push(...this.coverage());
    return `${lines.join('\n')}\n`;
  }

  /** Only what left the host proves the end of the record. */
  private coverage(): string[] {
    const newest = this.newestOutside;
    const lines: string[] = [];
    if (newest === null) {
      lines.push(
        'Covered      Nothing came from outside. Whoever could rewrite the whole database could have rewritten this, and',
        '             cut off its end. Give --checkpoint FILE with checkpoints that had left the host.',
      );
    } else {
      const seen = new Map<string, { month: string; size: number }>();
      for (const { class: name, month, size } of newest.chains)
        if (month >= (seen.get(name)?.month ?? '')) seen.set(name, { month, size });
      let after = 0;
      for (const [key, { size }] of this.ends) {
        const known = seen.get(key.slice(0, -8));
        const month = key.slice(-7);
        if (known === undefined || month > known.month) after += size;
        else if (month === known.month) after += Math.max(0, size - known.size);
      }
      lines.push(
        `Covered      The newest checkpoint from outside is of ${moment(newest.at)}. ${after === 0 ? 'Nothing came after it.' : `${after.toLocaleString('en')} events came after it and are not yet covered.`}`,
      );
    }
    const signers = [...this.signers].join(', ');
    if (this.pinned.length > 0) lines.push(`Key          ${signers || 'none'}, as given`);
    else if (this.signers.size > 0)
      lines.push(
        `Key          ${signers}. Nobody vouches for it: compare it with the one that you were given, or give that with --key.`,
      );
    return lines;
  }

  /** Made after the export, as far as clocks can tell: what it saw more of says nothing against what was exported. */
  private isLater({ at, outside }: Mark): boolean {
    const { at: exported = 0, newest = null } = this.header ?? {};
    return outside && at > (newest ?? -Infinity) && at >= exported - clocksDiffer;
  }
}

const verdicts = {
  whole: 'The record is whole.',
  tampered: 'THE RECORD WAS TAMPERED WITH.',
  unknown: 'It cannot be told whether the record is whole.',
};

type Place = Pick<Fault, 'class' | 'month' | 'number' | 'id'>;
const nowhere: Place = { class: null, month: null, number: null, id: null };

function place(chain: Chain, number: number | null, id: string | null): Place {
  return { class: chain.class, month: chain.month, number, id };
}

function placeText({ class: name, month, number, id }: Fault): string {
  const parts = [name, month, number === null ? null : `number ${number}`, id].filter((part) => part !== null);
  return parts.length === 0 ? '' : `${parts.map(printable).join(', ')}: `;
}

/** Places in the order of all events that were met. One bit each, in pages. */
class Places {
  private readonly pages = new Map<number, Uint8Array>();
  taken = 0;
  largest = 0;

  /** False: it is taken already. */
  take(position: number): boolean {
    const bit = position & 7;
    const number = Math.floor(position / 524_288);
    let page = this.pages.get(number);
    if (page === undefined) this.pages.set(number, (page = new Uint8Array(65_536)));
    const byte = Math.floor((position % 524_288) / 8);
    const before = page[byte] ?? 0;
    if ((before & (1 << bit)) !== 0) return false;
    page[byte] = before | (1 << bit);
    this.taken++;
    if (position > this.largest) this.largest = position;
    return true;
  }
}

const lineFeed = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const space = 0x20;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const backslash = 0x5c;
const mostDepth = 8;
const opens = { list: 0x5b, members: 0x7b };
const ends = { list: 0x5d, members: 0x7d };

/** Of each byte that is a hexadecimal digit in lower case its value; of any other 255. */
const hexValue = new Uint8Array(256).fill(255);
for (const [value, digit] of [...'0123456789abcdef'].entries()) hexValue[digit.charCodeAt(0)] = value;

/** 1: the byte stands for itself in a text of JSON, whatever else is in it. */
const standsForItself = new Uint8Array(256).fill(1, space);
for (const byte of [quote, backslash]) standsForItself[byte] = 0;

/** A value in the bytes, of a text with its quotes. Empty: null. */
class Span {
  begin = 0;
  end = 0;

  get isEmpty(): boolean {
    return this.begin === this.end;
  }

  set(begin: number, end: number): void {
    this.begin = begin;
    this.end = end;
  }

  equals(other: Span, bytes: Uint8Array): boolean {
    if (other.end - other.begin !== this.end - this.begin) return false;
    for (let one = this.begin, two = other.begin; one < this.end; one++, two++)
      if (bytes[one] !== bytes[two]) return false;
    return true;
  }

  /** What is at two hexadecimal digits for each byte. */
  decodeHex(bytes: Uint8Array, target: Uint8Array): void {
    for (let from = this.begin, to = 0; from < this.end; from += 2, to++)
      target[to] = ((hexValue[bytes[from] as number] as number) << 4) | (hexValue[bytes[from + 1] as number] as number);
  }

  /** @param quotes 1: they are to be left out. */
  holds(bytes: Uint8Array, quotes: 0 | 1, ascii: string): boolean {
    const begin = this.begin + quotes;
    if (this.end - quotes - begin !== ascii.length) return false;
    for (let at = 0; at < ascii.length; at++) if (bytes[begin + at] !== ascii.charCodeAt(at)) return false;
    return true;
  }
}

/** What stands between the values of a line and in them. */
const words = {
  number: Buffer.from('{"n":'),
  position: Buffer.from(',"p":'),
  hash: Buffer.from(',"h":"'),
  columns: Buffer.from('","c":['),
  comma: Buffer.from(','),
  salt: Buffer.from('],"s":'),
  null: Buffer.from('null'),
  true: Buffer.from('true'),
  false: Buffer.from('false'),
  nothingErasable: Buffer.from('null,"x":null,"t":null,"u":null,"l":4,"e":null'),
  quote: Buffer.from('"'),
  personal: Buffer.from('","x":null,"t":'),
  list: Buffer.from('['),
  space: Buffer.from(' '),
  endOfList: Buffer.from(']'),
  length: Buffer.from(',"u":null,"l":'),
  half: Buffer.from(',"e":'),
  members: Buffer.from('{'),
  actor: Buffer.from('"actor":'),
  detail: Buffer.from('"detail":'),
  patient: Buffer.from('"patient":'),
  patients: Buffer.from('"share":{"patients":['),
  endOfPatients: Buffer.from(']}'),
  source: Buffer.from('"source":'),
  address: Buffer.from('"address":'),
  endOfMembers: Buffer.from('}'),
  record: Buffer.from(',"r":'),
  actorId: Buffer.from('{"actor":{"id":'),
  kind: Buffer.from(',"kind":'),
  at: Buffer.from('},"at":'),
  recordDetail: Buffer.from(',"detail":'),
  study: Buffer.from('"study":'),
  commitment: Buffer.from(',"erasable":'),
  id: Buffer.from(',"id":'),
  name: Buffer.from(',"name":'),
  telling: Buffer.from('"audit.e'),
  outcome: Buffer.from(',"outcome":'),
  reason: Buffer.from(',"reason":'),
  share: Buffer.from(',"share":'),
  requestId: Buffer.from(',"source":{"requestId":'),
  version: Buffer.from('},"version":2}'),
  endOfLine: Buffer.from('}\n'),
  shareId: Buffer.from('{"id":'),
  identity: Buffer.from(',"identity":'),
  studies: Buffer.from(',"studies":['),
  type: Buffer.from(',"type":'),
  none: Buffer.from(''),
};

/**
 * Reads canonical JSON (RFC 8785) of a narrower form: no escapes, whole numbers of at most 15 digits, no spaces, and names
 * of members that are words. Two values of it are equal when their bytes are. Each method steps over what it is called
 * by; false: it is not there, or not of that form. It never steps over the end of a line.
 */
class PlainReader {
  at = 0;
  /** Of a number that was stepped over. */
  value = 0;
  private depth = 0;
  private readonly passed = new Span();
  private bytes: Uint8Array = new Uint8Array();

  start(bytes: Uint8Array, at: number): void {
    this.bytes = bytes;
    this.at = at;
    this.depth = 0;
  }

  is(expected: Uint8Array): boolean {
    if (!this.isAt(this.at, expected)) return false;
    this.at += expected.length;
    return true;
  }

  /** The same value once more. */
  same({ begin, end }: Span): boolean {
    if (begin === end) return this.is(words.null);
    const { bytes, at } = this;
    for (let from = begin, to = at; from < end; from++, to++) if (bytes[from] !== bytes[to]) return false;
    this.at = at + end - begin;
    return true;
  }

  hex(digits: Span): boolean {
    const { bytes } = this;
    let at = this.at;
    while ((hexValue[bytes[at] as number] as number) < 16) at++;
    digits.set(this.at, at);
    this.at = at;
    return true;
  }

  text(found: Span): boolean {
    const { bytes } = this;
    let at = this.at;
    if (bytes[at] !== quote) return false;
    do at++;
    while (standsForItself[bytes[at] as number] === 1);
    found.set(this.at, at + 1);
    this.at = at + 1;
    return bytes[at] === quote;
  }

  textOrNull(found: Span): boolean {
    if (!this.is(words.null)) return this.text(found);
    found.set(0, 0);
    return true;
  }

  count(): boolean {
    const { bytes, at: begin } = this;
    let [at, value] = [begin, 0];
    for (let byte; (byte = bytes[at] as number) >= zero && byte <= nine; at++) value = value * 10 + byte - zero;
    this.at = at;
    this.value = value;
    return at > begin && at <= begin + 15 && (bytes[begin] !== zero || at === begin + 1);
  }

  any(): boolean {
    const byte = this.bytes[this.at] as number;
    if (byte === quote) return this.text(this.passed);
    if (byte === opens.members) return this.members(words.none, this.passed);
    if (byte === opens.list) return this.list();
    if (byte >= zero && byte <= nine) return this.count();
    if (byte === minus) {
      this.at++;
      return this.count() && this.value > 0;
    }
    return this.is(words.null) || this.is(words.true) || this.is(words.false);
  }

  private list(): boolean {
    if (++this.depth > mostDepth) return false;
    const { bytes } = this;
    this.at++;
    if (bytes[this.at] === ends.list) this.at++;
    else {
      do if (!this.any()) return false;
      while (bytes[this.at++] === comma);
      if (bytes[this.at - 1] !== ends.list) return false;
    }
    this.depth--;
    return true;
  }

  /** Sorted by their names. `found` is the value of the one that begins with `wanted`; empty when there is none. */
  members(wanted: Uint8Array, found: Span): boolean {
    const { bytes } = this;
    found.set(0, 0);
    if (bytes[this.at] !== opens.members || ++this.depth > mostDepth) return false;
    this.at++;
    if (bytes[this.at] === ends.members) this.at++;
    else {
      let before = -1;
      do {
        const name = this.at;
        if (!this.name() || (before >= 0 && !this.isBefore(before, name))) return false;
        before = name;
        const begin = this.at;
        if (!this.any()) return false;
        if (wanted.length > 0 && this.isAt(name, wanted) && !this.isAt(begin, words.null)) found.set(begin, this.at);
      } while (bytes[this.at++] === comma);
      if (bytes[this.at - 1] !== ends.members) return false;
    }
    this.depth--;
    return true;
  }

  /** `"name":`, of letters. */
  private name(): boolean {
    const { bytes } = this;
    let at = this.at;
    if (bytes[at++] !== quote) return false;
    const begin = at;
    while (isLetter(bytes[at] as number)) at++;
    this.at = at + 2;
    return at > begin && bytes[at] === quote && bytes[at + 1] === colon;
  }

  /** A quote sorts before all letters. */
  private isBefore(one: number, other: number): boolean {
    const { bytes } = this;
    let at = 1;
    while (bytes[one + at] === bytes[other + at] && bytes[one + at] !== quote) at++;
    return (bytes[one + at] as number) < (bytes[other + at] as number);
  }

  isAt(place: number, expected: Uint8Array): boolean {
    const { bytes } = this;
    for (let index = 0; index < expected.length; index++) if (bytes[place + index] !== expected[index]) return false;
    return true;
  }
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
}

/** A line as nearly all are: of an event of which nothing was erased, and which names one study and one patient at most. */
class PlainLine {
  number = 0;
  position = 0;
  filed = 0;
  at = 0;
  readonly hash = new Span();
  readonly id = new Span();
  readonly salt = new Span();
  readonly half = new Span();
  readonly commitment = new Span();
  readonly record = new Span();
  end = 0;
  private readonly reader = new PlainReader();
  private readonly name = new Span();
  private readonly actor = new Span();
  private readonly share = new Span();
  private readonly study = new Span();
  private readonly outcome = new Span();
  private readonly reason = new Span();
  private readonly patient = new Span();
  private readonly address = new Span();
  private readonly first = new Span();
  private readonly asked = new Span();
  private readonly listed = new Span();
  private readonly passed = new Span();

  /** True: it is such a line, and what is searched by is what the record and the half say. */
  read(bytes: Uint8Array, begin: number): boolean {
    this.reader.start(bytes, begin);
    return this.readColumns() && this.readHalf(bytes) && this.readRecord(bytes);
  }

  private readColumns(): boolean {
    const { reader } = this;
    if (!reader.is(words.number) || !reader.count()) return false;
    this.number = reader.value;
    if (!reader.is(words.position) || !reader.count()) return false;
    this.position = reader.value;
    if (!reader.is(words.hash) || !reader.hex(this.hash) || !reader.is(words.columns) || !reader.count()) return false;
    this.filed = reader.value;
    return (
      reader.is(words.comma) &&
      reader.text(this.id) &&
      reader.is(words.comma) &&
      reader.text(this.name) &&
      reader.is(words.comma) &&
      reader.text(this.actor) &&
      reader.is(words.comma) &&
      reader.textOrNull(this.share) &&
      reader.is(words.comma) &&
      reader.textOrNull(this.study) &&
      reader.is(words.comma) &&
      reader.text(this.outcome) &&
      reader.is(words.comma) &&
      reader.textOrNull(this.reason) &&
      reader.is(words.salt)
    );
  }

  private readHalf(bytes: Uint8Array): boolean {
    const { reader, salt, half, patient, address } = this;
    half.set(0, 0);
    if (reader.is(words.nothingErasable)) return true;
    if (!reader.is(words.quote) || !reader.hex(salt) || (salt.end - salt.begin) % 2 !== 0) return false;
    if (!reader.is(words.personal)) return false;
    if (reader.is(words.null)) [patient, address].forEach((span) => span.set(0, 0));
    else {
      if (!reader.is(words.list) || !reader.textOrNull(patient) || !reader.is(words.comma)) return false;
      reader.is(words.space);
      if (!reader.textOrNull(address) || !reader.is(words.endOfList)) return false;
    }
    if (!reader.is(words.length) || !reader.count() || !reader.is(words.half)) return false;
    const length = reader.value;
    const begin = reader.at;
    if (!this.readPersonal(bytes)) return false;
    half.set(begin, reader.at);
    return reader.at - begin === length;
  }

  /** One patient at most. */
  private readPersonal(bytes: Uint8Array): boolean {
    const { reader, asked, listed, passed } = this;
    asked.set(0, 0);
    listed.set(0, 0);
    passed.set(0, 0);
    let more = reader.is(words.members);
    if (more && reader.is(words.actor)) {
      if (!reader.any()) return false;
      more = reader.is(words.comma);
    }
    if (more && reader.is(words.detail)) {
      if (!reader.members(words.patient, asked)) return false;
      more = reader.is(words.comma);
    }
    if (more && reader.is(words.patients)) {
      if (!reader.text(listed) || !reader.is(words.endOfPatients)) return false;
      more = reader.is(words.comma);
    }
    if (more && reader.is(words.source)) {
      if (!reader.members(words.address, passed)) return false;
      more = reader.is(words.comma);
    }
    if (more || !reader.is(words.endOfMembers)) return false;
    return this.patient.equals(asked.isEmpty ? listed : asked, bytes) && this.address.equals(passed, bytes);
  }

  private readRecord(bytes: Uint8Array): boolean {
    const { reader, asked, first, passed, commitment } = this;
    if (!reader.is(words.record)) return false;
    const begin = reader.at;
    if (!reader.is(words.actorId) || !reader.same(this.actor) || !reader.is(words.kind) || !reader.text(passed))
      return false;
    if (!reader.is(words.at) || !reader.count()) return false;
    this.at = reader.value;
    if (!reader.is(words.recordDetail) || !reader.members(words.study, asked) || !reader.is(words.commitment))
      return false;
    if (!reader.textOrNull(commitment) || commitment.isEmpty !== this.half.isEmpty) return false;
    if (!reader.is(words.id) || !reader.same(this.id) || !reader.is(words.name)) return false;
    // These tell of other events.
    if (reader.isAt(reader.at, words.telling) || !reader.same(this.name)) return false;
    if (!reader.is(words.outcome) || !reader.same(this.outcome)) return false;
    if (!reader.is(words.reason) || !reader.same(this.reason)) return false;
    if (!reader.is(words.share) || !this.readShare()) return false;
    if (!reader.is(words.requestId) || !reader.textOrNull(passed) || !reader.is(words.version)) return false;
    this.record.set(begin, reader.at);
    this.end = reader.at + 1;
    return reader.is(words.endOfLine) && this.study.equals(asked.isEmpty ? first : asked, bytes);
  }

  /** Of one study at most. */
  private readShare(): boolean {
    const { reader, first, passed } = this;
    first.set(0, 0);
    if (reader.is(words.null)) return this.share.isEmpty;
    if (!reader.is(words.shareId) || !reader.same(this.share)) return false;
    if (!reader.is(words.identity) || !reader.text(passed) || !reader.is(words.studies)) return false;
    if (!reader.is(words.endOfList) && (!reader.text(first) || !reader.is(words.endOfList))) return false;
    return reader.is(words.type) && reader.text(passed) && reader.is(words.endOfMembers);
  }
}

function readHeader(text: string): Header | null {
  const line = parsed(text);
  if (line === null || line['proof'] !== 1) return null;
  const { origin, at, from, to, positions, key, keys, newest } = line;
  const isMonth = (value: unknown) => value === null || typeof value === 'string';
  if (typeof origin !== 'string' || !isCount(at) || !isMonth(from) || !isMonth(to) || !isCount(positions)) return null;
  if (typeof key !== 'string' || !isObject(keys) || !(newest === null || isCount(newest))) return null;
  return line as unknown as Header;
}

/**
 * A line is `{"n", "p", "h", "c", "s", "x", "t", "u", "l", "e", "r"}` in this order: `e` has `l` bytes, and `r` is all the
 * rest. What is in those two is looked at afterwards, so that a line whose record is no JSON can still be named.
 */
function readEventLine(line: string): EventLine | null {
  if (!line.endsWith('}')) return null;
  // Before it there are JSON values only, in which a quote that is no delimiter has a backslash before it.
  const split = line.indexOf(',"e":');
  const head = split < 0 ? null : parsed(utf8(`${line.slice(0, split)}}`));
  if (head === null) return null;
  const { n, p, h, c, s, x, t, u, l } = head;
  const well =
    isCount(n) &&
    isCount(p) &&
    isHash(h) &&
    Array.isArray(c) &&
    typeof c[0] === 'number' &&
    typeof c[1] === 'string' &&
    (s === null || typeof s === 'string') &&
    (x === null || typeof x === 'string') &&
    (t === null || Array.isArray(t)) &&
    (u === null || Array.isArray(u)) &&
    isCount(l);
  const tail = well ? readTail(line, split + 5, l) : null;
  if (!well || tail === null) return null;
  const columns = c as readonly unknown[];
  return {
    n,
    position: p,
    hash: h,
    filed: columns[0] as number,
    id: columns[1] as string,
    columns,
    salt: s,
    erasedBy: x,
    personal: t as readonly unknown[] | null,
    subjects: u as EventLine['subjects'],
    ...tail,
  };
}

function readTail(line: string, begin: number, length: number): Pick<EventLine, 'half' | 'record'> | null {
  const end = begin + length;
  if (!line.startsWith(',"r":', end)) return null;
  const half = line.slice(begin, end);
  return { half: half === 'null' ? null : embedded(half), record: embedded(line.slice(end + 5, -1)) };
}

/** What holds a line break, which no record and no half does, comes as a JSON string. */
function embedded(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return Buffer.from(JSON.parse(utf8(text)) as string).toString('latin1');
  } catch {
    return text;
  }
}

/** The text that has these bytes. */
function utf8(bytes: string): string {
  return /^[\0-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

function readCheckpoint(text: string): CheckpointText | null {
  const read = parsed(text);
  if (read === null || read['version'] !== 1 || !isCount(read['at']) || !Array.isArray(read['chains'])) return null;
  if (typeof read['key'] !== 'string' || typeof read['origin'] !== 'string') return null;
  const isChain = (one: unknown) =>
    isObject(one) &&
    typeof one['class'] === 'string' &&
    typeof one['month'] === 'string' &&
    one['month'].length === 7 &&
    isHash(one['head']) &&
    isCount(one['size']);
  return read['chains'].every(isChain) ? (read as unknown as CheckpointText) : null;
}

/** What a record says that is also told elsewhere. */
interface Facts {
  /** Written as RFC 8785 asks. */
  readonly canonical: boolean;
  readonly id: unknown;
  readonly name: unknown;
  readonly at: unknown;
  readonly actorId: unknown;
  readonly shareId: unknown;
  /** Of a study that was asked for, that one; else the first that the share names. */
  readonly study: unknown;
  /** All studies of which the second and all further ones are filed beside the event. */
  readonly studies: readonly unknown[] | undefined;
  readonly outcome: unknown;
  readonly reason: unknown;
  readonly commitment: unknown;
  readonly detail: Fields | null;
}

function factsOf(text: string): Facts | null {
  const whole = utf8(text);
  const record = parsed(whole);
  if (record === null) return null;
  const detail = isObject(record['detail']) ? record['detail'] : null;
  const share = isObject(record['share']) ? record['share'] : null;
  const studies = Array.isArray(share?.['studies']) ? (share['studies'] as readonly unknown[]) : undefined;
  return {
    // The release before there was a chain wrote in another order.
    canonical: record['version'] === 1 || (isSorted(record) && JSON.stringify(record) === whole),
    id: record['id'],
    name: record['name'],
    at: record['at'],
    actorId: isObject(record['actor']) ? record['actor']['id'] : undefined,
    shareId: share?.['id'] ?? null,
    study: detail?.['study'] ?? studies?.[0] ?? null,
    studies: detail?.['study'] == null ? studies : undefined,
    outcome: record['outcome'],
    reason: record['reason'] ?? null,
    commitment: record['erasable'] ?? null,
    detail,
  };
}

/** What of an event can be erased, as far as it is searched by. */
interface Personal {
  readonly patient: unknown;
  readonly address: unknown;
  /** All patients of which the second and all further ones are filed beside the event. */
  readonly patients: readonly unknown[] | undefined;
}

const nobody: Personal = { patient: null, address: null, patients: undefined };

function personalOf(text: string): Personal | null {
  const half = parsed(utf8(text));
  if (half === null) return null;
  const share = isObject(half['share']) ? half['share'] : null;
  const patients = Array.isArray(share?.['patients']) ? (share['patients'] as readonly unknown[]) : undefined;
  const told = isObject(half['detail']) ? half['detail']['patient'] : null;
  const address = isObject(half['source']) ? half['source']['address'] : null;
  return { patient: told ?? patients?.[0] ?? null, address: address ?? null, patients };
}

/** The second and all further ones of `told` are those that were filed, in whatever order. */
function sameTexts(told: readonly unknown[] | undefined, filed: readonly unknown[] | null): boolean {
  const [further, found] = [told?.slice(1) ?? [], filed ?? []];
  if (further.length !== found.length) return false;
  const sorted = [...found].sort();
  return further.sort().every((one, index) => one === sorted[index]);
}

/** RFC 8785 section 3.2.3, at every depth. */
function isSorted(value: object): boolean {
  if (Array.isArray(value)) {
    for (const one of value as unknown[]) if (typeof one === 'object' && one !== null && !isSorted(one)) return false;
    return true;
  }
  let before = '';
  for (const name in value) {
    if (name < before) return false;
    before = name;
    const member = (value as Fields)[name];
    if (typeof member === 'object' && member !== null && !isSorted(member)) return false;
  }
  return true;
}

function parsed(text: string): Fields | null {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function keyOf(name: string, month: string): string {
  return `${name} ${month}`;
}

function nextMonth(begins: number): number {
  const date = new Date(begins);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** When a UUIDv7 was made (RFC 9562 section 5.7). */
function timeOf(id: string): number {
  return parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/** `2026-11-21 08:00:00Z`. */
function moment(at: number): string {
  return Math.abs(at) <= 8.64e15 ? `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z` : 'no time';
}

/** What a terminal would obey was written by a stranger. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd').slice(0, 100);
}

/** SPKI of an Ed25519 key up to its 32 bytes (RFC 8410 section 4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

function publicKeyOf(raw: string): crypto.KeyObject | null {
  const bytes = Buffer.from(raw, 'base64url');
  if (bytes.length !== 32) return null;
  return crypto.createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: 'der', type: 'spki' });
}

/** What a key is called by: the first 9 bytes of its SHA-256, base64url. */
function keyIdOf(raw: string): string {
  return crypto
    .createHash('sha256')
    .update(Buffer.from(raw, 'base64url'))
    .digest()
    .subarray(0, 9)
    .toString('base64url');
}

/** A key id, or the key itself: in PEM, or 32 bytes in base64url. Null: it is neither. */
export function readKey(text: string): PinnedKey | null {
  const trimmed = text.trim();
  if (/^[\w-]{12}$/.test(trimmed)) return { id: trimmed, raw: null };
  if (/^[\w-]{43}$/.test(trimmed)) return { id: keyIdOf(trimmed), raw: trimmed };
  try {
    const { x: raw, crv } = crypto.createPublicKey(trimmed).export({ format: 'jwk' });
    return crv === 'Ed25519' && raw !== undefined ? { id: keyIdOf(raw), raw } : null;
  } catch {
    return null;
  }
}

/** Checkpoints in a text that has one on each line, be they alone or within the lines of a log. */
export function readCheckpoints(text: string): SignedCheckpoint[] {
  const found: SignedCheckpoint[] = [];
  for (const line of text.split('\n')) {
    if (!line.includes('"checkpoint"')) continue;
    // A collector of logs may have put something before it.
    const { checkpoint, signature, publicKey } = parsed(line.slice(line.indexOf('{'))) ?? {};
    if (typeof checkpoint !== 'string' || typeof signature !== 'string') continue;
    found.push({ checkpoint, signature, publicKey: typeof publicKey === 'string' ? publicKey : null });
  }
  return found;
}

export const exitCodes = { whole: 0, tampered: 1, unknown: 2 } as const;

async function main(): Promise<number> {
  const usage = 'node verify-export.js EXPORT [--checkpoint FILE]… [--key FILE|KEY-ID]…\n';
  let args;
  try {
    args = parseArgs({
      options: { checkpoint: { type: 'string', multiple: true }, key: { type: 'string', multiple: true } },
      allowPositionals: true,
    });
  } catch {
    process.stderr.write(usage);
    return 2;
  }
  const { values, positionals } = args;
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    process.stderr.write(usage);
    return 2;
  }
  const checkpoints: SignedCheckpoint[] = [];
  for (const name of values.checkpoint ?? []) {
    const read = readCheckpoints(readFileSync(name, 'utf8'));
    if (read.length === 0) {
      process.stderr.write(`${name}: ${doubts['no-checkpoint']}\n`);
      return 2;
    }
    checkpoints.push(...read);
  }
  const keys: PinnedKey[] = [];
  for (const given of values.key ?? []) {
    const key = readKey(given) ?? readKey(readFileSync(given, 'utf8'));
    if (key === null) {
      process.stderr.write('--key must be the id of a key, or a file with an Ed25519 key in PEM.\n');
      return 2;
    }
    keys.push(key);
  }
  const verifier = new ExportVerifier(checkpoints, keys);
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: pieceBytes });
  for await (const chunk of input) verifier.take(chunk as Buffer);
  const verdict = verifier.end();
  process.stdout.write(verdict.text);
  return exitCodes[verdict.outcome];
}

function isMain(): boolean {
  const [, script] = process.argv;
  try {
    return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
  } catch {
    return false;
  }
}

if (isMain())
  void main()
    .catch((error: unknown) => {
      process.stderr.write(`${(error as Error).message}\n`);
      return 2;
    })
    .then((code) => (process.exitCode = code));
