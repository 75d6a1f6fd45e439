import { Injectable } from '@nestjs/common';
import type { ShareToken } from '@warden/tokens';
import { DomainError } from '../../platform/errors/domain-error.js';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { type Refusal, TokenSightings } from '../../tokens/index.js';
import { decodeReasonOf } from './decode-reason.js';
import { MeddreamTokens } from './meddream-tokens.js';
import { type GateKind, type Share, closureOf, standingOf, stateOf } from '../share.js';
import { SharesStore } from '../shares.store.js';
import { type OfferedViewer, ViewerLinks } from './viewer-links.js';
import { FindLink, type FoundLink } from './find-link.js';
import { OpeningsStore, digestOfSession } from './openings.store.js';

export const linkStates = [
  'live',
  'scheduled',
  'closed',
  'expired',
  'revoked',
  'viewer-expired',
  'invalid',
  'unavailable',
] as const;

export type LinkState = (typeof linkStates)[number];

/** What a recipient may know of a link before any gate: nothing that names a patient. */
export interface InspectedLink {
  readonly state: LinkState;
  readonly closedBy: 'locked' | 'used-up' | null;
  /** `direct`: the token is the key, a viewer's address may be followed. `confirm`: it is exchanged. Null unless live. */
  readonly opening: 'direct' | 'confirm' | null;
  readonly gate: GateKind | 'none' | null;
  /** Address of the recipient for an e-mailed code. */
  readonly codeGoesTo: string | null;
  readonly sharedBy: string | null;
  /** How many studies. */
  readonly studies: number | null;
  readonly opensAt: number | null;
  readonly expiresAt: number | null;
  readonly language: string | null;
  /** The share's own first; with an address where the token is the key. */
  readonly viewers: readonly (OfferedViewer & { readonly url: string | null })[];
  readonly download: boolean;
}

const nothing: Omit<InspectedLink, 'state'> = {
  closedBy: null,
  opening: null,
  gate: null,
  codeGoesTo: null,
  sharedBy: null,
  studies: null,
  opensAt: null,
  expiresAt: null,
  language: null,
  viewers: [],
  download: false,
};

/** Says how a link stands, for the page on which it is opened. Changes nothing: whatever visits a link may ask this. */
@Injectable()
export class InspectLink {
  constructor(
    private readonly findLink: FindLink,
    private readonly store: SharesStore,
    private readonly openings: OpeningsStore,
    private readonly links: ViewerLinks,
    private readonly meddream: MeddreamTokens,
    private readonly sightings: TokenSightings,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** `session`: what the recipient's browser keeps, for one who was let in before. */
  async execute(link: string, session: string | null): Promise<InspectedLink> {
    try {
      const found = await this.findLink.execute(link);
      switch (found.kind) {
        case 'gated':
          return await this.inspectShare(found.share, session);
        case 'direct':
          return await this.inspectToken(found);
        case 'dead':
          return { ...nothing, state: stateOfDead(found.reason, found.token) };
        case 'unknown':
          return { ...nothing, state: 'invalid' };
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.log.warn('link-not-inspected', { code: error.code });
      return { ...nothing, state: 'unavailable' };
    }
  }

  private async inspectShare(share: Share, session: string | null): Promise<InspectedLink> {
    const state = (await this.isBack(share, session)) ? 'live' : stateOf(share, this.clock.now());
    const told = {
      ...nothing,
      state,
      sharedBy: share.mintedByName,
      language: share.language,
      expiresAt: share.expiresAt,
    };
    if (state === 'scheduled') return { ...told, opensAt: share.notBefore };
    if (state === 'closed') return { ...told, closedBy: closureOf(share) };
    if (state !== 'live') return told;
    return {
      ...told,
      opening: 'confirm',
      gate: share.gate?.kind ?? 'none',
      codeGoesTo: share.gate?.kind === 'email-code' ? (share.recipient?.email ?? null) : null,
      studies: share.resources.length,
      viewers: this.links.offeredBy(share).map((viewer) => ({ ...viewer, url: null })),
      download: share.offersDownload,
    };
  }

  /** Used up for everybody else. */
  private async isBack(share: Share, session: string | null): Promise<boolean> {
    const now = this.clock.now();
    if (session === null || standingOf(share, now) !== 'used-up') return false;
    return this.openings.knows(share.id, digestOfSession(session), now);
  }

  private async inspectToken({ token, text }: FoundLink & { kind: 'direct' }): Promise<InspectedLink> {
    if (token.type === null) return { ...nothing, state: 'unavailable' };
    this.sightings.seen(token);
    const share = await this.rowOf(token.identity);
    const { resources, expiresAt } = token;
    const own = await this.urlOf(token.type, resources, text);
    // A viewer's token is opened in the viewer that it was given for; what opens in none, in no other either.
    const others = token.parent === null && own !== null ? this.othersOf(token.type, share, resources) : [];
    const urls = [
      { ...this.links.named(token.type), url: own },
      ...others.map((viewer) => ({ ...viewer, url: this.links.viewerUrl(viewer.id, resources, text) })),
    ];
    return {
      ...nothing,
      state: 'live',
      opening: 'direct',
      gate: 'none',
      sharedBy: share?.mintedByName ?? null,
      studies: resources.length,
      expiresAt,
      language: share?.language ?? null,
      viewers: urls.filter(({ url }) => url !== null),
    };
  }

  private othersOf(type: string, share: Share | null, resources: Share['resources']): OfferedViewer[] {
    if (share === null || share.viewers === null) return this.links.others(type, resources);
    return this.links.offeredBy(share).slice(1);
  }

  private async urlOf(type: string, resources: Share['resources'], text: string): Promise<string | null> {
    if (!this.links.isMeddreamPublication(type)) return this.links.viewerUrl(type, resources, text);
    return this.links.meddreamUrl(resources, await this.meddream.tokenFor(resources));
  }

  /** Its row adds who shared it; a link that is its own key opens without. */
  private async rowOf(identity: string): Promise<Share | null> {
    try {
      return await this.store.findByIdentity(identity);
    } catch (error) {
      this.log.warn('sharer-not-told', { cause: messageOf(error) });
      return null;
    }
  }
}

function stateOfDead(refusal: Refusal, token: ShareToken | null): LinkState {
  if (refusal === 'not-yet-valid') return 'scheduled';
  const reason = decodeReasonOf(refusal, token);
  if (reason === 'unknown') return 'unavailable';
  return reason === 'gated' ? 'invalid' : reason;
}
