import { languages } from '../languages/languages.js';
import type { PageName } from '../languages/messages.js';
import { builtInAccent, type Accent } from './colours.js';
import type { Template } from './templates.js';
import type { Texts } from './texts.js';

/** How the pages look and what they say. */
export interface Branding {
  /** The institution's name, shown above the card and as the page title. */
  readonly name: string | undefined;
  /** "Who to ask for a new link", shown as plain text. */
  readonly contact: string | undefined;
  readonly logo: { readonly address: string; readonly alt: string } | undefined;
  readonly accent: Accent;
  readonly texts: Texts;
  /** The installer's own pages; a page without one is ours. */
  readonly templates: Readonly<Partial<Record<PageName, Template>>>;
}

export const plainBranding: Branding = {
  name: undefined,
  contact: undefined,
  logo: undefined,
  accent: builtInAccent,
  texts: languages,
  templates: {},
};
