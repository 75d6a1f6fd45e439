import type { PageName } from '../languages/messages.js';
import { nearest } from './nearest.js';

/** What an installer's page may ask for. Texts arrive escaped; logo, form, languages and style are pieces of HTML. */
export const placeholders = [
  'lang',
  'title',
  'name',
  'logo',
  'heading',
  'happened',
  'whatToDo',
  'contact',
  'form',
  'languages',
  'reference',
  'style',
] as const;

export type Placeholder = (typeof placeholders)[number];

export type TemplatePart = string | { readonly placeholder: Placeholder };

export interface Template {
  readonly parts: readonly TemplatePart[];
  /** The contents of its own <style> elements, for the Content-Security-Policy. */
  readonly styles: readonly string[];
}

export type TemplateResult =
  { readonly ok: true; readonly template: Template } | { readonly ok: false; readonly faults: readonly string[] };

export const largestTemplate = 200_000;

/** Pages that are useless without the piece that we make. */
const needForm: ReadonlySet<PageName> = new Set<PageName>(['link', 'opening', 'downloading']);
const needHead: ReadonlySet<PageName> = new Set<PageName>(['opening', 'downloading']);

/** Reads an installer's page. What a browser would refuse because of our Content-Security-Policy is a fault here, not a surprise there. */
export function readTemplate(page: PageName, text: string): TemplateResult {
  // The parser of HTML reads every line end as \n, and the hash of a style is taken of what it read.
  const html = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const faults: string[] = [];
  if (html.length > largestTemplate) faults.push(`longer than ${largestTemplate} characters`);
  if (/<script\b/i.test(html)) faults.push('holds a <script>; the page works without');
  if (/<[a-z][^>]*\son[a-z]+\s*=/i.test(html)) faults.push('holds an event handler (on…=); the page works without');
  if (/<[a-z][^>]*\sstyle\s*=/i.test(html)) faults.push('holds a style attribute; use a <style> element');
  if (/<base\b/i.test(html)) faults.push('holds a <base>; it would change what the form posts to');

  const styles = [...html.matchAll(/<style\b[^>]*>([^]*?)<\/style\s*>/gi)].map(([, content = '']) => content);
  if (styles.some((style) => style.includes('{{'))) faults.push('holds a placeholder within a <style>');

  const parts = partsOf(html, faults);
  const has = (placeholder: Placeholder): boolean =>
    parts.some((part) => typeof part !== 'string' && part.placeholder === placeholder);
  if (needForm.has(page) && !has('form')) faults.push('lacks {{form}}');
  if (needHead.has(page) && !/<\/head\s*>/i.test(html)) faults.push('lacks </head>');
  return faults.length > 0 ? { ok: false, faults } : { ok: true, template: { parts, styles } };
}

function partsOf(html: string, faults: string[]): readonly TemplatePart[] {
  // Text and names take turns.
  return html.split(/\{\{\s*([^{}]*?)\s*\}\}/).map((piece, at) => {
    if (at % 2 === 0) return piece;
    const placeholder = placeholders.find((known) => known === piece);
    if (placeholder !== undefined) return { placeholder };
    const name = /^\w{1,40}$/.test(piece) ? `{{${piece}}}` : 'a word in double braces';
    faults.push(`${name} is no placeholder; the nearest are ${nearest(piece, placeholders).join(', ')}`);
    return '';
  });
}
