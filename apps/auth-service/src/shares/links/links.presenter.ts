import { maskedAddress } from '../../emails/index.js';
import type { InspectedLink } from './inspect-link.usecase.js';
import type { InspectedLinkDto } from './links.dto.js';

/** The only way of a link to the page of its recipient. */
export function presentLink(link: InspectedLink): InspectedLinkDto {
  const { state, closedBy, opening, gate, sharedBy, studies, language, download } = link;
  return {
    state,
    closedBy,
    opening,
    gate,
    codeSentTo: link.codeGoesTo === null ? null : maskedAddress(link.codeGoesTo),
    sharedBy,
    studies,
    opensAt: iso(link.opensAt),
    expiresAt: iso(link.expiresAt),
    language,
    viewers: link.viewers.map(({ id, name, url }) => ({ id, name, url })),
    download,
  };
}

function iso(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}
