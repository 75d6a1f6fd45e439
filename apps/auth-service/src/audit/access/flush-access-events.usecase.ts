import { Injectable } from '@nestjs/common';
import type { WardenEvent } from '@warden/events';
import { v7 as uuidv7 } from 'uuid';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { EventLog } from '../event-log.js';
import { eventOf, lossOf } from './access-event.js';
import type { Batch, Lane } from './access-lane.js';
import { AccessRecorder } from './access-recorder.js';
import { GatheredAccess, type GatheredEntry } from './gathered-access.js';
import { SharesOfTokens } from './shares-of-tokens.js';

/** Entries in one statement. */
const most = 2_000;
/** Milliseconds. A disclosure waits no longer than this before it is on its way. */
const every = 50;
const retry = { first: 250, longest: 1_000 };
const stopMs = 2_000;
const tellLossEvery = 10_000;

/**
 * Writes what the recorder gathered: each lane by itself, in its order, until the database took it. An answer that was lost
 * on its way back may have an entry recorded twice; none is left out.
 */
@Injectable()
export class FlushAccessEvents {
  private readonly writers: readonly LaneWriter[];
  private timer: NodeJS.Timeout | null = null;
  private stopping: Promise<void> | null = null;

  constructor(
    private readonly recorder: AccessRecorder,
    events: EventLog,
    shares: SharesOfTokens,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.writers = recorder.lanes.map((lane) => new LaneWriter(lane, events, shares, clock, log));
  }

  start(): void {
    if (this.stopping === null) this.timer ??= setInterval(() => this.tick(), every).unref();
  }

  /** Begins to write what is due. Does nothing where there is nothing. */
  tick(): void {
    if (this.stopping !== null) return;
    this.recorder.tidy(this.clock.now());
    for (const writer of this.writers) writer.tick();
  }

  /** Writes all that there is, open windows too, for two seconds at most. Never rejects; nothing more is begun. */
  stop(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  private async drain(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    const given = new AbortController();
    const deadline = setTimeout(() => given.abort(), stopMs).unref();
    const late = new Promise<void>((resolve) => given.signal.addEventListener('abort', () => resolve()));
    await Promise.race([Promise.all(this.writers.map((writer) => writer.drain(given.signal))), late]);
    clearTimeout(deadline);
    for (const { name, held, questions } of this.recorder.lanes)
      if (questions > 0) this.log.error('access-events-abandoned', { lane: name, entries: held, questions });
  }
}

/** One lane and how its writing stands. */
class LaneWriter {
  private running: Promise<void> | null = null;
  private failures = 0;
  /** Monotonic milliseconds. */
  private retryAt = -Infinity;
  private toldAt = -Infinity;
  private told = 0;

  constructor(
    private readonly lane: Lane<GatheredEntry>,
    private readonly events: EventLog,
    private readonly shares: SharesOfTokens,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  tick(): void {
    if (this.lane.lost !== this.told) this.tellLoss();
    if (this.running !== null || this.lane.empty || this.clock.monotonic() < this.retryAt) return;
    if (this.lane.next(this.clock.now(), most, false) === null) return;
    this.running = this.writeDue().finally(() => (this.running = null));
  }

  async drain(given: AbortSignal): Promise<void> {
    await this.running;
    for (let batch = this.all(); batch !== null && !given.aborted; batch = this.all())
      if (!(await this.write(batch))) await pause(retry.first);
  }

  private all(): Batch<GatheredEntry> | null {
    return this.lane.next(this.clock.now(), most, true);
  }

  private async writeDue(): Promise<void> {
    let batch = this.lane.next(this.clock.now(), most, false);
    while (batch !== null && (await this.write(batch))) batch = this.lane.next(this.clock.now(), most, false);
  }

  /** False: it is still there, to be tried again later. */
  private async write(batch: Batch<GatheredEntry>): Promise<boolean> {
    try {
      await this.events.append(await this.eventsOf(batch));
    } catch (error) {
      const cause = messageOf(error);
      if (this.failures === 0) this.log.warn('access-events-postponed', { lane: this.lane.name, cause });
      this.retryAt = this.clock.monotonic() + Math.min(retry.first * 2 ** this.failures, retry.longest);
      this.failures++;
      this.lane.unavailable = true;
      return false;
    }
    this.lane.written();
    this.failures = 0;
    this.lane.unavailable = false;
    return true;
  }

  /** With ids of their own each time: of what was recorded after all, the same ids a second time would stop the sealing. */
  private async eventsOf({ losses, entries }: Batch<GatheredEntry>): Promise<WardenEvent[]> {
    const identities = entries.map((entry) => (entry instanceof GatheredAccess ? entry.share : ''));
    const shares = await this.shares.byIdentity([...new Set(identities)].filter((identity) => identity !== ''));
    const lost = losses.map((loss) => lossOf(this.lane.name, loss, uuidv7()));
    const told = entries.map((entry) => eventOf(entry, shares, uuidv7()));
    return [...lost, ...told];
  }

  private tellLoss(): void {
    const now = this.clock.monotonic();
    if (now - this.toldAt < tellLossEvery) return;
    const { name, lost, unavailable } = this.lane;
    const reason = unavailable ? 'database-unavailable' : 'buffer-full';
    this.log.error('access-events-lost', { lane: name, reason, count: lost - this.told, total: lost });
    this.toldAt = now;
    this.told = lost;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
