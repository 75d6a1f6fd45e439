import { Injectable } from '@nestjs/common';
import { type Keyring, type ShareToken, ShareTokenVerifier, type TokenFault } from '@warden/tokens';
import type { Access } from './access.js';
import { RegisteredTokens, RevocationList } from './revocation-list.js';

export type FeedStanding = 'loading' | 'fresh' | 'stale';

/** Why a token is refused, whatever it is asked for. */
export type Refusal =
  | TokenFault
  | 'unknown-type'
  | 'revocations-loading'
  | 'revocations-stale'
  | 'revoked'
  | 'ended'
  | 'unregistered'
  | 'anonymized'
  | 'gated';

export type JudgedToken =
  | {
      readonly ok: true;
      readonly token: ShareToken;
      /** When it ends, as far as is known now: by itself, by its key, or by hand. Milliseconds since the epoch. */
      readonly endsAt: number;
    }
  | { readonly ok: false; readonly reason: Refusal; readonly token: ShareToken | null };

export interface JudgeRules {
  readonly keyring: Keyring;
  readonly acceptUnregistered: boolean;
  /** Some token's acceptance depends on the registry: its identities must be in memory. */
  readonly asksRegistry: boolean;
  /** Types that this installation can open; a token of another type was not made for it. */
  readonly knownTypes: ReadonlySet<string>;
  /** Identifier of the server that serves anonymized images; anonymized links are good there and nowhere else. */
  readonly anonymizedServerId: string | null;
  readonly feed: () => FeedStanding;
}

export abstract class JudgeSettings {
  abstract readonly rules: JudgeRules;
}

/**
 * Says whether a token is a key that is alive: signature, expiry, revocation, registration, in this order. Asks the memory only.
 * Never throws for a bad token.
 */
@Injectable()
export class TokenJudge {
  private readonly rules: JudgeRules;
  private readonly verifier: ShareTokenVerifier;

  constructor(
    settings: JudgeSettings,
    private readonly revocations: RevocationList,
    private readonly registered: RegisteredTokens,
  ) {
    this.rules = settings.rules;
    this.verifier = new ShareTokenVerifier(settings.rules.keyring);
  }

  /**
   * @param goesOnUntil asked of a token that is over by itself: until when it is good all the same, in milliseconds since the
   * epoch, or null
   */
  judge(
    text: string,
    now: number,
    access: Pick<Access, 'labels' | 'serverId'> | null,
    goesOnUntil: (token: ShareToken) => number | null = () => null,
  ): JudgedToken {
    const { keyring, acceptUnregistered, feed, knownTypes } = this.rules;
    const verified = this.verifier.verify(text, now);
    const { token = null } = verified;
    const longer = !verified.ok && verified.reason === 'expired' && token !== null ? goesOnUntil(token) : null;
    if (token === null || (!verified.ok && !(longer !== null && now < longer)))
      return { ok: false, reason: verified.ok ? 'not-a-share' : verified.reason, token };
    const refuse = (reason: Refusal): JudgedToken => ({ ok: false, reason, token });
    if (token.type !== null && !knownTypes.has(token.type)) return refuse('unknown-type');
    // What is in memory cannot be trusted to hold every revocation: refuse rather than open a dead link.
    const standing = feed();
    if (standing !== 'fresh') return refuse(standing === 'loading' ? 'revocations-loading' : 'revocations-stale');
    if (this.revocations.has(token, access)) return refuse('revoked');
    const endByHand = this.revocations.endOf(token);
    if (endByHand <= now) return refuse('ended');
    // A token of ours needs no look-up: the key and the jti say that it was minted here.
    const mustBeKnown = token.keyRegisteredOnly || (!acceptUnregistered && !token.ours);
    // The registry knows a viewer by its share.
    if (mustBeKnown && !this.registered.has(token.parent?.identity ?? token.identity)) return refuse('unregistered');
    if (token.anonymized && !this.servesAnonymized(access)) return refuse('anonymized');
    if (token.gated) return refuse('gated');
    const keyUntil = keyring.find(token.kid)?.until ?? Infinity;
    return { ok: true, token, endsAt: Math.min(longer ?? token.expiresAt ?? Infinity, keyUntil, endByHand) };
  }

  private servesAnonymized(access: Pick<Access, 'serverId'> | null): boolean {
    const { anonymizedServerId } = this.rules;
    return anonymizedServerId !== null && access?.serverId === anonymizedServerId;
  }
}
