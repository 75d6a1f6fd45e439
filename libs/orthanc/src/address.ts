/** An argument, decoded, beside the text that it came as. */
export interface Argument {
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

/** A request's address, read in the one way in which everybody reads it. */
export interface Address {
  /** Begins with `/`. */
  readonly path: string;
  readonly query: readonly Argument[];
}

export type AddressFault = 'not-an-address' | 'ambiguous-path' | 'unreadable-arguments';

/**
 * Letters, digits and what no server decodes, merges or cuts off. Percent signs, doubled slashes, steps that begin with a
 * dot, `;` and `\` are what servers disagree about.
 */
const plainPath = /^(?:\/[A-Za-z0-9\-_~,][A-Za-z0-9\-._~,]*)*\/?$/;

/** RFC 3986 section 3.4 and what browsers leave as it is; no blank, no control character, nothing beyond ASCII. */
const queryText = /^[!"$-~]*$/;

/** Whether a path has one reading. */
export function isPlainPath(path: string): boolean {
  return plainPath.test(path);
}

/** Reads the address of a request line: a path and what follows the first `?`. Any path is read; see {@link isPlainPath}. */
export function readAddress(uri: string): Address | AddressFault {
  const mark = uri.indexOf('?');
  const path = mark < 0 ? uri : uri.slice(0, mark);
  if (!path.startsWith('/') || /[^!-~]/.test(path) || path.includes('#')) return 'not-an-address';
  if (mark < 0) return { path, query: [] };
  const text = uri.slice(mark + 1);
  if (!queryText.test(text)) return 'unreadable-arguments';
  const query = text.split('&').flatMap(readArgument);
  return query.includes(null) ? 'unreadable-arguments' : { path, query: query as Argument[] };
}

/** The address of the same request without some of its arguments; the others stay as they were written. */
export function addressText(path: string, query: readonly Argument[]): string {
  return query.length === 0 ? path : `${path}?${query.map(({ text }) => text).join('&')}`;
}

function readArgument(text: string): (Argument | null)[] {
  if (text === '') return [];
  const mark = text.indexOf('=');
  const name = decoded(mark < 0 ? text : text.slice(0, mark));
  const value = mark < 0 ? '' : decoded(text.slice(mark + 1));
  return [name === null || value === null ? null : { name, value, text }];
}

/** As forms are decoded: once. Null: a percent sign that stands for nothing. */
function decoded(text: string): string | null {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
