import { unreadableBody } from '../errors/domain-error.js';

/** Largest body in bytes: far above any share or roles document; a megabyte of anything is refused. */
export const maxBodyBytes = 512 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a request body as JSON: UTF-8 with or without a byte order mark (RFC 8259 section 8.1).
 * Throws `unreadable-body` and nothing else, whatever is in it.
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) throw unreadableBody('is empty');
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw unreadableBody('is not UTF-8');
  }
  if (text.includes('__proto__') && /"__proto__"\s*:/.test(text))
    throw unreadableBody('holds a member named __proto__');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unreadableBody('is not valid JSON');
  }
}
