import { unreadableBody } from '../errors/domain-error.js';

/** Largest body in bytes: far above any share or roles document; a megabyte of anything is refused. */
export const maxBodyBytes = 512 * 1024;

/** Levels of nesting. What reads a body later may call itself once a level. */
const maxDepth = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a request body as JSON: UTF-8 with or without a byte order mark (RFC 8259 section 8.1).
 * Throws `unreadable-body` and nothing else, whatever is in it.
 */
export function parseJsonBody(body: Buffer): unknown {
  const text = readTextBody(body);
  if (text.includes('__proto__') && /"__proto__"\s*:/.test(text))
    throw unreadableBody('holds a member named __proto__');
  if (text.length > 1_024 && isTooDeep(text)) throw unreadableBody('is nested too deeply');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unreadableBody('is not valid JSON');
  }
}

/** The body as text. Throws `unreadable-body` and nothing else. */
export function readTextBody(body: Buffer): string {
  if (body.length === 0) throw unreadableBody('is empty');
  try {
    return utf8.decode(body);
  } catch {
    throw unreadableBody('is not UTF-8');
  }
}

/** One scan that skips strings. A short text is not looked at: a kilobyte nests harmlessly. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') {
      do {
        if (text[index] === '\\') index++;
        index++;
      } while (index < text.length && text[index] !== '"');
    } else if (character === '{' || character === '[') {
      if (++depth > maxDepth) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}
