import { Injectable } from '@nestjs/common';
import { type Change, type FeedConsumer, type FeedQuery, inBatches } from '../../platform/feed/change-feed.js';
import { Clock } from '../../platform/time/clock.js';
import { RegisteredTokens, RevocationList, type RevokedShare } from '../revocation-list.js';
import { type RevocationRuleMade, type SharesRevoked, revocationTopics } from '../revocation-topics.js';
import { JudgeSettings } from '../token-judge.js';
import { type RevocationRuleRow, ruleColumns, ruleOf } from './revocation-rule-row.js';

/** Milliseconds. */
const tidyEvery = 60_000;

/** Fills the revocation list and the set of registered identities from the database. */
@Injectable()
export class RevocationsFeed implements FeedConsumer {
  readonly topics = Object.values(revocationTopics);
  private tidied = 0;

  constructor(
    private readonly list: RevocationList,
    private readonly registered: RegisteredTokens,
    private readonly settings: JudgeSettings,
    private readonly clock: Clock,
  ) {}

  async load(query: FeedQuery): Promise<void> {
    const revoked: RevokedShare[] = [];
    const shares = `SELECT ${identity} AS identity, (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAt"
       FROM share WHERE revoked_at IS NOT NULL AND (expires_at IS NULL OR expires_at > ${aWhileAgo})`;
    for await (const rows of inBatches<{ identity: string; expiresAt: number | null }>(query, shares))
      revoked.push(...rows);
    const shortened = `SELECT ${identity} AS identity, (extract(epoch FROM token_expires_at) * 1000)::float8 AS "expiresAt",
         (extract(epoch FROM expires_at) * 1000)::float8 AS "endsAt"
       FROM share WHERE ends_early AND (token_expires_at IS NULL OR token_expires_at > ${aWhileAgo})`;
    for await (const rows of inBatches<{ identity: string; expiresAt: number | null; endsAt: number | null }>(
      query,
      shortened,
    ))
      revoked.push(...rows);
    const rules = await query<RevocationRuleRow>(`SELECT ${ruleColumns} FROM revocation_rule`);
    this.list.replace(revoked, rules.map(ruleOf));
    if (!this.settings.rules.asksRegistry) return;
    // Tokens whose registration the token itself cannot prove; live ones only.
    const known: string[] = [];
    const registered = `SELECT ${identity} AS identity FROM share
       WHERE (origin = 'adopted' OR key_id <> $1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${aWhileAgo})`;
    for await (const rows of inBatches<{ identity: string }>(query, registered, [
      this.settings.rules.keyring.signing.kid,
    ])) {
      for (const row of rows) known.push(row.identity);
    }
    this.registered.replace(known);
  }

  async apply(change: Change, query: FeedQuery): Promise<void> {
    if (change.topic === revocationTopics.shares) {
      for (const share of (change.payload as SharesRevoked).shares) this.list.revoke(share);
    } else {
      const { id } = change.payload as RevocationRuleMade;
      const rows = await query<RevocationRuleRow>(`SELECT ${ruleColumns} FROM revocation_rule WHERE id = $1`, [id]);
      for (const row of rows) this.list.addRule(ruleOf(row));
    }
    this.tidy();
  }

  /** Looks through the whole list, so not for every one of a thousand changes. */
  private tidy(): void {
    const now = this.clock.monotonic();
    if (now - this.tidied < tidyEvery) return;
    this.tidied = now;
    this.list.prune(this.clock.now());
  }
}

/** base64url, made by the database: a hundred thousand byte strings would weigh more here than all that is kept of them. */
const identity = `translate(rtrim(encode(token_id, 'base64'), '='), '+/', '-_')`;

/** The database's clock may be ahead of the one that judges expiry. */
const aWhileAgo = `now() - interval '1 hour'`;
