import { createHash } from 'node:crypto';
import type { EventSource } from '@warden/events';
import type { Gate, Share } from '../share.js';

/** A recipient who has passed the gate. */
export interface Opening {
  readonly shareId: string;
  /** SHA-256 of what the recipient's browser keeps. */
  readonly session: Buffer;
  readonly viewer: string;
  /** The gate that was passed; null: there was none. */
  readonly gate: Gate | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly source: EventSource;
}

export type Opened =
  | { readonly ok: true; readonly share: Share }
  | {
      readonly ok: false;
      readonly reason: 'scheduled' | 'locked' | 'used-up' | 'expired' | 'revoked' | 'gate-changed';
    };

/** Counts who opened what. */
export abstract class OpeningsStore {
  /**
   * Lets a recipient in or says why not, with the event, in one transaction. Openings of one share follow one another, so
   * that no more come in than may. A recipient who came in within the last eight hours is not counted again, and comes in
   * though the share is used up.
   */
  abstract open(opening: Opening): Promise<Opened>;
  /** Whether this recipient came in within the last eight hours. */
  abstract knows(shareId: string, session: Buffer, now: number): Promise<boolean>;
  /** Drops sessions of more than a day ago. */
  abstract forgetOld(now: number): Promise<void>;
}

/** What the registry keeps of a recipient's session. */
export function digestOfSession(session: string): Buffer {
  return createHash('sha256').update(session).digest();
}
