import { Injectable } from '@nestjs/common';
import type { ShareResource } from '@warden/tokens';
import { byItself } from '../../audit/index.js';
import { OneRun } from '../../platform/concurrency/one-run.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { RevocationList } from '../../tokens/index.js';
import { type ImageStudy, Images } from './images.js';
import {
  type ImagesProblem,
  type ImagesProgress,
  type LeasedShare,
  SharedImagesStore,
  type UnresolvedCounts,
} from './shared-images.store.js';
import { endShare } from '../revoking/end-share.js';
import { SharesStore } from '../shares.store.js';

/** Shares taken from the queue at once, and asked about at once. Each asks one question at a time. */
const batch = 16;
const abreast = 4;
/** Milliseconds for all questions of one share. */
const timeForShare = 25_000;
/** Seconds: longer than a whole batch can take. */
const leaseSeconds = 120;
/** Milliseconds. However many are unresolved, counting them takes a fiftieth of the time at most. */
const leastBetweenCounts = 5_000;
const countingShare = 50;

/** Seconds until the archive is asked again about what it did not have: it may have been on its way, or it was deleted. */
const soonAgain = [60, 600, 3_600];
const day = 86_400;
const days = 30;
/** Seconds. */
const firstRetry = 10;
const longestRetry = 3_600;

type Outcome = 'resolved' | ImagesProblem;

/** What comes after an attempt: `seconds` until the next one, null for none. */
export function afterAttempt(
  { attempts, problem }: ImagesProgress,
  outcome: Outcome,
): { progress: ImagesProgress; seconds: number | null } {
  if (outcome === 'resolved') return { progress: { attempts: 0, problem: null }, seconds: null };
  const inARow = problem === outcome ? attempts + 1 : 1;
  return { progress: { attempts: inARow, problem: outcome }, seconds: delay(outcome, inARow) };
}

function delay(problem: ImagesProblem, attempts: number): number | null {
  if (problem === 'orthanc-unavailable') return Math.min(firstRetry * 2 ** (attempts - 1), longestRetry);
  return soonAgain[attempts - 1] ?? (attempts <= soonAgain.length + days ? day : null);
}

/**
 * Asks the archive which studies of which patients shares open, behind the answers: a token names no patient, and
 * whoever mints does not wait. Several replicas share the work.
 */
@Injectable()
export class ResolveSharedImages {
  private readonly run = new OneRun();
  private readonly underWay = new Set<AbortController>();
  /** One share at a time finds out when the archive is back; the others need not fail for it. */
  private probing = false;
  private told = '';
  private counts: UnresolvedCounts | null = null;
  private nextCount = -Infinity;

  constructor(
    private readonly images: Images,
    private readonly store: SharedImagesStore,
    private readonly shares: SharesStore,
    private readonly revocations: RevocationList,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Asks about every share that is due. Never rejects; a call while one runs joins it. */
  execute(): Promise<void> {
    if (!this.images.configured) return Promise.resolve();
    return this.run.start(() => this.work().catch((error: unknown) => this.tell('images-postponed', error)));
  }

  /** Gives back what is under way. */
  async stop(): Promise<void> {
    // Stopped first: what is begun meanwhile ends by itself.
    const over = this.run.stop();
    for (const one of this.underWay) one.abort();
    await over;
  }

  /** Shares by why it is not known what they open, as they were counted last. */
  unresolved(): [string, number][] {
    return Object.entries(this.counts ?? {});
  }

  private async work(): Promise<void> {
    for (let more = true; more && !this.run.stopped;) {
      const limit = this.probing ? 1 : batch;
      const leased = await this.store.lease(limit, leaseSeconds);
      const outcomes = await this.ask(leased);
      if (leased.length > 0) this.probing = outcomes.includes('orthanc-unavailable');
      more = leased.length === limit && !this.probing;
      await this.count();
    }
  }

  private async ask(leased: readonly LeasedShare[]): Promise<(Outcome | null)[]> {
    const waiting = [...leased];
    const outcomes: (Outcome | null)[] = [];
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        try {
          outcomes.push(await this.resolve(next));
        } catch (error) {
          // Its lease ends by itself.
          this.tell('images-postponed', error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(abreast, leased.length) }, worker));
    return outcomes;
  }

  /** Null: given back unasked. */
  private async resolve(share: LeasedShare): Promise<Outcome | null> {
    const { outcome, studies } = await this.studiesOf(share);
    if (studies.length > 0) {
      await this.store.keep(share.id, studies);
      await this.endIfRuled(share.id, studies);
    }
    if (this.run.stopped && outcome === 'orthanc-unavailable') {
      await this.store.settle(share, share.progress, 0);
      return null;
    }
    const { progress, seconds } = afterAttempt(share.progress, outcome);
    await this.store.settle(share, progress, seconds);
    return outcome;
  }

  private async studiesOf(share: LeasedShare): Promise<{ outcome: Outcome; studies: ImageStudy[] }> {
    const studies = new Map<string, ImageStudy>();
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), timeForShare);
    this.underWay.add(ended);
    if (this.run.stopped) ended.abort();
    let outcome: Outcome = 'resolved';
    try {
      for (const resource of share.resources.filter(namesImages)) {
        const found = await this.images.resolve(resource, ended.signal, { issuers: true });
        if (found === null) outcome = 'not-found';
        for (const study of found?.studies ?? []) studies.set(study.orthancId, study);
        this.told = '';
      }
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'orthanc-unavailable')) throw error;
      outcome = 'orthanc-unavailable';
      if (!this.run.stopped) this.tell('images-unavailable', error.cause);
    } finally {
      clearTimeout(timer);
      this.underWay.delete(ended);
    }
    return { outcome, studies: [...studies.values()] };
  }

  /** Links of a patient may have been ended while it was not known that this is one of them. */
  private async endIfRuled(id: string, studies: readonly ImageStudy[]): Promise<void> {
    const now = this.clock.now();
    const rule = await this.store.endingRule(id, studies, now);
    const share = rule === null ? null : await this.shares.find(id);
    if (rule === null || share === null) return;
    const revocation = { at: now, by: rule.by, reason: rule.reason };
    await endShare({ store: this.shares, revocations: this.revocations }, share, byItself, revocation, rule.ruleId);
    this.log.info('share-ended-by-rule', { share: id });
  }

  private async count(): Promise<void> {
    const began = this.clock.monotonic();
    if (began < this.nextCount) return;
    this.counts = await this.store.countUnresolved();
    const done = this.clock.monotonic();
    this.nextCount = done + Math.max(leastBetweenCounts, (done - began) * countingShare);
  }

  /** Once, until it is another cause or the archive answers. */
  private tell(event: string, error: unknown): void {
    const cause = messageOf(error);
    if (this.told !== cause) this.log.warn(event, { cause });
    this.told = cause;
  }
}

function namesImages({ level, dicomUid, orthancId }: ShareResource): boolean {
  return level !== 'system' && (dicomUid !== null || orthancId !== null);
}
