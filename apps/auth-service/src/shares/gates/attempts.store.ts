import type { AttemptLimits } from './attempt-limits.js';

/** Whose attempts are counted: a SHA-256, so that neither links nor addresses are kept. */
export interface AttemptSubject {
  readonly digest: Buffer;
  /** False: of a link that nobody minted; forgotten sooner. */
  readonly known: boolean;
  readonly limits: AttemptLimits;
}

export type Debit =
  | {
      readonly allowed: true;
      /** Attempts in the order of the subjects, this one included. */ readonly counts: readonly number[];
    }
  | {
      readonly allowed: false;
      /** Milliseconds since the epoch; null: there are no more attempts. */
      readonly retryAt: number | null;
    };

/** Counts attempts before they are judged, so that neither a crash nor a race gives one for free. */
export abstract class AttemptsStore {
  /** Takes one attempt of every subject, or of none where one has to wait. */
  abstract debit(subjects: readonly AttemptSubject[], now: number): Promise<Debit>;
  /** Gives back the one that was taken last; 'all' gives back whatever was taken. */
  abstract credit(digest: Buffer, how: 'one' | 'all'): Promise<void>;
  /** Drops what has no meaning any more. */
  abstract forgetOld(now: number): Promise<void>;
}
