import type { Keyring } from './keyring.js';
import { type ShareVerification, type SignedText, inForce, readSigned } from './verify-share-token.js';

/** Texts of one half of the memory, and the longest of them in characters: a few megabytes at most. */
const HALF = 512;
const LONGEST_KEPT = 4_096;

/**
 * {@link verifyShareToken} with a memory. A viewer sends the same link for every image of a study, and neither its signature
 * nor what it says can change; whatever time changes (expiry, not-before, end date of the key) is looked at each time.
 * Only texts that a key of ours signed are kept, so that a stranger can neither fill the memory nor push others out of it.
 */
export class ShareTokenVerifier {
  /** When the recent half is full, it becomes the older one, which is forgotten: no text has to be looked for. */
  private recent = new Map<string, SignedText>();
  private older = new Map<string, SignedText>();

  constructor(private readonly keyring: Keyring) {}

  /** As {@link verifyShareToken}, for the same text at any time. */
  verify(text: string, nowMs: number): ShareVerification {
    const known = this.recent.get(text);
    if (known !== undefined) return inForce(known, nowMs);
    const signed = this.older.get(text) ?? readSigned(text, this.keyring);
    if (typeof signed === 'string') return { ok: false, reason: signed };
    if (text.length <= LONGEST_KEPT) this.keep(text, signed);
    return inForce(signed, nowMs);
  }

  private keep(text: string, signed: SignedText): void {
    if (this.recent.size >= HALF) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(text, signed);
  }
}
