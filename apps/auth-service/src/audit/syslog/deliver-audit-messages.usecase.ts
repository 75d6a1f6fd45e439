import type { WardenEvent } from '@warden/events';
import { type Log, messageOf } from '../../platform/observability/log.js';
import type { Clock } from '../../platform/time/clock.js';
import type { AuditDeliveryStore, EventToDeliver } from './audit-delivery.store.js';
import { RetryDelay } from './retry-delay.js';
import { SentLately } from './sent-lately.js';
import { type SyslogConnection, SyslogFault } from './syslog-connection.js';
import { type SyslogOrigin, toSyslogMessage } from './syslog-frame.js';

export interface DeliveryOptions {
  /** Name of the cursor. Another name begins with the oldest event; another receiver under the same name goes on. */
  readonly target: string;
  readonly origin: SyslogOrigin;
  /** The messages that tell of an event, none or several. What it throws is taken for an event that cannot be told. */
  readonly messagesOf: (event: WardenEvent) => readonly string[];
  readonly limits?: Partial<DeliveryLimits>;
  readonly random?: () => number;
}

/** Times in milliseconds. */
export interface DeliveryLimits {
  /** Events in one transaction. */
  readonly batch: number;
  /** Octets handed over before the cursor moves. */
  readonly slice: number;
  /** No slice is begun in a transaction that is older than this. */
  readonly transaction: number;
  readonly poll: number;
  readonly retryFirst: number;
  readonly retryLongest: number;
  /** What was sent in this time on a connection that broke, and no more events than this, is sent again. */
  readonly again: number;
  readonly eventsAgain: number;
}

const usual: DeliveryLimits = {
  batch: 100,
  slice: 65_536,
  transaction: 2_000,
  poll: 1_000,
  retryFirst: 1_000,
  retryLongest: 300_000,
  // As much as the buffers of both sides hold, and less than receivers and balancers usually leave a silent connection open:
  // one that is closed for its silence alone has nothing to be sent again.
  again: 30_000,
  eventsAgain: 5_000,
};

/** Milliseconds: together less than two seconds. */
const stopLimits = { batch: 900, recall: 400 };

export interface DeliveryState {
  /** Sealed events that are to be delivered, when it was last looked; null: not known yet. */
  readonly backlog: number | null;
  /** Milliseconds since the epoch; null: nothing since the start. */
  readonly lastDeliveredAt: number | null;
  /** Since the start: attempts in vain, connections that broke among them. */
  readonly failures: number;
  /** Since the start: events, of which something could never be sent. */
  readonly skipped: number;
}

/** Events that go out together. */
interface Slice {
  readonly first: number;
  readonly last: number;
  readonly events: number;
  readonly messages: readonly Buffer[];
}

type SkipReason = 'unreadable' | 'untold' | 'too-long';

/**
 * Tells a receiver of syslog of every sealed event, once or more, in order. The cursor moves when the operating system
 * has taken the messages; when a connection breaks, it moves back to what was sent on it a moment before (see
 * `SyslogConnection`), so that it is sent again by this replica or another, even if this one ends right then.
 *
 * A receiver that stays away is tried ever more seldom, and nothing is passed over for it. An event that cannot be read
 * or told, and a message that the transport cannot carry, would stand in the way for ever: it is passed over, logged and
 * counted. Two replicas never send at a time.
 */
export class DeliverAuditMessages {
  private readonly limits: DeliveryLimits;
  private readonly sent: SentLately;
  private readonly retry: RetryDelay;
  /** Everything from this position on is to be sent again. */
  private again: number | null = null;
  private loss: SyslogFault | null = null;
  /** The last attempt was in vain: this is why. */
  private trouble: string | null = null;
  private current = { backlog: null as number | null, lastDeliveredAt: null as number | null, failures: 0, skipped: 0 };
  private running: Promise<void> | null = null;
  private stopped = false;
  private woken = false;
  private wake: (() => void) | null = null;

  constructor(
    private readonly store: AuditDeliveryStore,
    private readonly connection: SyslogConnection,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly options: DeliveryOptions,
  ) {
    this.limits = { ...usual, ...options.limits };
    const { again, eventsAgain, retryFirst, retryLongest } = this.limits;
    this.sent = new SentLately({ ms: again, events: eventsAgain });
    this.retry = new RetryDelay(
      { first: retryFirst, longest: retryLongest, stable: again },
      options.random ?? Math.random,
    );
    connection.onLost((fault) => {
      this.loss = fault;
      this.recall();
      this.nudge();
    });
  }

  /** Returns at once; it delivers, and tries again, by itself until `stop`. Never throws. */
  start(): void {
    this.running ??= this.run();
  }

  /** Something was sealed. Does not shorten the wait for a receiver that is away. */
  nudge(): void {
    this.woken = true;
    this.wake?.();
  }

  state(): DeliveryState {
    return { ...this.current };
  }

  /** Resolves within two seconds, with the connection closed. What was not handed over stays for the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.nudge();
    if (!(await endsWithin(stopLimits.batch, this.running))) this.recall();
    await this.connection.close();
    await endsWithin(stopLimits.recall, this.rewind());
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const problem = await this.deliverSome();
      if (this.stopped) return;
      if (problem === 'more') continue;
      if (problem === null) await this.pause(this.limits.poll, true);
      else await this.pause(await this.failed(problem), false);
    }
  }

  /** `more`: at once again. Null: there is nothing to do here for now. Else why it was in vain. */
  private async deliverSome(): Promise<'more' | null | Problem> {
    try {
      const { target } = this.options;
      const { loss } = this;
      this.loss = null;
      const broke = this.again !== null;
      await this.rewind();
      if (loss !== null && broke) return { reason: loss.reason, cause: messageOf(loss) };
      const backlog = await this.store.backlog(target);
      this.current.backlog = backlog;
      if (backlog === 0) return null;
      // Before the claim: a transaction is no place to wait for a connection.
      await this.connection.open();
      const outcome = await this.store.claim(target, () => this.deliverBatch());
      if (outcome === null || outcome === 'more') return outcome;
      if (outcome instanceof Error) throw outcome;
      return null;
    } catch (error) {
      this.loss = null;
      return { reason: error instanceof SyslogFault ? error.reason : 'database', cause: messageOf(error) };
    }
  }

  /** Within the claim. A fault of the receiver is answered and not thrown, so that what went out before it counts. */
  private async deliverBatch(): Promise<'more' | 'done' | Error> {
    const { target } = this.options;
    const began = this.clock.monotonic();
    const found = await this.store.next(target, this.limits.batch);
    for (const { first, last, events, messages } of this.slices(found)) {
      if (this.stopped) return 'done';
      // A connection broke since the cursor was read: what was lost with it comes first.
      if (this.again !== null) return 'more';
      // Remembered before it is sent: a connection may break at any moment.
      this.sent.add(first, last, this.clock.monotonic());
      try {
        if (messages.length > 0) await this.connection.send(messages);
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
      await this.store.delivered(target, last);
      this.succeeded(events);
      if (this.clock.monotonic() - began > this.limits.transaction) return 'more';
    }
    return found.length < this.limits.batch ? 'done' : 'more';
  }

  private *slices(found: readonly EventToDeliver[]): Generator<Slice> {
    const skipped = new Map<SkipReason, { count: number; first: number; last: number }>();
    let [messages, octets, events]: [Buffer[], number, number] = [[], 0, 0];
    let first: number | null = null;
    for (const [index, { position, event }] of found.entries()) {
      first ??= position;
      events++;
      const told = this.tell(event);
      messages.push(...told.messages);
      octets += told.messages.reduce((sum, { length }) => sum + length, 0);
      if (told.skip !== null) {
        const before = skipped.get(told.skip);
        skipped.set(told.skip, { count: (before?.count ?? 0) + 1, first: before?.first ?? position, last: position });
      }
      if (octets < this.limits.slice && index < found.length - 1) continue;
      yield { first, last: position, events, messages };
      for (const [reason, which] of skipped) {
        this.current.skipped += which.count;
        this.log.error('audit-syslog-skipped', { reason, ...which });
      }
      skipped.clear();
      [messages, octets, events, first] = [[], 0, 0, null];
    }
  }

  private tell(event: WardenEvent | null): { messages: Buffer[]; skip: SkipReason | null } {
    if (event === null) return { messages: [], skip: 'unreadable' };
    const { messagesOf, origin } = this.options;
    const { longest } = this.connection;
    const failed = event.outcome !== 'success';
    try {
      const messages = messagesOf(event).map((text) => toSyslogMessage({ at: event.at, failed, text }, origin));
      const carried = messages.filter(({ length }) => longest === null || length <= longest);
      return { messages: carried, skip: carried.length < messages.length ? 'too-long' : null };
    } catch {
      return { messages: [], skip: 'untold' };
    }
  }

  private succeeded(events: number): void {
    this.current.lastDeliveredAt = this.clock.now();
    this.current.backlog = Math.max(0, (this.current.backlog ?? 0) - events);
    if (this.trouble === null) return;
    this.log.info('audit-syslog-recovered', { backlog: this.current.backlog });
    this.trouble = null;
  }

  private async failed({ reason, cause }: Problem): Promise<number> {
    const wait = this.retry.after(this.clock.monotonic());
    this.current.failures++;
    // Told once, and once more when it becomes another trouble.
    if (this.trouble !== reason) {
      const { backlog } = this.current;
      this.log.warn('audit-syslog-postponed', { reason, cause, backlog, retryMs: Math.round(wait) });
    }
    this.trouble = reason;
    if (reason !== 'database') await this.store.failed(this.options.target).catch(() => undefined);
    return wait;
  }

  /** What went out lately on a connection that is gone is to be sent again. */
  private recall(): void {
    const first = this.sent.takeFirst(this.clock.monotonic());
    if (first !== null) this.again = Math.min(first, this.again ?? Infinity);
  }

  private async rewind(): Promise<void> {
    const { again } = this;
    if (again === null) return;
    await this.store.rewind(this.options.target, again - 1);
    // Unless another connection broke meanwhile.
    if (this.again === again) this.again = null;
  }

  private async pause(milliseconds: number, untilNudged: boolean): Promise<void> {
    if (this.stopped || (untilNudged && this.woken)) {
      this.woken = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        if (!untilNudged && !this.stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
    this.woken = false;
  }
}

interface Problem {
  readonly reason: string;
  readonly cause: string;
}

/** False when it takes longer. */
async function endsWithin(milliseconds: number, work: Promise<unknown> | null): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), milliseconds)));
  const ended = Promise.resolve(work).then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, late]);
  clearTimeout(timer);
  return inTime;
}
