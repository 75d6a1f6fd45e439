import { languageCodes, type Language } from '../languages/languages.js';
import type { Texts } from '../branding/texts.js';
import { escapeHtml } from './escape.js';

/** "post" goes back to the address of the page, token and all, without a word of it in the page; "get" is for pages without a link. */
export type SwitchMethod = 'post' | 'get';

/** Seven buttons at the end of every page. `codeAsked` is kept, so that the choice of a language does not lose the field for the code. */
export function languageSwitch(current: Language, texts: Texts, method: SwitchMethod, codeAsked = false): string {
  const buttons = languageCodes.map((code) => {
    const mark = code === current ? ' aria-current="true"' : '';
    return `<button name="lang" value="${code}" lang="${code}"${mark}>${escapeHtml(texts[code].languageName)}</button>`;
  });
  const hidden =
    (method === 'post' ? '<input type="hidden" name="action" value="language">' : '') +
    (codeAsked ? '<input type="hidden" name="step" value="code">' : '');
  return `<nav aria-label="${escapeHtml(texts[current].languageHeading)}"><form method="${method}">${hidden}${buttons.join('')}</form></nav>\n`;
}
