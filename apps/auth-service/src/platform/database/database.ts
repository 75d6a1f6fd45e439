import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError, databaseUnavailable, schemaMissing } from '../errors/domain-error.js';
import { Secret } from '../observability/secret.js';
import { createDataSource } from './data-source.js';

export type Row = Record<string, unknown>;

/** Runs the statements of `work` in one transaction: all of them are kept, or none. Nested calls join the outer one. */
export abstract class UnitOfWork {
  abstract run<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * The application role's pool. Connects when it is first needed and again after every outage; until then each call
 * fails with `database-unavailable`, so that nothing waits for a database that is gone.
 */
export class Database extends UnitOfWork {
  private readonly transactions = new AsyncLocalStorage<EntityManager>();
  private openTransactions = 0;
  private connecting: Promise<DataSource> | null = null;
  /** Statements sent so far: the test that a decision asks the database nothing counts these. */
  statements = 0;

  constructor(readonly url: Secret) {
    super();
  }

  /** Runs one statement with `$1` parameters and returns its rows. */
  async query<T extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    this.statements++;
    try {
      const runner = this.transactions.getStore() ?? (await this.source()).manager;
      const result: unknown = await runner.query(sql, [...parameters]);
      return rowsOf<T>(result);
    } catch (error) {
      throw explained(error);
    }
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.transactions.getStore() !== undefined) return work();
    this.openTransactions++;
    try {
      const source = await this.source();
      return await source.transaction((manager) => this.transactions.run(manager, work));
    } catch (error) {
      throw explained(error);
    } finally {
      // Once used, the storage has node track every socket, timer and promise for good, which each decision then pays for.
      if (--this.openTransactions === 0) this.transactions.disable();
    }
  }

  async close(): Promise<void> {
    const source = await this.connecting?.catch(() => null);
    this.connecting = null;
    await source?.destroy();
  }

  private source(): Promise<DataSource> {
    this.connecting ??= createDataSource(this.url).initialize();
    // A failed first connection must not be remembered: the next call tries again.
    this.connecting.catch(() => (this.connecting = null));
    return this.connecting;
  }
}

/** TypeORM answers rows for a SELECT and `[rows, count]` for UPDATE and DELETE. */
function rowsOf<T>(result: unknown): T[] {
  if (!Array.isArray(result)) return [];
  const [first, second] = result as unknown[];
  return Array.isArray(first) && typeof second === 'number' ? (first as T[]) : (result as T[]);
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

/** True when the cause is that no answer can be had now: connection lost, refused, shutting down, timed out, no disk. */
export function isOutage(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  if (typeof code === 'string') {
    // PostgreSQL appendix A: 08 connection, 53 resources, 57P admin shutdown and starting up, 57014 time limit, 28 and 3D refused or absent, 55000 closed to connections, 25006 read-only standby.
    if (
      networkCodes.has(code) ||
      /^(08|53|57P|28|3D)/.test(code) ||
      code === '57014' ||
      code === '55000' ||
      code === '25006'
    )
      return true;
  }
  return (
    typeof message === 'string' &&
    // The library gives a connection back as soon as it breaks, between two statements of a transaction too.
    /connection terminated|query runner (was )?already released|timeout exceeded when trying to connect|connection timeout|query read timeout|not queryable|driver not connected|server closed the connection/i.test(
      message,
    )
  );
}

/** An outage and a schema that was not migrated are states of the installation, not faults in here. */
function explained(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (isOutage(error)) return databaseUnavailable(error);
  // PostgreSQL appendix A: 42P01 no such table, 42703 no such column.
  const { code } = (error ?? {}) as { code?: unknown };
  return code === '42P01' || code === '42703' ? schemaMissing(error) : error;
}
