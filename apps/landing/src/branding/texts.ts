import { languageCodes, languages, type Language } from '../languages/languages.js';
import type { Messages } from '../languages/messages.js';
import { nearest } from './nearest.js';

export type Texts = Readonly<Record<Language, Messages>>;

export type TextsResult =
  { readonly ok: true; readonly texts: Texts } | { readonly ok: false; readonly faults: readonly string[] };

type Tree = { [name: string]: string | Tree };

const longestText = 600;

/** Every text by its path: `pages.expired.heading`. */
export function pathsOf(messages: Messages): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (tree: Tree, prefix: string): void => {
    for (const [name, value] of Object.entries(tree))
      if (typeof value === 'string') found.set(prefix + name, value);
      else walk(value, `${prefix}${name}.`);
  };
  walk(messages as unknown as Tree, '');
  return found;
}

/** The built-in texts with those of `json` in their place: {"fr": {"pages.expired.heading": "…"}}. */
export function replaceTexts(json: string): TextsResult {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    return { ok: false, faults: ['not JSON'] };
  }
  if (!isObject(given)) return { ok: false, faults: ['not an object of languages'] };

  const faults: string[] = [];
  const texts: Record<string, Messages> = { ...languages };
  for (const [code, replacements] of Object.entries(given)) {
    const language = languageCodes.find((known) => known === code);
    if (language === undefined) faults.push(`${shown(code)} is no language of this page (${languageCodes.join(', ')})`);
    else if (!isObject(replacements)) faults.push(`${code} is not an object of texts`);
    else texts[language] = replaceIn(language, replacements, faults);
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, texts: texts as Texts };
}

function replaceIn(language: Language, replacements: Record<string, unknown>, faults: string[]): Messages {
  const copy = structuredClone(languages[language]) as unknown as Tree;
  const known = pathsOf(languages[language]);
  for (const [path, text] of Object.entries(replacements)) {
    const builtIn = known.get(path);
    const where = `${language} ${shown(path)}`;
    if (builtIn === undefined)
      faults.push(`${where} is no text of this page; the nearest are ${nearest(path, [...known.keys()]).join(', ')}`);
    else if (typeof text !== 'string' || text.trim() === '' || text.length > longestText)
      faults.push(`${where} is not a text of 1 to ${longestText} characters`);
    else if (/\p{Cc}/u.test(text)) faults.push(`${where} contains control characters`);
    else if (gapsOf(text) !== gapsOf(builtIn))
      faults.push(`${where} has to hold ${gapsOf(builtIn) || 'no word in braces'}`);
    else put(copy, path.split('.'), text);
  }
  return copy as unknown as Messages;
}

function put(tree: Tree, [name = '', ...rest]: readonly string[], text: string): void {
  const below = tree[name];
  if (rest.length === 0) tree[name] = text;
  else if (typeof below === 'object') put(below, rest, text);
}

/** What a text leaves to be filled in, as one comparable word. */
export function gapsOf(text: string): string {
  return [...new Set(text.match(/\{\w*\}/g))].sort().join(' ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key is a name and may be told; anything that does not look like one is not. */
function shown(key: string): string {
  return /^[\w.-]{1,80}$/.test(key) ? key : 'a key';
}
