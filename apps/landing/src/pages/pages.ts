import type { Branding } from '../branding/branding.js';
import { formatsFor, type Formats } from '../languages/formats.js';
import { languageCodes, type Language } from '../languages/languages.js';
import { pageNames, type PageName } from '../languages/messages.js';
import { escapeHtml } from './escape.js';
import { languageSwitch, type SwitchMethod } from './language-switch.js';
import { layOut } from './layout.js';
import { factList, linkForm, momentOf, problemSummary, type LinkView } from './link-page.js';
import { compile, fill, type CompiledPart, type Filling } from './page-parts.js';
import { styleFor, styleHash } from './style.js';

/** What a page is about, when there is more to it than its texts. */
export interface PageDetail {
  readonly link?: LinkView;
  readonly opensAt?: Date | null;
  readonly waitSeconds?: number;
  /** Where an opening page leads: already checked. */
  readonly url?: string;
  /** The request's id, for whoever answers the telephone; shown on the page of a fault of ours only. */
  readonly reference?: string;
}

/** Every page in every language, put together at start as far as it can be; an answer fills in the rest. */
export class Pages {
  /** Of every style that a page may hold, for the Content-Security-Policy. */
  readonly styleHashes: readonly string[];
  private readonly laidOut: ReadonlyMap<string, readonly CompiledPart[]>;
  private readonly kept = new Map<string, Buffer>();
  private readonly switches: ReadonlyMap<string, string>;
  private readonly formats: Readonly<Record<Language, Formats>>;

  constructor(
    private readonly branding: Branding,
    timeZone: string,
  ) {
    const style = styleFor(branding.accent);
    const styles = [style, ...Object.values(branding.templates).flatMap((template) => template.styles)];
    this.styleHashes = [...new Set(styles.map(styleHash))];
    this.formats = formatsFor(timeZone);
    this.laidOut = new Map(
      pageNames.flatMap((page) =>
        languageCodes.map(
          (language) => [`${page} ${language}`, compile(layOut(page, language, branding, style))] as const,
        ),
      ),
    );
    this.switches = new Map(
      languageCodes.flatMap((language) => [
        [`post ${language}`, languageSwitch(language, branding.texts, 'post')] as const,
        [`get ${language}`, languageSwitch(language, branding.texts, 'get')] as const,
        [`code ${language}`, languageSwitch(language, branding.texts, 'post', true)] as const,
      ]),
    );
  }

  /** Nothing of the request is in a page but its id, so nothing of it can be echoed. */
  render(page: PageName, language: Language, method: SwitchMethod, detail: PageDetail = {}): Buffer {
    return this.unchanging(page, detail)
      ? this.ready(page, language, method)
      : this.fill(page, language, method, detail);
  }

  private fill(page: PageName, language: Language, method: SwitchMethod, detail: PageDetail): Buffer {
    const parts = this.laidOut.get(`${page} ${language}`) ?? [];
    const kind = detail.link?.codeAsked ? 'code' : method;
    const filling: Filling = {
      title: this.titleOf(language, detail),
      refresh:
        detail.url === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${escapeHtml(detail.url)}">\n`,
      problem: detail.link === undefined ? '' : problemSummary(detail.link, this.branding.texts[language]),
      form: this.formOf(page, language, detail),
      reference: page === 'unavailable' ? this.referenceOf(language, detail) : '',
      languages: this.switches.get(`${kind} ${language}`) ?? '',
    };
    return fill(parts, filling);
  }

  private unchanging(page: PageName, { link, opensAt, waitSeconds, url }: PageDetail): boolean {
    return page !== 'unavailable' && !link && !opensAt && waitSeconds === undefined && url === undefined;
  }

  /** A page that is always the same is kept whole from its first showing on: at most two for each page and language. */
  private ready(page: PageName, language: Language, method: SwitchMethod): Buffer {
    const key = `${page} ${language} ${method}`;
    const known = this.kept.get(key) ?? this.fill(page, language, method, {});
    this.kept.set(key, known);
    return known;
  }

  /** Names neither the patient nor the sharer: titles end up in histories and on shared screens. */
  private titleOf(language: Language, { link }: PageDetail): string {
    const { title, problemTitle } = this.branding.texts[language];
    const plain = this.branding.name ?? title;
    return escapeHtml(link?.problem === undefined ? plain : problemTitle.replace('{title}', () => plain));
  }

  private formOf(page: PageName, language: Language, { link, opensAt, waitSeconds, url }: PageDetail): string {
    const messages = this.branding.texts[language];
    const formats = this.formats[language];
    if (link !== undefined) return linkForm(link, messages, formats, language);
    if (url !== undefined) {
      const text = page === 'downloading' ? messages.actions.download : messages.actions.open;
      return `<p class="actions"><a class="button" rel="noreferrer" href="${escapeHtml(url)}">${escapeHtml(text)}</a></p>\n`;
    }
    if (opensAt) return factList([[messages.facts.opens, momentOf(opensAt, formats)]]);
    const wait =
      waitSeconds === undefined ? '' : factList([[messages.facts.wait, escapeHtml(formats.wait(waitSeconds))]]);
    // An empty address means "this page again"; the browser knows the token, the page does not.
    const again = page === 'unavailable' || page === 'too-many-attempts';
    return again
      ? `${wait}<p class="actions"><a class="button" href="">${escapeHtml(messages.tryAgain)}</a></p>\n`
      : '';
  }

  private referenceOf(language: Language, { reference }: PageDetail): string {
    if (reference === undefined) return '';
    const text = this.branding.texts[language].reference;
    return `<p class="reference">${escapeHtml(text)} <span>${escapeHtml(reference)}</span></p>\n`;
  }
}
