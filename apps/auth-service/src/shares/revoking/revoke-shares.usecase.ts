import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { invalidInput } from '../../platform/errors/domain-error.js';
import { Acts, type EventOrigin, actOf, originOf } from '../../audit/index.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { RevocationList, type RevocationRule } from '../../tokens/index.js';
import { RevocationRulesStore } from './revocation-rules.store.js';
import type { Revocation } from '../share.js';
import { shareRevoked } from '../share-events.js';
import { type SharesToEnd, SharesStore } from '../shares.store.js';

/** What the links to be ended have in common; all members that are given must match. */
export interface LinksToEnd {
  readonly studyDicomUid?: string;
  readonly studyOrthancId?: string;
  readonly patient?: string;
  /** A label of the study in Orthanc. */
  readonly studyLabel?: string;
  readonly keyId?: string;
  /** Milliseconds since the epoch. */
  readonly mintedBefore?: number;
  /** Who minted; a token does not say. */
  readonly sharer?: string;
  /** The share's own label. */
  readonly label?: string;
  /** E-mail address where it holds an `@`, in any case; else a name. */
  readonly recipient?: string;
}

export interface EndedLinks {
  readonly ruleId: string | null;
  /** Shares marked, or to be marked. */
  readonly revoked: number;
}

/**
 * Shares marked in one transaction. Each batch comes to every replica as one entry of the feed, which is read on the
 * thread that decides: larger ones end sooner, and let an answer wait (`npm run bench:sharing -- --only bulk`).
 */
const batch = 300;

/** Batches that the database works on at the same time. */
const atOnce = 3;

/**
 * Ends many links: by a rule, which stops links never seen here too, and in the registry, so that it tells the truth.
 * The rule comes first. When the rest fails, the same request again goes on where this one ended.
 */
@Injectable()
export class RevokeShares {
  constructor(
    private readonly store: SharesStore,
    private readonly rules: RevocationRulesStore,
    private readonly revocations: RevocationList,
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, links: LinksToEnd, reason: string, dryRun: boolean): Promise<EndedLinks> {
    requireMeaning(links);
    const now = this.clock.now();
    const mintedBefore = boundOf(links.mintedBefore, now);
    const shares = knownSharesOf(links, mintedBefore);
    if (dryRun) return { ruleId: null, revoked: shares === null ? 0 : await this.store.countLive(shares, now) };
    const revocation = { at: now, by: caller.id, reason };
    const rule = ruleOf(links, mintedBefore ?? endOfRule(links, now), now);
    const origin = originOf(caller);
    const ruleId = rule === null ? null : await this.add(rule, revocation, origin);
    if (rule !== null && ruleId !== null) this.revocations.addRule({ ...rule, id: ruleId });
    if (shares === null) return { ruleId, revoked: 0 };
    const batches = this.store.idsToEnd(shares, now, batch);
    let revoked = 0;
    await besideEachOther(atOnce, batches, async (ids) => {
      const ended = await this.store.revokeThese(ids, revocation, (share) =>
        shareRevoked(share, origin, revocation, ruleId),
      );
      for (const share of ended) this.revocations.revoke(share);
      revoked += ended.length;
    });
    return { ruleId, revoked };
  }

  private add(rule: RevocationRule, made: Revocation, origin: EventOrigin): Promise<string> {
    const { studyDicomUid, studyOrthancId, patientId: patient, label, keyId, mintedBefore } = rule;
    const what = {
      study: studyDicomUid ?? studyOrthancId,
      patient,
      label,
      keyId,
      mintedBefore: mintedBefore ?? made.at,
    };
    return this.acts.do(
      () => this.rules.add({ rule, made }),
      // The same rule again is the one that is there.
      (ruleId) =>
        ruleId === rule.id
          ? actOf('revocation-rule.added', origin, made.at, { ruleId, ...what, why: made.reason })
          : null,
    );
  }
}

/** As many at a time, each when it is its turn; after a failure nothing more is begun, and it is told. */
async function besideEachOther<T>(
  count: number,
  items: AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const turns = items[Symbol.asyncIterator]();
  let failed = false;
  const worker = async () => {
    try {
      for (let next = await turns.next(); !failed && next.done !== true; next = await turns.next())
        await work(next.value);
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: count }, worker));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

function requireMeaning(links: LinksToEnd): void {
  if (Object.values(links).every((value) => value === undefined)) {
    const names = 'studyDicomUid, studyOrthancId, patient, studyLabel, keyId, mintedBefore, sharer, recipient or label';
    throw invalidInput([{ field: 'body', problem: 'does not say which links', remedy: `give ${names}` }]);
  }
  if (links.studyLabel === undefined) return;
  // Which labels a study has is known when the plugin asks about it; who minted and what for, from the registry alone.
  for (const field of ['sharer', 'recipient', 'label'] as const) {
    if (links[field] === undefined) continue;
    throw invalidInput([{ field, problem: 'cannot be combined with studyLabel', remedy: 'send one of the two' }]);
  }
}

/**
 * A token says when it was minted in whole seconds: a bound within a second takes all of it. Undefined: no bound, or
 * one that has not come yet; then all links are meant that there are now.
 */
function boundOf(asked: number | undefined, now: number): number | undefined {
  const bound = asked === undefined ? Infinity : Math.ceil(asked / 1000) * 1000;
  return bound <= now ? bound : undefined;
}

/**
 * The second that is running counts for a link that only a rule can stop. Otherwise it does not: the links of this
 * second that are known are marked, and one that is made anew within it is not dead at birth.
 */
function endOfRule({ studyLabel }: LinksToEnd, now: number): number {
  return (studyLabel === undefined ? Math.floor(now / 1000) : Math.floor(now / 1000) + 1) * 1000;
}

/** Null: a rule alone can tell, because the labels of studies are not in the registry. */
function knownSharesOf(links: LinksToEnd, mintedBefore: number | undefined): SharesToEnd | null {
  if (links.studyLabel !== undefined) return null;
  const { studyDicomUid, studyOrthancId, patient: patientId, sharer: mintedBy, label, keyId, recipient } = links;
  return {
    filter: { studyDicomUid, studyOrthancId, patientId, mintedBy, label, keyId, recipient, mintedBefore },
    undatedToo: !onlyRegistryKnows(links),
  };
}

/** What was asked is in no token. */
function onlyRegistryKnows({ sharer, label, recipient }: LinksToEnd): boolean {
  return sharer !== undefined || label !== undefined || recipient !== undefined;
}

/**
 * Null: what was asked is not in a token. A rule always has an end in time: what is shared anew tomorrow is not what was
 * ended today, and a rule is for ever.
 */
function ruleOf(links: LinksToEnd, mintedBefore: number, now: number): RevocationRule | null {
  if (onlyRegistryKnows(links)) return null;
  return {
    id: uuidv7({ msecs: now }),
    studyDicomUid: links.studyDicomUid ?? null,
    studyOrthancId: links.studyOrthancId ?? null,
    patientId: links.patient ?? null,
    label: links.studyLabel ?? null,
    keyId: links.keyId ?? null,
    mintedBefore,
  };
}
