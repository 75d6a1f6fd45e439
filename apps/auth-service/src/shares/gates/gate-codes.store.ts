import type { Share } from '../share.js';
import type { GatedShare } from './gate-secrets.js';

/** What a code is hashed for: who was sent one is let in by it as long as he is the recipient. */
export function holderOfCode({
  identity,
  keyId,
  recipient,
}: Pick<Share, 'identity' | 'keyId' | 'recipient'>): GatedShare {
  return { identity: JSON.stringify([identity, recipient?.email ?? null]), keyId };
}

/** The e-mailed code of a share that is good now; a new one takes the place of the one before. */
export abstract class GateCodesStore {
  abstract put(shareId: string, hash: string, expiresAt: number): Promise<void>;
  /** Null: none was sent, or its time is over. */
  abstract hashOf(shareId: string, now: number): Promise<string | null>;
  /** Takes a code away that was given; false: somebody else gave it first. */
  abstract use(shareId: string, hash: string): Promise<boolean>;
  abstract forgetOld(now: number): Promise<void>;
}
