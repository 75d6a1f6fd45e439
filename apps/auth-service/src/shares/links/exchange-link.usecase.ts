import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EventSource } from '@warden/events';
import { DomainError } from '../../platform/errors/domain-error.js';
import { Clock } from '../../platform/time/clock.js';
import { addressLimits, linkLimits } from '../gates/attempt-limits.js';
import { type AttemptSubject, AttemptsStore } from '../gates/attempts.store.js';
import { digestOfAddress } from '../gates/address-digest.js';
import { GateCodesStore, holderOfCode } from '../gates/gate-codes.store.js';
import { type GatedShare, GateSecrets } from '../gates/gate-secrets.js';
import { RefuseGate } from '../gates/refuse-gate.js';
import { MeddreamTokens } from './meddream-tokens.js';
import { type Share, standingOf } from '../share.js';
import { gateRefused, linkOver, tooManyAttempts, viewerNotOffered } from '../shares.errors.js';
import { TokenSigner } from './token-signer.js';
import { ViewerLinks } from './viewer-links.js';
import { FindLink, type FoundLink, type GatedLink, digestOfLink } from './find-link.js';
import { OpeningsStore, digestOfSession } from './openings.store.js';

export interface ExchangeRequest {
  readonly link: string;
  /** PIN, birth date as YYYYMMDD, or code; null: none was asked for. */
  readonly secret: string | null;
  /** A type that the link offers, or `download`; null: its own. */
  readonly viewer: string | null;
  /** What the recipient's browser keeps. */
  readonly session: string;
  readonly source: EventSource;
}

export interface ExchangedLink {
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export abstract class GateRules {
  /** Wrong attempts at one link before it is locked. */
  abstract readonly gateAttempts: number;
  /** A proxy asks about every request before Orthanc gets it. */
  abstract readonly guarded: boolean;
}

/** Milliseconds for which a viewer opens images, and for which it may go on while it is used. */
const viewerLife = 3_600_000;
const longestVisit = 8 * 3_600_000;

/**
 * Lets a recipient in: the gate first, then a viewer's token that is good for an hour and no longer than the share or its key. A link
 * that nobody minted and a wrong secret cost the same work and get the same answer.
 */
@Injectable()
export class ExchangeLink {
  constructor(
    private readonly findLink: FindLink,
    private readonly attempts: AttemptsStore,
    private readonly codes: GateCodesStore,
    private readonly secrets: GateSecrets,
    private readonly refuse: RefuseGate,
    private readonly openings: OpeningsStore,
    private readonly signer: TokenSigner,
    private readonly links: ViewerLinks,
    private readonly meddream: MeddreamTokens,
    private readonly rules: GateRules,
    private readonly clock: Clock,
  ) {}

  async execute(request: ExchangeRequest): Promise<ExchangedLink> {
    const found = await this.findLink.execute(request.link);
    const share = found.kind === 'gated' ? found.share : null;
    if (share !== null) this.requireOpenable(share, request);
    if (share === null || share.gate !== null) await this.passGate(found, share, request);
    // Only a share comes this far: without one no secret is right.
    if (found.kind !== 'gated') throw gateRefused();
    return this.letIn(found, request);
  }

  /** What the page has told already is no secret. A recipient who is in may come back to a share that is used up. */
  private requireOpenable(share: Share, { viewer }: ExchangeRequest): void {
    const standing = standingOf(share, this.clock.now());
    if (standing !== 'live' && standing !== 'used-up') throw linkOver(standing, share.notBefore);
    if (viewer === 'download' ? !share.offersDownload : !this.offers(share, viewer)) throw viewerNotOffered();
  }

  private offers(share: Share, viewer: string | null): boolean {
    const wanted = viewer ?? share.type;
    // What cannot be opened now is found out before the recipient is counted.
    return this.links.offeredBy(share).some(({ id }) => id === wanted) && this.links.opens(wanted, share.resources);
  }

  private async passGate(found: FoundLink, share: Share | null, request: ExchangeRequest): Promise<void> {
    const { secret, source } = request;
    const link = digestOfLink(found, request.link);
    const address = source.address === null ? null : digestOfAddress(source.address);
    const subjects: AttemptSubject[] = [
      ...(address === null ? [] : [{ digest: address, known: false, limits: addressLimits }]),
      { digest: link, known: share !== null, limits: linkLimits(this.rules.gateAttempts) },
    ];
    const debit = await this.attempts.debit(subjects, this.clock.now());
    if (!debit.allowed) {
      if (debit.retryAt === null) throw linkOver('locked', null);
      throw tooManyAttempts(debit.retryAt - this.clock.now());
    }
    const giveBack = async (right: boolean) => {
      await this.attempts.credit(link, right ? 'all' : 'one');
      if (address !== null) await this.attempts.credit(address, 'one');
    };
    let right: boolean;
    try {
      const hash = share === null ? null : await this.hashOf(share);
      right = await this.secrets.matches(bearerOf(share), hash, normalised(secret));
      // A code opens once.
      if (right && share?.gate?.kind === 'email-code' && hash !== null) right = await this.codes.use(share.id, hash);
    } catch (error) {
      // It was never judged.
      if (error instanceof DomainError) await giveBack(false);
      throw error;
    }
    if (right) return giveBack(true);
    const count = debit.counts.at(-1) ?? 0;
    if (share !== null) await this.refuse.execute(share, source, count >= this.rules.gateAttempts ? count : null);
    throw gateRefused();
  }

  private async hashOf({ id, gate }: Share): Promise<string | null> {
    return gate?.kind === 'email-code' ? this.codes.hashOf(id, this.clock.now()) : (gate?.hash ?? null);
  }

  private async letIn({ share, keyUntil }: GatedLink, request: ExchangeRequest): Promise<ExchangedLink> {
    const at = this.clock.now();
    const type = request.viewer === null || request.viewer === 'download' ? share.type : request.viewer;
    // Asked first: a recipient who cannot be shown anything is not counted.
    const external =
      this.links.isMeddreamPublication(type) && request.viewer !== 'download'
        ? await this.meddream.tokenFor(share.resources)
        : null;
    const session = digestOfSession(request.session);
    const viewer = request.viewer ?? share.type;
    const opened = await this.openings.open({
      shareId: share.id,
      session,
      viewer,
      gate: share.gate,
      at,
      source: request.source,
    });
    if (!opened.ok) throw opened.reason === 'gate-changed' ? gateRefused() : linkOver(opened.reason, share.notBefore);
    const { expiresAt: end, resources } = opened.share;
    const over = Math.min(end ?? Infinity, keyUntil ?? Infinity);
    const expiresAt = Math.min(over, at + viewerLife);
    const identity = randomBytes(16).toString('base64url');
    // The guard sees the cookie of the browser; where there is none, nobody does.
    const bound = this.rules.guarded && this.links.haveOneOrigin(type);
    const until = Math.min(over, at + longestVisit);
    const token = this.signer.signViewer(opened.share, {
      identity,
      issuedAt: at,
      expiresAt,
      type,
      session: bound ? { digest: session.toString('base64url'), until } : null,
    });
    const url =
      request.viewer === 'download'
        ? this.links.downloadUrl(resources, token)
        : external !== null
          ? this.links.meddreamUrl(resources, external)
          : this.links.viewerUrl(type, resources, token);
    if (url === null) throw viewerNotOffered();
    return { url, expiresAt };
  }
}

/** Whom a secret is hashed for. */
function bearerOf(share: Share | null): GatedShare | null {
  return share?.gate?.kind === 'email-code' ? holderOfCode(share) : share;
}

/** As people write digits: `12 34-56`, `1.2.1980`. */
function normalised(secret: string | null): string {
  return (secret ?? '').normalize('NFKC').replace(/[\s.\-/]/g, '');
}
