import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { schemaState } from '../database/schema-revision.js';
import { ChangeFeed } from '../feed/change-feed.js';
import { Clock } from '../time/clock.js';
import { messageOf } from './log.js';

export interface Check {
  /** `database`, `schema`, `clock`, `revocations`; advisory: `issuer NAME`. */
  readonly name: string;
  readonly ok: boolean;
  /** Told, and the replica is ready all the same: taking it out of service would help nobody. */
  readonly advisory?: boolean;
  /** What is wrong and what to do about it; null when nothing is. */
  readonly detail: string | null;
}

/** Milliseconds by which the clocks of the application and of the database may differ. */
const clockTolerance = 5_000;
/** Milliseconds for which an answer is kept: a probe must not load the database. */
const keptFor = 1_000;
/** Milliseconds: a probe that waits longer would be a time-out without a reason. */
const databaseMustAnswerIn = 1_500;

/** Says whether this replica can do its whole work, and if not, what to do. */
@Injectable()
export class Readiness {
  private readonly advisers: (() => readonly Omit<Check, 'advisory'>[])[] = [];
  private last: { at: number; checks: Promise<Check[]> } | null = null;

  constructor(
    private readonly database: Database,
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
  ) {}

  /** Adds checks of something outside that is not needed for everything. */
  advise(read: () => readonly Omit<Check, 'advisory'>[]): void {
    this.advisers.push(read);
  }

  check(): Promise<Check[]> {
    const now = this.clock.monotonic();
    if (this.last === null || now - this.last.at > keptFor) this.last = { at: now, checks: this.lookAtAll() };
    return this.last.checks;
  }

  private async lookAtAll(): Promise<Check[]> {
    const own = await this.look();
    return [...own, ...this.advisers.flatMap((read) => read()).map((check) => ({ ...check, advisory: true }))];
  }

  private async look(): Promise<Check[]> {
    const silence = new Promise<never>((_, reject) => {
      const tooLong = () => reject(new Error(`no answer within ${databaseMustAnswerIn} ms`));
      setTimeout(tooLong, databaseMustAnswerIn).unref();
    });
    const revocations = this.revocations();
    try {
      return [...(await Promise.race([this.askDatabase(), silence])), revocations];
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
      const detail = `the database cannot be reached (${cause}); share tokens are judged from memory`;
      return [{ name: 'database', ok: false, detail }, revocations];
    }
  }

  private async askDatabase(): Promise<Check[]> {
    const before = this.clock.now();
    const [row] = await this.database.query<{ now: number }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
    );
    const difference = Math.round((row?.now ?? before) - (before + this.clock.now()) / 2);
    const state = await schemaState(this.database);
    return [
      { name: 'database', ok: true, detail: null },
      schemaCheck(state),
      {
        name: 'clock',
        ok: Math.abs(difference) < clockTolerance,
        detail:
          Math.abs(difference) < clockTolerance
            ? null
            : `the clocks of service and database differ by ${difference} ms; synchronise both (NTP)`,
      },
    ];
  }

  private revocations(): Check {
    const age = this.feed.ageSeconds();
    switch (this.feed.state()) {
      case 'fresh':
        return { name: 'revocations', ok: true, detail: null };
      case 'loading':
        return { name: 'revocations', ok: false, detail: 'revocations are not loaded yet; share tokens are refused' };
      case 'stale':
        return {
          name: 'revocations',
          ok: false,
          detail: `revocations were last known ${Math.round(age ?? 0)} s ago; share tokens are refused (REVOCATION_STALE_AFTER)`,
        };
    }
  }
}

function schemaCheck(state: 'current' | 'old' | 'absent' | 'newer'): Check {
  const ok = state === 'current' || state === 'newer';
  return {
    name: 'schema',
    ok,
    detail: ok ? null : `the schema is ${state}; run: npm run db:migrate (or set AUTO_MIGRATE=true)`,
  };
}
