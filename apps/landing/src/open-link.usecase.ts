import { AuthService, type InspectedLink, type LiveLink, type Viewer } from './auth-service.js';
import type { Opening } from './opening.js';
import { readLink, type LinkParts } from './read-link.js';
import { safeRedirect } from './safe-redirect.js';
import type { WayToOpen } from './settings.js';

/** Looks at a link and says where it leads, what has to be asked first, or why it leads nowhere. Never throws, and uses nothing up. */
export class OpenLink {
  constructor(
    private readonly authService: AuthService,
    private readonly way: WayToOpen,
  ) {}

  /** `session` tells a recipient who was let in before from others; undefined: a new one. */
  async execute(parts: LinkParts, codeAsked = false, session?: string): Promise<Opening> {
    const link = readLink(parts);
    if (typeof link !== 'string') return link;
    const answer = await this.authService.inspect(link, session);
    if (!answer.ok) return { kind: 'unavailable', code: 'unavailable', cause: answer.fault };
    return { ...judge(answer.inspected, this.way, codeAsked), language: answer.inspected.language };
  }
}

function judge(inspected: InspectedLink, way: WayToOpen, codeAsked: boolean): Opening {
  switch (inspected.state) {
    case 'live':
      return inspected.link.opening === 'direct' ? openDirectly(inspected.link, way) : ask(inspected.link, codeAsked);
    case 'scheduled':
      return { kind: 'scheduled', code: 'scheduled', opensAt: inspected.opensAt };
    case 'closed':
      return { kind: 'refused', code: inspected.closedBy };
    case 'expired':
    case 'revoked':
    case 'viewer-expired':
    case 'invalid':
      return { kind: 'refused', code: inspected.state };
    case 'unavailable':
      return { kind: 'unavailable', code: 'unavailable', cause: 'unknown' };
  }
}

function ask(link: LiveLink, codeAsked: boolean): Opening {
  if (link.viewers.length === 0 && !link.download) return { kind: 'not-for-here', code: 'nothing-to-open' };
  return { kind: 'show', code: 'shown', link, codeAsked };
}

/** An ordinary link is itself the key: every viewer's address is known already. */
function openDirectly(link: LiveLink, way: WayToOpen): Opening {
  if (way === 'page') {
    const viewers = link.viewers.flatMap((viewer): readonly Viewer[] => {
      const url = safeRedirect(viewer.url ?? '');
      return url === undefined ? [] : [{ ...viewer, url }];
    });
    if (viewers.length > 0 || link.download)
      return { kind: 'show', code: 'shown', link: { ...link, viewers }, codeAsked: false };
  }
  // The share's own viewer, and no other in its place.
  const own = link.viewers[0]?.url ?? null;
  if (own === null) return { kind: 'not-for-here', code: 'nothing-to-open' };
  const url = safeRedirect(own);
  if (url === undefined) return { kind: 'unavailable', code: 'unavailable', cause: 'unsafe-redirect' };
  return { kind: 'open', code: 'opened', url };
}
