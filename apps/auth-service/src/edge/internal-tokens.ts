import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { ShareToken } from '@warden/tokens';
import { RecentTexts } from '@warden/tokens';
import { TokenSigner } from '../shares/index.js';

/** Milliseconds. The plugin keeps an answer by the token that it asked with. */
const reusedFor = 30_000;
const life = 90_000;
/** Tokens of one half of the memory, and the longest identity in characters. */
const half = 2_048;
const longest = 43;

interface Made {
  readonly text: string;
  readonly at: number;
  readonly endsAt: number;
}

/** What a share's request goes on with in place of its own token: good for what the guard has judged, and for a moment. */
@Injectable()
export class InternalTokens {
  private readonly made = new RecentTexts<Made>(half, longest);

  constructor(private readonly signer: TokenSigner) {}

  /** @param endsAt when the share's token ends, milliseconds since the epoch */
  for(token: ShareToken, endsAt: number, now: number): string {
    const known = this.made.get(token.identity);
    if (known !== undefined && now >= known.at && now - known.at < reusedFor && known.endsAt <= endsAt)
      return known.text;
    const expiresAt = Math.min(endsAt, now + life);
    const identity = randomBytes(16).toString('base64url');
    const text = this.signer.signInternal(token, { identity, issuedAt: now, expiresAt });
    this.made.keep(token.identity, { text, at: now, endsAt: expiresAt });
    return text;
  }
}
