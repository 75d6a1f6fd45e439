import type { Keyring } from './keyring.js';
import { RecentTexts } from './recent-texts.js';
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
  private readonly known = new RecentTexts<SignedText>(HALF, LONGEST_KEPT);

  constructor(private readonly keyring: Keyring) {}

  /** As {@link verifyShareToken}, for the same text at any time. */
  verify(text: string, nowMs: number): ShareVerification {
    const known = this.known.get(text);
    if (known !== undefined) return inForce(known, nowMs);
    const signed = readSigned(text, this.keyring);
    if (typeof signed === 'string') return { ok: false, reason: signed };
    this.known.keep(text, signed);
    return inForce(signed, nowMs);
  }
}
