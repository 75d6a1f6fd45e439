import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { longestWait } from '../gates/attempt-limits.js';
import { type AttemptSubject, AttemptsStore, type Debit } from '../gates/attempts.store.js';

@Injectable()
export class PostgresAttemptsStore extends AttemptsStore {
  constructor(private readonly database: Database) {
    super();
  }

  async debit(subjects: readonly AttemptSubject[], now: number): Promise<Debit> {
    const counts: number[] = [];
    try {
      await this.database.run(async () => {
        for (const subject of subjects) counts.push(await this.debitOne(subject, now));
      });
      return { allowed: true, counts };
    } catch (error) {
      if (error instanceof MustWait) return { allowed: false, retryAt: await this.retryAt(error.subject, now) };
      throw error;
    }
  }

  async credit(digest: Buffer, how: 'one' | 'all'): Promise<void> {
    if (how === 'one') {
      const [row] = await this.database.query<{ failures: number }>(
        `UPDATE gate_attempt SET failures = greatest(failures - 1, 0), blocked_until = NULL
         WHERE subject = $1 RETURNING failures`,
        [digest],
      );
      if (row?.failures !== 0) return;
    }
    // What was never judged leaves no row: else a crowd of strangers would fill the table without waiting.
    const none = how === 'one' ? 'AND failures = 0' : '';
    await this.database.query(`DELETE FROM gate_attempt WHERE subject = $1 ${none}`, [digest]);
  }

  async forgetOld(now: number): Promise<void> {
    await this.database.query(
      `DELETE FROM gate_attempt WHERE changed_at < $1::timestamptz - interval '1 day'
         AND (NOT known OR changed_at < $1::timestamptz - interval '180 days')`,
      [new Date(now)],
    );
  }

  private async debitOne(subject: AttemptSubject, now: number): Promise<number> {
    const { digest, known, limits } = subject;
    const each = limits.oneForgottenEach === null ? null : limits.oneForgottenEach / 1000;
    const quiet = limits.forgottenAfter === null ? null : new Date(now - limits.forgottenAfter);
    const since = 'extract(epoch FROM $3::timestamptz - gate_attempt.changed_at)';
    const left = `greatest(0, gate_attempt.failures - coalesce(floor(${since} / $7::float8), 0)::int)`;
    const count = `(CASE WHEN gate_attempt.changed_at < $4 THEN 1 ELSE ${left} + 1 END)`;
    const [row] = await this.database.query<{ failures: number }>(
      `INSERT INTO gate_attempt (subject, known, failures, changed_at) VALUES ($1, $2, 1, $3)
       ON CONFLICT (subject) DO UPDATE SET failures = ${count}, known = excluded.known, changed_at = excluded.changed_at,
         blocked_until = CASE WHEN ${count} > $5
           THEN $3::timestamptz + least(power(2, least(${count} - $5, 30)), ${longestWait}) * interval '1 second' END
       WHERE (gate_attempt.blocked_until IS NULL OR gate_attempt.blocked_until <= $3 OR gate_attempt.changed_at < $4)
         AND (gate_attempt.failures < $6 OR gate_attempt.changed_at < $4)
       RETURNING failures`,
      [digest, known, new Date(now), quiet, limits.free, limits.most ?? 2 ** 31 - 1, each],
    );
    if (row === undefined) throw new MustWait(subject);
    return row.failures;
  }

  private async retryAt({ digest, limits }: AttemptSubject, now: number): Promise<number | null> {
    const [row] = await this.database.query<{ failures: number; blocked_until: Date | null }>(
      'SELECT failures, blocked_until FROM gate_attempt WHERE subject = $1',
      [digest],
    );
    if (row !== undefined && limits.most !== null && row.failures >= limits.most) return null;
    return Math.max(row?.blocked_until?.getTime() ?? 0, now + 1_000);
  }
}

/** Rolls back what the same question took of other subjects. */
class MustWait extends Error {
  constructor(readonly subject: AttemptSubject) {
    super('an attempt has to wait');
  }
}
