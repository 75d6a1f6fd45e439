import pg from 'pg';
import type { Log } from '../observability/log.js';
import { messageOf } from '../observability/log.js';
import type { Secret } from '../observability/secret.js';
import type { Clock } from '../time/clock.js';

export interface Change {
  readonly topic: string;
  readonly payload: unknown;
}

export type FeedQuery = <T extends Record<string, unknown>>(sql: string, parameters?: unknown[]) => Promise<T[]>;

/** Rows of a large result, some thousands at a time, so that a hundred thousand never lie in memory twice. Within a load only. */
export async function* inBatches<T extends Record<string, unknown>>(
  query: FeedQuery,
  sql: string,
  parameters: unknown[] = [],
): AsyncGenerator<T[]> {
  await query(`DECLARE load_batches NO SCROLL CURSOR FOR ${sql}`, parameters);
  for (;;) {
    const rows = await query<T>(`FETCH ${batchRows} FROM load_batches`);
    if (rows.length > 0) yield rows;
    if (rows.length < batchRows) break;
  }
  await query('CLOSE load_batches');
}

/** Keeps a copy in memory of something that any replica may change. */
export interface FeedConsumer {
  readonly topics: readonly string[];
  /** Replaces the copy by what is stored. Runs in one snapshot with all other consumers' loads. */
  load(query: FeedQuery): Promise<void>;
  /** Applies one change. May be called twice with the same one, and with one that `load` has seen. */
  apply(change: Change, query: FeedQuery): void | Promise<void>;
}

export interface FeedOptions {
  readonly url: Secret;
  readonly pollMs: number;
  readonly staleAfterMs: number;
  readonly listen: boolean;
}

export type FeedState = 'loading' | 'fresh' | 'stale';

const channel = 'warden_change';
const retryMs = { first: 100, longest: 2_000 };
/** A load may bring a hundred thousand rows; a poll that takes longer than this has lost its connection. */
const loadLimitMs = 30_000;
const pollLimitMs = 5_000;
const batchRows = 5_000;

/**
 * Tells every replica what changed: at once by NOTIFY, and by a poll when the notification is lost.
 *
 * The poll cannot skip a transaction that commits late. Each row carries the id of the transaction that wrote it; a
 * poll reads every row whose transaction was not yet finished when the poll before it looked (`pg_snapshot_xmin`), and
 * applies the ones that it has not applied yet. LISTEN comes before the first load, so nothing falls in between.
 */
export class ChangeFeed {
  private readonly consumers: FeedConsumer[] = [];
  private client: pg.Client | null = null;
  private cursor = '0';
  private applied = new Set<string>();
  private lastSuccess: number | null = null;
  private stopped = false;
  private wake: (() => void) | null = null;
  private woken = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: FeedOptions,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  register(consumer: FeedConsumer): void {
    this.consumers.push(consumer);
  }

  /** Returns at once; the feed connects, and reconnects, by itself until `stop`. */
  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.nudge();
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, 3_000).unref())]);
    await this.disconnect();
  }

  /** `loading`: never loaded. `stale`: what is in memory is older than the stated bound, by the monotonic clock. */
  state(): FeedState {
    if (this.lastSuccess === null) return 'loading';
    return this.clock.monotonic() - this.lastSuccess > this.options.staleAfterMs ? 'stale' : 'fresh';
  }

  /** Seconds since the copy in memory was last known to be complete; null before the first load. */
  ageSeconds(): number | null {
    return this.lastSuccess === null ? null : (this.clock.monotonic() - this.lastSuccess) / 1000;
  }

  private async run(): Promise<void> {
    let delay = retryMs.first;
    while (!this.stopped) {
      try {
        if (this.client === null) {
          await this.connectAndLoad();
          if (delay > retryMs.first) this.log.info('feed-recovered');
          delay = retryMs.first;
        }
        await this.pause(this.options.pollMs);
        if (!this.stopped) await this.poll();
      } catch (error) {
        await this.disconnect();
        if (this.stopped) return;
        if (delay === retryMs.first) this.log.warn('feed-lost', { cause: messageOf(error) });
        await this.pause(delay);
        delay = Math.min(delay * 2, retryMs.longest);
      }
    }
  }

  private async connectAndLoad(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.options.url.reveal(),
      connectionTimeoutMillis: 2_000,
      query_timeout: loadLimitMs,
      keepAlive: true,
      application_name: 'orthanc-warden feed',
    });
    this.client = client;
    client.on('error', () => {
      if (this.client === client) this.client = null;
      this.nudge();
    });
    await client.connect();
    if (this.options.listen) {
      client.on('notification', () => this.nudge());
      await client.query(`LISTEN ${channel}`);
    }
    const started = this.clock.monotonic();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows } = await client.query<{ xmin: string }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin',
    );
    for (const consumer of this.consumers) await consumer.load(this.queryOn(client));
    await client.query('COMMIT');
    this.cursor = rows[0]?.xmin ?? '0';
    this.applied = new Set();
    this.lastSuccess = started;
    // What was committed during the load, and may have been forgotten with the copy that it replaced, comes at once.
    this.woken = true;
  }

  private async poll(): Promise<void> {
    const { client } = this;
    if (client === null) throw new Error('the connection was lost');
    const started = this.clock.monotonic();
    const rows = await this.queryOn(client, pollLimitMs)<{
      xmin: string;
      seq: string | null;
      topic: string;
      payload: unknown;
    }>(
      `WITH now AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin)
       SELECT now.xmin::text AS xmin, change.seq::text AS seq, change.topic, change.payload
       FROM now LEFT JOIN change ON change.xid >= $1::xid8 ORDER BY change.seq`,
      [this.cursor],
    );
    const seen = new Set<string>();
    for (const { seq, topic, payload } of rows) {
      if (seq === null) continue;
      if (!this.applied.has(seq)) await this.apply({ topic, payload }, this.queryOn(client));
      seen.add(seq);
    }
    this.applied = seen;
    this.cursor = rows[0]?.xmin ?? this.cursor;
    this.lastSuccess = started;
  }

  private async apply(change: Change, query: FeedQuery): Promise<void> {
    for (const consumer of this.consumers) {
      if (consumer.topics.includes(change.topic)) await consumer.apply(change, query);
    }
  }

  private queryOn(client: pg.Client, limit?: number): FeedQuery {
    return async <T extends Record<string, unknown>>(text: string, values: unknown[] = []) => {
      const config = { text, values, ...(limit === undefined ? {} : { query_timeout: limit }) };
      return (await client.query<T>(config)).rows;
    };
  }

  /** Sleeps until the time is over or a notification comes; one that came during the work before counts. */
  private async pause(milliseconds: number): Promise<void> {
    if (!this.woken && !this.stopped) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.wake = null;
    this.woken = false;
  }

  private nudge(): void {
    this.woken = true;
    this.wake?.();
  }

  private async disconnect(): Promise<void> {
    const client = this.client;
    this.client = null;
    const gone = client?.end().catch(() => undefined);
    // On a network that swallows packets the farewell would never be answered.
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
  }
}
