import type { PageName } from '../languages/messages.js';

/** Outlines on a 24 by 24 grid, drawn with the colour of the text around them. */
const shapes = {
  clock: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
  lock: '<rect x="5" y="11" width="14" height="9.5" rx="2.25"/><path d="M8 11V7.75a4 4 0 0 1 8 0V11"/><path d="M12 14.75v2"/>',
  brokenLink:
    '<g transform="rotate(-45 12 12)"><path d="M8.5 7.75H6.25a4.25 4.25 0 0 0 0 8.5H8.5"/><path d="M15.5 7.75h2.25a4.25 4.25 0 0 1 0 8.5H15.5"/><path d="M12 4.5v3M12 16.5v3"/></g>',
  window:
    '<rect x="3" y="4.5" width="18" height="15" rx="2.5"/><path d="M3 9h18"/><path d="M6.2 6.8h.01M8.7 6.8h.01"/><path d="M10 12l4 4M14 12l-4 4"/>',
  cloud:
    '<path d="M7 18.5a4.25 4.25 0 0 1-.6-8.46A5.75 5.75 0 0 1 17.5 9.2a4.7 4.7 0 0 1-.4 9.3"/><path d="M12 12v4M12 19.5h.01"/>',
  images:
    '<rect x="3.5" y="6.5" width="14" height="14" rx="2.25"/><path d="M7 3.5h11a2.5 2.5 0 0 1 2.5 2.5v11"/><path d="M6.5 17l3-3.5 2 2 2.2-2.5 2.8 3.2"/><circle cx="8.2" cy="10.6" r="1"/>',
  download:
    '<path d="M12 4v10.5"/><path d="M7.75 10.5L12 14.75l4.25-4.25"/><path d="M4.5 16.5v2a2 2 0 0 0 2 2h11a2 2 0 0 0 2-2v-2"/>',
  calendar:
    '<rect x="3.75" y="5" width="16.5" height="15.5" rx="2.5"/><path d="M3.75 10h16.5M8.25 2.75v4M15.75 2.75v4"/>',
  search: '<circle cx="10.75" cy="10.75" r="6.75"/><path d="M15.75 15.75L20.5 20.5"/>',
} as const;

const looks: Readonly<Record<PageName, { tone: 'calm' | 'warm' | 'firm'; shape: keyof typeof shapes }>> = {
  link: { tone: 'calm', shape: 'images' },
  opening: { tone: 'calm', shape: 'images' },
  downloading: { tone: 'calm', shape: 'download' },
  scheduled: { tone: 'calm', shape: 'calendar' },
  expired: { tone: 'warm', shape: 'clock' },
  'viewer-expired': { tone: 'calm', shape: 'clock' },
  'used-up': { tone: 'warm', shape: 'lock' },
  locked: { tone: 'firm', shape: 'lock' },
  revoked: { tone: 'firm', shape: 'lock' },
  invalid: { tone: 'firm', shape: 'brokenLink' },
  incomplete: { tone: 'warm', shape: 'brokenLink' },
  'not-for-here': { tone: 'calm', shape: 'window' },
  'too-many-attempts': { tone: 'warm', shape: 'clock' },
  unavailable: { tone: 'calm', shape: 'cloud' },
  preview: { tone: 'calm', shape: 'images' },
  'not-found': { tone: 'calm', shape: 'search' },
};

/** The icon says nothing that the heading doesn't: it is hidden from screen readers. */
export function iconOf(page: PageName): string {
  const { tone, shape } = looks[page];
  return `<span class="disc ${tone}"><svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shapes[shape]}</svg></span>`;
}

/** As a data address, because a path would depend on the prefix the landing is published under. */
export const favicon = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2b8fae" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${shapes.images}</svg>`,
)}`;
