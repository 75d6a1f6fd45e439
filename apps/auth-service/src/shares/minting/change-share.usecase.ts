import { Injectable } from '@nestjs/common';
import type { MemberChange } from '@warden/events';
import { toTokenText } from '@warden/tokens';
import { UnitOfWork } from '../../platform/database/database.js';
import { invalidInput } from '../../platform/errors/domain-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { RevocationList } from '../../tokens/index.js';
import { originOf } from '../../audit/index.js';
import { BrowseShares } from '../registry/browse-shares.usecase.js';
import { CreateShare } from './create-share.usecase.js';
import { GateSecrets } from '../gates/gate-secrets.js';
import { MakeGate, type WantedGate } from '../gates/make-gate.js';
import { Images, type ResolvedImages } from '../images/images.js';
import { type Recipient, type Share, endOfToken, stateOf } from '../share.js';
import { eventShareOf, shareChangedBy, shareCreated, shareRevoked } from '../share-events.js';
import { type ShareLink, ShareLinks } from '../links/share-links.js';
import { type ShareWish, faultsOfTerms } from './share-wish.js';
import { linksReplacedBy } from '../revoking/links-replaced-by.js';
import { shareNotFound, shareOver, studyNotFound } from '../shares.errors.js';
import { SharesStore } from '../shares.store.js';

/** Undefined: stays as it is. Times in milliseconds since the epoch. */
export interface TermsChange {
  readonly recipient?: Recipient | null | undefined;
  readonly reason?: string | null | undefined;
  readonly purposeOfUse?: string | null | undefined;
  readonly language?: string | null | undefined;
  readonly notBefore?: number | null | undefined;
  readonly expiration?: { readonly epochMs: number; readonly text: string } | null | undefined;
  readonly maxOpens?: number | null | undefined;
  readonly gate?: WantedGate | null | undefined;
}

export interface ChangedTerms {
  /** The share in force. */
  readonly share: Share;
  /** Null: the old link stays good. */
  readonly link: ShareLink | null;
  readonly pin: string | null;
}

/** Milliseconds for the archive's answers about one share. */
const timeForImages = 8_000;

/**
 * Changes what a share was made with. A link that is a token says itself how long it is good and what it opens: a longer
 * life or a first gate makes another share with another link. With the gate the old link ends at once; when only the life
 * is longer, it ends when it would have.
 */
@Injectable()
export class ChangeShare {
  constructor(
    private readonly browse: BrowseShares,
    private readonly create: CreateShare,
    private readonly gates: MakeGate,
    private readonly secrets: GateSecrets,
    private readonly images: Images,
    private readonly links: ShareLinks,
    private readonly store: SharesStore,
    private readonly revocations: RevocationList,
    private readonly work: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** `expected`: the revision that the caller has seen; null: whichever is in force. */
  async execute(caller: Caller, id: string, change: TermsChange, expected: number | null): Promise<ChangedTerms> {
    const share = await this.browse.find(caller, id);
    this.requireGoingOn(share);
    const wish = wishAfter(share, change, this.clock.now());
    const { gated, longer } = whatChanges(share, change);
    // Of a gated share the registry decides, whatever its token says.
    if ((gated || longer) && !share.gated) return this.replace(caller, share, wish, expected, gated);
    return this.inPlace(caller, share, wish, change, expected);
  }

  private requireGoingOn(share: Share): void {
    const state = stateOf(share, this.clock.now());
    if (state === 'revoked' || state === 'expired') throw shareOver();
  }

  private async inPlace(
    caller: Caller,
    share: Share,
    wish: ShareWish,
    change: TermsChange,
    expected: number | null,
  ): Promise<ChangedTerms> {
    const now = this.clock.now();
    const expiration = this.requireAllowed(caller, share, wish, change);
    // A longer life is as good as another share.
    if (whatChanges(share, change).longer) await this.create.requireSharer(wish, caller);
    const made = change.gate == null ? null : await this.makeGate(change.gate, share, wish.recipient);
    const changed = await this.store.change(share.id, expected, (before) => {
      this.requireGoingOn(before);
      const after: Share = {
        ...before,
        // Of the share as it is now: somebody else may have changed another member meanwhile.
        recipient: pick(change.recipient, before.recipient),
        reason: pick(change.reason, before.reason),
        purposeOfUse: pick(change.purposeOfUse, before.purposeOfUse),
        language: pick(change.language, before.language),
        notBefore: pick(change.notBefore, before.notBefore),
        maxOpens: pick(change.maxOpens, before.maxOpens),
        gate: change.gate === undefined ? before.gate : (made?.gate ?? null),
        ...lifeAfter(before, expiration),
      };
      if (after.maxOpens !== null && after.maxOpens < before.opens)
        throw invalidInput([
          { field: 'maxOpens', problem: 'is less than were let in', remedy: `send ${before.opens} or more` },
        ]);
      if (after.gate?.kind === 'email-code' && after.recipient?.email == null)
        throw invalidInput([
          { field: 'recipient.email', problem: 'is missing', remedy: 'say where the code of this gate is sent' },
        ]);
      const changes = changesBetween(before, after, change.gate !== undefined);
      return { after, told: changes.length === 0 ? null : shareChangedBy(after, caller, now, changes) };
    });
    if (changed === null) throw shareNotFound();
    const { after } = changed;
    if (after.tokenEnd !== null)
      this.revocations.revoke({ identity: after.identity, expiresAt: after.tokenEnd.at, endsAt: after.expiresAt });
    return { share: after, link: null, pin: made?.pin ?? null };
  }

  /**
   * The terms alone where the sharer's own limits and the images need not be asked again. Returns what becomes of the
   * expiry: null is as the share policy has it, as for a new share.
   */
  private requireAllowed(
    caller: Caller,
    share: Share,
    wish: ShareWish,
    change: TermsChange,
  ): TermsChange['expiration'] {
    // An earlier end is nobody's to refuse.
    const { expiration: end } = change;
    const later = end !== undefined && (end?.epochMs ?? Infinity) > (share.expiresAt ?? Infinity);
    const loosens = change.gate !== undefined || change.reason !== undefined || later || end === null;
    const life = loosens ? this.create.requireAllowed(wish, caller) : null;
    const expiration =
      change.expiration === null && life?.expiresAt != null
        ? { epochMs: life.expiresAt, text: life.expiresText ?? iso(life.expiresAt) }
        : change.expiration;
    const faults = faultsOfTerms(wish, (expiration ?? wish.expiration)?.epochMs ?? null, this.clock.now());
    if (faults.length > 0) throw invalidInput(faults);
    return expiration;
  }

  private async makeGate(wanted: WantedGate, share: Share, recipient: Recipient | null) {
    const images = wanted.kind === 'birth-date' && this.images.configured ? await this.imagesOf(share) : null;
    // The one that is made of the share would be the old one again.
    const fresh = wanted.kind === 'pin' ? { ...wanted, pin: wanted.pin ?? this.secrets.newCode() } : wanted;
    return this.gates.execute(fresh, share, recipient, images);
  }

  private async imagesOf({ resources }: Share): Promise<ResolvedImages[]> {
    const signal = AbortSignal.timeout(timeForImages);
    const found: ResolvedImages[] = [];
    for (const resource of resources) {
      const one = await this.images.resolve(resource, signal);
      if (one === null) throw studyNotFound();
      found.push(one);
    }
    return found;
  }

  private async replace(
    caller: Caller,
    old: Share,
    wish: ShareWish,
    expected: number | null,
    endsOld: boolean,
  ): Promise<ChangedTerms> {
    const { share: made, link, pin } = await this.create.make(wish, caller);
    const { mintedBy, mintedByName } = old;
    // It stays the share of whoever shared, though somebody else may change it.
    const share: Share = { ...made, replaces: old.id, mintedBy, mintedByName };
    const revocation = { at: this.clock.now(), by: caller.id, reason: `replaced by ${share.id}` };
    const ended = endsOld ? [...(await linksReplacedBy(old, this.store)), old] : [];
    await this.work.run(async () => {
      const seen = await this.store.change(old.id, expected, (before) => {
        this.requireGoingOn(before);
        const told = shareChangedBy(before, caller, revocation.at, [
          { member: 'replacedBy', from: null, to: share.id },
        ]);
        return { after: before, told };
      });
      if (seen === null) throw shareNotFound();
      await this.store.add(share, null, shareCreated(share, caller, 'api'));
      for (const one of ended)
        await this.store.revoke(one, revocation, shareRevoked(eventShareOf(one), originOf(caller), revocation, null));
    });
    for (const one of ended) this.revocations.revoke({ identity: one.identity, expiresAt: endOfToken(one) });
    return { share, link, pin };
  }
}

/** What the share would be made with today. */
function wishAfter(share: Share, change: TermsChange, now: number): ShareWish {
  const { expiresAt, expiresText, tokenEnd } = share;
  // The text is the token's: of a share that was brought forward it says another end.
  const text = tokenEnd === null ? expiresText : null;
  const kept = expiresAt === null ? null : { epochMs: expiresAt, text: text ?? iso(expiresAt) };
  return {
    type: share.type,
    resources: share.resources,
    label: share.label,
    recipient: pick(change.recipient, share.recipient),
    reason: pick(change.reason, share.reason),
    purposeOfUse: pick(change.purposeOfUse, share.purposeOfUse),
    language: pick(change.language, share.language),
    // A begin that has come has no meaning any more.
    notBefore: pick(change.notBefore, share.notBefore === null || share.notBefore <= now ? null : share.notBefore),
    expiration: pick(change.expiration, kept),
    validityDuration: null,
    maxOpens: pick(change.maxOpens, share.maxOpens),
    gate: pick(change.gate, share.gate === null ? null : { kind: share.gate.kind, pin: null }),
    viewers: share.viewers,
    download: share.offersDownload,
    noArchive: share.noArchive,
    link: share.handleHash === null ? 'token' : 'opaque',
  };
}

function pick<T>(changed: T | undefined, before: T): T {
  return changed === undefined ? before : changed;
}

function whatChanges(share: Share, change: TermsChange): { gated: boolean; longer: boolean } {
  const { expiration } = change;
  const end = endOfToken(share) ?? Infinity;
  return {
    gated: change.gate != null || change.maxOpens != null || change.notBefore != null,
    longer: expiration !== undefined && (expiration?.epochMs ?? Infinity) > end,
  };
}

/** A token goes on saying what it was signed with; what it says too much of is known beside it. */
function lifeAfter(
  before: Share,
  expiration: TermsChange['expiration'],
): Pick<Share, 'expiresAt' | 'expiresText' | 'tokenEnd'> {
  const { expiresAt, expiresText, tokenEnd } = before;
  if (expiration === undefined) return { expiresAt, expiresText, tokenEnd };
  const end = endOfToken(before);
  const wanted = expiration?.epochMs ?? null;
  // Once brought forward it stays in the list, wherever it is moved: replicas then have one entry to follow.
  if ((wanted ?? Infinity) > (end ?? Infinity))
    return {
      expiresAt: wanted,
      expiresText: expiration === null ? null : toTokenText(expiration.text),
      tokenEnd: tokenEnd === null ? null : { at: wanted },
    };
  return { expiresAt: wanted, expiresText, tokenEnd: wanted === end && tokenEnd === null ? null : { at: end } };
}

function changesBetween(before: Share, after: Share, gateSet: boolean): MemberChange[] {
  const told: [member: string, of: (share: Share) => string | null][] = [
    ['recipient', ({ recipient }) => recipient?.email ?? recipient?.name ?? null],
    ['reason', ({ reason }) => reason],
    ['purposeOfUse', ({ purposeOfUse }) => purposeOfUse],
    ['language', ({ language }) => language],
    ['notBefore', ({ notBefore }) => iso(notBefore)],
    ['expiresAt', ({ expiresAt }) => iso(expiresAt)],
    ['maxOpens', ({ maxOpens }) => (maxOpens === null ? null : String(maxOpens))],
  ];
  const changes = told.flatMap(([member, of]) =>
    of(before) === of(after) ? [] : [{ member, from: of(before), to: of(after) }],
  );
  // The same kind with another secret is a change too.
  if (gateSet) changes.push({ member: 'gate', from: before.gate?.kind ?? null, to: after.gate?.kind ?? null });
  return changes;
}

function iso(epochMs: number): string;
function iso(epochMs: number | null): string | null;
function iso(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}
