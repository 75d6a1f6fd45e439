import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { it } from './it.js';
import type { Messages } from './messages.js';
import { nl } from './nl.js';
import { pt } from './pt.js';

export const languages = { en, fr, de, es, nl, it, pt } as const satisfies Readonly<Record<string, Messages>>;

export type Language = keyof typeof languages;

export const languageCodes = Object.keys(languages) as readonly Language[];

export const defaultLanguage: Language = 'en';

/** The first wish that names a language of ours, else the best of Accept-Language (RFC 9110, section 12.5.4), else `fallback`. Never throws. */
export function chooseLanguage(
  wishes: readonly (string | null | undefined)[],
  acceptLanguage: string | undefined,
  fallback: Language = defaultLanguage,
): Language {
  for (const wish of wishes) {
    const language = knownLanguage(wish ?? '');
    if (language !== undefined) return language;
  }
  return negotiate(acceptLanguage ?? '', fallback) ?? fallback;
}

/** `fr`, `FR` and `fr-CA` are French. */
export function knownLanguage(tag: string): Language | undefined {
  const primary = tag.trim().toLowerCase().split('-', 1)[0];
  return languageCodes.find((code) => code === primary);
}

function negotiate(header: string, fallback: Language): Language | undefined {
  const ranges = header
    .slice(0, 1000)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const weight = parameters.find((parameter) => /^q\s*=/i.test(parameter))?.replace(/^q\s*=\s*/i, '');
      return { range: range.toLowerCase(), quality: weight === undefined ? 1 : qualityOf(weight) };
    });
  const refused = new Set(ranges.filter(({ quality }) => quality === 0).map(({ range }) => range));
  // The sort is stable: among equals the first one listed wins.
  const wanted = ranges.filter(({ quality }) => quality > 0).sort((one, other) => other.quality - one.quality);
  for (const { range } of wanted) {
    const any = (): Language | undefined => [fallback, ...languageCodes].find((code) => !refused.has(code));
    const language = range === '*' ? any() : knownLanguage(range);
    if (language !== undefined) return language;
  }
  return undefined;
}

/** A weight that can't be read counts as 0: a range we don't understand is not a wish. */
function qualityOf(weight: string): number {
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0;
}
