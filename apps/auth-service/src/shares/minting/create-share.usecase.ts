import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { MAX_TOKEN_LENGTH, type ShareResource } from '@warden/tokens';
import { v7 as uuidv7 } from 'uuid';
import { type FieldFault, invalidInput } from '../../platform/errors/domain-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { TokenKeys } from '../../tokens/index.js';
import { CheckSharer } from './check-sharer.js';
import { GateSecrets } from '../gates/gate-secrets.js';
import { MakeGate, type WantedGate } from '../gates/make-gate.js';
import type { ResolvedImages } from '../images/images.js';
import { ShareBounds } from './mint-share.usecase.js';
import { type ShareLimits, SharePolicies, checkAgainst, lifeWithin } from '../policy/index.js';
import { RegisterShare } from './register-share.js';
import { type ShareLife, shareLifeOf } from './share-life.js';
import { lookOnlyTypes } from '../links/look-only.js';
import { type Share, plainTerms } from '../share.js';
import { type ShareLink, ShareLinks } from '../links/share-links.js';
import { type ShareWish, faultsOfTerms, needsExchange } from './share-wish.js';
import { idempotencyKeyReused, shareTooLarge, shareRootNotConfigured } from '../shares.errors.js';
import { ViewerLinks } from '../links/viewer-links.js';

export interface MadeShare {
  readonly share: Share;
  readonly link: ShareLink;
  /** To be told to the recipient by another way than the link; null: there is none. */
  readonly pin: string | null;
}

export interface CreatedShare extends MadeShare {
  /** The same was asked before: nothing was made now. */
  readonly repeated: boolean;
}

/** Shares with all that can be said: for whom, why, from when to when, how often, behind which gate. */
@Injectable()
export class CreateShare {
  constructor(
    private readonly register: RegisterShare,
    private readonly sharer: CheckSharer,
    private readonly policies: SharePolicies,
    private readonly bounds: ShareBounds,
    private readonly gates: MakeGate,
    private readonly secrets: GateSecrets,
    private readonly viewers: ViewerLinks,
    private readonly links: ShareLinks,
    private readonly keys: TokenKeys,
    private readonly clock: Clock,
  ) {}

  /** With an idempotency key, the same request gives the same share, link and PIN for 24 hours. */
  async execute(wish: ShareWish, caller: Caller, idempotencyKey: string | null): Promise<CreatedShare> {
    const asked = { ...wish, gate: wish.gate === null ? null : { ...wish.gate, pin: wish.gate.pin !== null } };
    // Found before it is judged: what stands against it now did not then.
    const before = await this.register.before({ idempotencyKey, asked }, caller);
    if (before !== null) return this.again(wish, before);
    const made = await this.make(wish, caller);
    const kept = await this.register.execute(made.share, { idempotencyKey, asked }, caller, 'api');
    return kept === made.share ? { ...made, repeated: false } : this.again(wish, kept);
  }

  private async again(wish: ShareWish, kept: Share): Promise<CreatedShare> {
    const pin = await this.pinAgain(wish.gate, kept);
    return { share: kept, link: this.links.of(kept), pin, repeated: true };
  }

  /** The PIN of a repeated request, which is kept nowhere: told while it is the one that opens. */
  private async pinAgain(gate: WantedGate | null, kept: Share): Promise<string | null> {
    if (gate?.kind !== 'pin') return null;
    const pin = gate.pin ?? this.secrets.pinOf(kept);
    if (await this.secrets.matches(kept, kept.gate?.hash ?? null, pin)) return pin;
    if (gate.pin === null) return null;
    throw idempotencyKeyReused();
  }

  /** The share as it would be, which nobody knows of yet. Throws what stands against it. */
  async make(wish: ShareWish, caller: Caller): Promise<MadeShare> {
    this.viewers.requireOpenable(wish.type);
    const identity = randomBytes(16).toString('base64url');
    const keyId = this.keys.keyring.signing.kid;
    const form = this.links.formOf(wish.type, { identity, keyId }, wish.link);
    const limits = this.policies.limitsFor(caller, wish.type);
    const now = this.clock.now();
    const life = this.lifeOf(wish, limits, now);
    const faults = [
      ...faultsOfTerms(wish, life.expiresAt, now),
      ...this.faultsOfGuard(wish),
      ...this.faultsOfPolicy(wish, limits, life.expiresAt, now),
    ];
    if (faults.length > 0) throw invalidInput(faults);
    const gated = form.gated || needsExchange(wish);
    if (gated && this.viewers.shareRoot === null) throw shareRootNotConfigured();
    const images = await this.sharer.execute(wish, caller, 'person');
    const resources =
      images === null ? wish.resources : wish.resources.map((one, index) => completed(one, images[index]));
    this.viewers.requireOpenable(wish.type, resources);
    const share: Share = {
      ...plainTerms,
      ...life,
      id: uuidv7({ msecs: now }),
      identity,
      keyId,
      origin: 'minted',
      type: wish.type,
      label: wish.label,
      serverId: null,
      resources,
      mintedAt: now,
      mintedBy: caller.id,
      mintedByName: caller.name,
      recipient: wish.recipient,
      reason: wish.reason,
      purposeOfUse: wish.purposeOfUse,
      language: wish.language,
      notBefore: wish.notBefore,
      maxOpens: wish.maxOpens,
      gated,
      viewers: gated || wish.viewers !== null || limits.viewers !== null ? this.offered(wish, limits, resources) : null,
      offersDownload: wish.download,
      noArchive: wish.noArchive,
      handleHash: form.handleHash,
      revocation: null,
    };
    this.requireViewer(share);
    this.requireDownload(share);
    const link = this.links.of(share);
    if (this.links.longestToken(share, link) > MAX_TOKEN_LENGTH) throw shareTooLarge();
    if (wish.gate === null) return { share, link, pin: null };
    // What a recipient has to know is in no link.
    const { gate, pin } = await this.gates.execute(wish.gate, share, wish.recipient, images);
    return { share: { ...share, gate }, link, pin };
  }

  /** Throws when the caller may not share these images, or may no longer. */
  async requireSharer(wish: ShareWish, caller: Caller): Promise<void> {
    await this.sharer.execute(wish, caller, 'person');
  }

  /** Throws what the share policy and the terms themselves hold against a wish. */
  requireAllowed(wish: ShareWish, caller: Caller): ShareLife {
    const limits = this.policies.limitsFor(caller, wish.type);
    const now = this.clock.now();
    const life = this.lifeOf(wish, limits, now);
    const faults = this.faultsOfPolicy(wish, limits, life.expiresAt, now);
    if (faults.length > 0) throw invalidInput(faults);
    return life;
  }

  private lifeOf(wish: ShareWish, limits: ShareLimits, now: number): ShareLife {
    const asked = { expiration: wish.expiration, seconds: wish.validityDuration };
    if (asked.expiration !== null || asked.seconds !== null) return shareLifeOf(asked, now);
    const life = lifeWithin(asked, limits, this.bounds.maxDuration, now);
    // Nothing was asked for and something has to be: the sharer says it, rather than find it clamped.
    return shareLifeOf(life.cut ? asked : life, now);
  }

  private faultsOfPolicy(wish: ShareWish, limits: ShareLimits, expiresAt: number | null, now: number): FieldFault[] {
    const { gate, reason } = wish;
    const faults = checkAgainst(limits, { now, expiresAt, gate: gate?.kind ?? null, viewer: wish.type, reason });
    for (const viewer of wish.viewers ?? []) {
      if (limits.viewers === null || limits.viewers.includes(viewer)) continue;
      faults.push({
        field: 'viewers',
        problem: 'holds one that may not be offered by you',
        remedy: `choose among ${limits.viewers.join(', ')}`,
      });
      break;
    }
    const { maxDuration } = this.bounds;
    if (expiresAt !== null && expiresAt > now + maxDuration * 1000)
      faults.push({
        field: 'expiresAt',
        problem: 'is later than SHARE_MAX_DURATION allows',
        remedy: `send a moment within ${maxDuration} seconds`,
      });
    return faults;
  }

  private faultsOfGuard({ noArchive }: ShareWish): FieldFault[] {
    if (!noArchive || this.bounds.guarded) return [];
    const problem = 'cannot be kept without a guard in front of Orthanc';
    return [
      { field: 'noArchive', problem, remedy: 'leave it out, or have a proxy ask /forward-auth (SHARE_POST=edge-only)' },
    ];
  }

  private offered(wish: ShareWish, limits: ShareLimits, resources: readonly ShareResource[]): string[] {
    if (wish.viewers === null) {
      const all = this.viewers
        .others(wish.type, resources)
        .map(({ id }) => id)
        .filter((id) => !wish.noArchive || lookOnlyTypes.includes(id));
      return all.filter((id) => limits.viewers === null || limits.viewers.includes(id));
    }
    const closed = wish.viewers.find((viewer) => !this.viewers.opens(viewer, resources));
    if (closed === undefined) return wish.viewers.filter((viewer) => viewer !== wish.type);
    const problem = 'holds one that is not configured, or that cannot open these resources';
    throw invalidInput([{ field: 'viewers', problem, remedy: 'leave it out' }]);
  }

  /** A plain link is built by whoever has the ids; ours opens by itself or not at all. */
  private requireViewer({ gated, type, resources }: Share): void {
    if (!gated || this.viewers.opens(type, resources)) return;
    const problem = 'lack the ids that the viewer needs';
    const remedy = 'send dicomUid and orthancId of each study, or set ORTHANC_URL';
    throw invalidInput([{ field: 'resources', problem, remedy }]);
  }

  private requireDownload({ offersDownload, resources }: Share): void {
    if (!offersDownload || this.viewers.downloadUrl(resources, '') !== null) return;
    const problem = 'can be offered for one study whose Orthanc id is known';
    throw invalidInput([{ field: 'download', problem, remedy: 'share one study by its Orthanc id, or leave it out' }]);
  }
}

/** With both ids, where Orthanc told them: some viewers take the one, some the other. */
function completed(resource: ShareResource, found: ResolvedImages | undefined): ShareResource {
  return found === undefined ? resource : { ...resource, dicomUid: found.dicomUid, orthancId: found.orthancId };
}
