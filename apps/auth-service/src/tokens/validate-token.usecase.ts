import { Injectable } from '@nestjs/common';
import { type CoverFault, type CoverRules, covers } from '@warden/permissions';
import type { ShareToken } from '@warden/tokens';
import { Clock } from '../platform/time/clock.js';
import type { Access } from './access.js';
import { type Refusal, TokenJudge } from './token-judge.js';
import { TokenSightings } from './token-sightings.js';

export interface TokenQuestion {
  readonly access: Access;
  /** Token text without `Bearer `; empty when the caller has none. */
  readonly token: string;
}

export type DenialReason = Refusal | CoverFault | 'other-server' | 'no-token' | 'guard-required' | 'audit-unavailable';

export type Verdict =
  | {
      readonly granted: true;
      /** Seconds for which the answer may be kept; 0 = not at all. */ readonly validity: number;
      readonly reason: 'granted';
      readonly token: ShareToken;
    }
  | {
      readonly granted: false;
      readonly validity: number;
      readonly reason: DenialReason;
      /** Null: no key of ours signed what was shown. */
      readonly token: ShareToken | null;
    };

export abstract class DecisionRules {
  abstract readonly serverId: string | null;
  /** Seconds. */
  abstract readonly grantValidity: number;
  abstract readonly sharePost: 'compatible' | 'edge-only' | 'refuse';
  abstract readonly labelsThatStopShares: readonly string[];
}

/** Refusals that may pass in a moment: keeping them would stop a doctor after the cause is gone. */
const passing = new Set<DenialReason>(['revocations-loading', 'revocations-stale', 'audit-unavailable']);

/** Answers the plugin's question "may this token do this to this resource?". Never throws for a bad token, asks no database. */
@Injectable()
export class ValidateToken {
  private readonly cover: CoverRules;
  /** Of requests that the guard judged. */
  private readonly coverBehindGuard: CoverRules;

  constructor(
    private readonly judge: TokenJudge,
    private readonly rules: DecisionRules,
    private readonly sightings: TokenSightings,
    private readonly clock: Clock,
  ) {
    this.cover = {
      sharePost: rules.sharePost,
      edge: false,
      labelsThatStopShares: new Set(rules.labelsThatStopShares),
    };
    this.coverBehindGuard = { ...this.cover, edge: true };
  }

  execute(question: TokenQuestion): Verdict {
    return this.decide(question, (token) => this.sightings.seen(token));
  }

  /** The same answer, and nobody is told that the token was seen. */
  explain(question: TokenQuestion): Verdict {
    return this.decide(question, () => undefined);
  }

  private decide({ access, token }: TokenQuestion, seen: (token: ShareToken) => void): Verdict {
    if (token === '') return this.deny('no-token', null);
    const now = this.clock.now();
    const judged = this.judge.judge(token, now, access);
    if (!judged.ok) {
      const begins = judged.reason === 'not-yet-valid' ? (judged.token?.notBefore ?? now) : Infinity;
      return this.deny(judged.reason, judged.token, this.validity(begins, now));
    }
    if (this.rules.serverId !== null && access.serverId !== this.rules.serverId && !judged.token.anonymized) {
      return this.deny('other-server', judged.token);
    }
    const { edge, noArchive, session } = judged.token;
    // The plugin says neither whether the study is looked at or taken away, nor which browser asks.
    if ((noArchive || session !== null) && !edge) return this.deny('guard-required', judged.token);
    const cover = covers(judged.token, access, edge ? this.coverBehindGuard : this.cover);
    if (!cover.covered) return this.deny(cover.reason, judged.token);
    if (!edge) seen(judged.token);
    const validity = cover.cacheable ? this.validity(judged.endsAt, now) : 0;
    return { granted: true, validity, reason: 'granted', token: judged.token };
  }

  /** An answer is kept no longer than until the token's life changes it. */
  private validity(changes: number, now: number): number {
    return Math.max(1, Math.min(this.rules.grantValidity, Math.floor((changes - now) / 1000)));
  }

  /** What was granted, and cannot be given. */
  refuse({ token }: Verdict, reason: DenialReason): Verdict {
    return this.deny(reason, token);
  }

  private deny(reason: DenialReason, token: ShareToken | null, validity = this.rules.grantValidity): Verdict {
    return { granted: false, validity: passing.has(reason) ? 0 : validity, reason, token };
  }
}
