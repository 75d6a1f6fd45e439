import { languageCodes, languages, type Language } from '../languages/languages.js';
import type { PageName } from '../languages/messages.js';
import { escapeHtml } from './escape.js';
import { favicon, iconOf } from './icons.js';
import { style } from './style.js';

export interface PageOptions {
  readonly language: Language;
  readonly institution?: string | undefined;
  readonly contact?: string | undefined;
  /** The request's id, for whoever answers the telephone; shown on the page of a fault of ours only. */
  readonly reference?: string | undefined;
}

const pagesWithContact: ReadonlySet<PageName> = new Set<PageName>([
  'expired',
  'revoked',
  'invalid',
  'incomplete',
  'not-for-here',
  'unavailable',
]);

/**
 * A whole page. Nothing of the request is in it, so nothing of it can be echoed. The other languages wait on the same page, folded: a switch
 * would need an address with the token in it.
 */
export function renderPage(page: PageName, { language, institution, contact, reference }: PageOptions): string {
  const messages = languages[language];
  const { heading, happened, whatToDo } = messages.pages[page];
  const title = institution ?? messages.title;
  const others = languageCodes.filter((code) => code !== language);

  const parts = [
    iconOf(page),
    `<h1>${escapeHtml(heading)}</h1>`,
    `<p class="happened">${escapeHtml(happened)}</p>`,
    `<p>${escapeHtml(whatToDo)}</p>`,
    // An empty address means "this page again"; the browser knows the token, the page does not.
    page === 'unavailable' ? `<a class="button" href="">${escapeHtml(messages.tryAgain)}</a>` : '',
    contact !== undefined && pagesWithContact.has(page)
      ? `<section class="contact"><h2>${escapeHtml(messages.contactHeading)}</h2><p>${escapeHtml(contact)}</p></section>`
      : '',
    page === 'unavailable' && reference !== undefined
      ? `<p class="reference">${escapeHtml(messages.reference)} <span>${escapeHtml(reference)}</span></p>`
      : '',
    ...others.map((code) => translation(page, code)),
  ];

  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow, noarchive">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${favicon}">
<style>${style}</style>
</head>
<body>
${institution === undefined ? '' : `<p class="name">${escapeHtml(institution)}</p>\n`}<main>
${parts.filter((part) => part !== '').join('\n')}
</main>
</body>
</html>
`;
}

function translation(page: PageName, code: Language): string {
  const { languageName, pages } = languages[code];
  const { heading, happened, whatToDo } = pages[page];
  return (
    `<details lang="${code}"><summary>${escapeHtml(languageName)}</summary>` +
    `<h2>${escapeHtml(heading)}</h2><p class="happened">${escapeHtml(happened)}</p><p>${escapeHtml(whatToDo)}</p></details>`
  );
}
