import { Inject, Injectable } from '@nestjs/common';
import { parseRolesDocument } from '@warden/permissions';
import { KeepRecord } from './audit/index.js';
import type { Config } from './platform/config/config.js';
import { CONFIG } from './platform/config/config.token.js';
import { Database } from './platform/database/database.js';
import { schemaState } from './platform/database/schema-revision.js';
import { ChangeFeed } from './platform/feed/change-feed.js';
import { ChangeWriter } from './platform/feed/change-writer.js';
import { HttpTally } from './platform/http/http-tally.js';
import { Log, messageOf } from './platform/observability/log.js';
import { Metrics } from './platform/observability/metrics.js';
import { Readiness } from './platform/observability/readiness.js';
import { Clock } from './platform/time/clock.js';
import { RolesFeed, RolesStore } from './roles/index.js';
import {
  AdoptShares,
  RecordExpiredShares,
  ResolveSharedImages,
  SharePolicyFeed,
  SharesStore,
  TidyLinks,
} from './shares/index.js';
import { DecisionTally, RevocationList, RevocationsFeed } from './tokens/index.js';
import { ApiKeyUses, ApiKeysFeed, IdentityTally, TrustedIssuers, usesWrittenEvery } from './users/index.js';

const retryAfterMs = 1_000;
const housekeepingMs = 3_600_000;
/** A share is resolved this long after it was minted, or a little later. */
const imagesEveryMs = 1_000;
const expiriesEveryMs = 30_000;

/** Brings the service to life once there is a database with a schema, however long that takes, and ends it in order. */
@Injectable()
export class StartUp {
  private stopped = false;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly feed: ChangeFeed,
    private readonly changes: ChangeWriter,
    private readonly rolesStore: RolesStore,
    private readonly rolesFeed: RolesFeed,
    private readonly sharePolicyFeed: SharePolicyFeed,
    private readonly sharesStore: SharesStore,
    private readonly adoptShares: AdoptShares,
    private readonly tidyLinks: TidyLinks,
    private readonly sharedImages: ResolveSharedImages,
    private readonly expiredShares: RecordExpiredShares,
    private readonly record: KeepRecord,
    private readonly revocationsFeed: RevocationsFeed,
    private readonly revocations: RevocationList,
    private readonly apiKeysFeed: ApiKeysFeed,
    private readonly apiKeyUses: ApiKeyUses,
    private readonly decisions: DecisionTally,
    private readonly tally: HttpTally,
    private readonly issuers: TrustedIssuers,
    private readonly identities: IdentityTally,
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Resolves when the revocations are loaded; never rejects, but waits for the database. */
  async begin(): Promise<void> {
    this.publishMetrics();
    this.readiness.advise(() => this.issuers.checks());
    void this.issuers.warm();
    this.feed.register(this.revocationsFeed);
    this.feed.register(this.rolesFeed);
    this.feed.register(this.sharePolicyFeed);
    this.feed.register(this.apiKeysFeed);
    await this.untilDone(() => this.seedRoles());
    if (this.stopped) return;
    this.feed.start();
    this.timers.push(setInterval(() => void this.tidy(), housekeepingMs).unref());
    this.timers.push(setInterval(() => void this.apiKeyUses.flush(), usesWrittenEvery).unref());
    this.timers.push(setInterval(() => void this.sharedImages.execute(), imagesEveryMs).unref());
    this.record.begin();
    void this.expiredShares.execute();
    this.timers.push(setInterval(() => void this.expiredShares.execute(), expiriesEveryMs).unref());
    while (!this.stopped && this.feed.state() === 'loading') await pause(20);
  }

  async end(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    await this.feed.stop();
    const written = Promise.all([
      this.adoptShares.settled(),
      this.sharedImages.stop(),
      this.expiredShares.stop(),
      this.apiKeyUses.flush(),
    ]);
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
    await Promise.race([this.record.end(), new Promise((resolve) => setTimeout(resolve, 4_000).unref())]);
    await this.database.close();
  }

  private async seedRoles(): Promise<void> {
    const state = await schemaState(this.database);
    if (state !== 'current' && state !== 'newer') throw new Error(`the schema is ${state}; run: npm run db:migrate`);
    const { seed, seedFrom } = this.config.roles;
    const parsed = parseRolesDocument(seed);
    if (!parsed.ok) throw new Error('the roles document of the settings is not valid');
    const seeded = await this.rolesStore.seed(parsed.document, `seed:${seedFrom}`, this.clock.now());
    if (seeded) this.log.info('roles-seeded', { from: seedFrom });
    else if (seedFrom !== 'built-in')
      this.log.info('permissions-file-ignored', { detail: 'the roles in the database are in force' });
  }

  private async untilDone(work: () => Promise<void>): Promise<void> {
    let told = '';
    while (!this.stopped) {
      try {
        return await work();
      } catch (error) {
        const cause = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
        if (cause !== told) this.log.warn('waiting-for-database', { cause });
        told = cause;
        await pause(retryAfterMs);
      }
    }
  }

  private async tidy(): Promise<void> {
    try {
      await this.sharesStore.forgetOldKeys();
      await this.changes.forgetOld();
      await this.record.tidy();
      await this.tidyLinks.execute();
    } catch (error) {
      this.log.warn('tidying-postponed', { cause: messageOf(error) });
    }
  }

  private publishMetrics(): void {
    this.metrics.collector(this.tally);
    this.metrics.counts('token_decisions_total', 'Verdicts by reason.', 'reason', () => this.decisions.entries());
    this.metrics.counts('identities_total', 'Verdicts on bearer tokens and API keys by outcome.', 'outcome', () =>
      this.identities.entries(),
    );
    this.metrics.counts('issuer_key_fetches_total', 'Times that the keys of an issuer were asked for.', 'issuer', () =>
      this.issuers.list.map(({ config, keys }): [string, number] => [config.name, keys.state().fetches]),
    );
    this.metrics.gauges('issuer_keys_age_seconds', 'Age of the keys in memory.', 'issuer', () =>
      this.issuers.list.flatMap(({ config, keys }): [string, number][] => {
        const { ageSeconds } = keys.state();
        return ageSeconds === null ? [] : [[config.name, ageSeconds]];
      }),
    );
    this.metrics.gauge(
      'revocation_feed_age_seconds',
      'Seconds since the revocations in memory were last known to be complete.',
      () => this.feed.ageSeconds(),
    );
    this.metrics.gauges(
      'shares_images_unresolved',
      'Shares of which Orthanc was not asked, or did not tell, which studies they open.',
      'problem',
      () => this.sharedImages.unresolved(),
    );
    this.record.publish(this.metrics);
    this.metrics.gauge('revoked_shares', 'Revoked shares in memory.', () => this.revocations.sizes().shares);
    this.metrics.gauge('revocation_rules', 'Revocation rules in memory.', () => this.revocations.sizes().rules);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
