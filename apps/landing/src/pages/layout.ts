import type { Branding } from '../branding/branding.js';
import type { Placeholder, Template } from '../branding/templates.js';
import type { Language } from '../languages/languages.js';
import type { PageName } from '../languages/messages.js';
import { escapeHtml } from './escape.js';
import { favicon, iconOf } from './icons.js';
import { slot, type Part } from './page-parts.js';

const pagesWithoutContact: ReadonlySet<PageName> = new Set<PageName>([
  'preview',
  'not-found',
  'opening',
  'downloading',
]);

/** One page in one language, but for what only the answer knows: the installer's own, or ours. */
export function layOut(page: PageName, language: Language, branding: Branding, style: string): readonly Part[] {
  const template = branding.templates[page];
  return template === undefined
    ? ownPage(page, language, branding, style)
    : theirPage(template, page, language, branding, style);
}

function ownPage(page: PageName, language: Language, branding: Branding, style: string): readonly Part[] {
  const { contactHeading, pages } = branding.texts[language];
  const { heading, happened, whatToDo } = pages[page];
  const { contact, name } = branding;
  const logo = logoOf(branding);
  const header = logo + (name === undefined ? '' : `<p class="name">${escapeHtml(name)}</p>`);
  return [
    `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow, noarchive">
`,
    slot('refresh'),
    '<title>',
    slot('title'),
    `</title>
<link rel="icon" href="${favicon}">
<style>${style}</style>
</head>
<body>
${header === '' ? '' : `<header>${header}</header>\n`}<main>
`,
    slot('problem'),
    `${iconOf(page)}
<h1>${escapeHtml(heading)}</h1>
<p class="happened">${escapeHtml(happened)}</p>
<p>${escapeHtml(whatToDo)}</p>
`,
    slot('form'),
    contact !== undefined && !pagesWithoutContact.has(page)
      ? `<section class="contact"><h2>${escapeHtml(contactHeading)}</h2><p>${escapeHtml(contact)}</p></section>\n`
      : '',
    slot('reference'),
    '</main>\n',
    slot('languages'),
    `</body>
</html>
`,
  ];
}

function theirPage(
  template: Template,
  page: PageName,
  language: Language,
  branding: Branding,
  style: string,
): readonly Part[] {
  const { heading, happened, whatToDo } = branding.texts[language].pages[page];
  const pieces: Readonly<Record<Placeholder, readonly Part[]>> = {
    lang: [language],
    title: [slot('title')],
    name: [escapeHtml(branding.name ?? '')],
    logo: [logoOf(branding)],
    heading: [escapeHtml(heading)],
    happened: [escapeHtml(happened)],
    whatToDo: [escapeHtml(whatToDo)],
    contact: [escapeHtml(branding.contact ?? '')],
    form: [slot('problem'), slot('form')],
    languages: [slot('languages')],
    reference: [slot('reference')],
    style: [`<style>${style}</style>`],
  };
  return template.parts.flatMap((part) => (typeof part === 'string' ? withRefresh(part) : pieces[part.placeholder]));
}

/** The address that an opening page leads to belongs into its head. */
function withRefresh(html: string): readonly Part[] {
  const at = html.search(/<\/head\s*>/i);
  return at < 0 ? [html] : [html.slice(0, at), slot('refresh'), html.slice(at)];
}

function logoOf({ logo }: Branding): string {
  return logo === undefined ? '' : `<img class="logo" src="${logo.address}" alt="${escapeHtml(logo.alt)}">`;
}
