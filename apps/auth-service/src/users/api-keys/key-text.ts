import { hash, randomBytes } from 'node:crypto';
import { Secret } from '../../platform/observability/secret.js';

/** Without l, o, 0 and 1: the public part is read out on the telephone. 32 characters, so that five bits give one. */
const publicAlphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

const form = /^owk_[a-km-np-z2-9]{12}_[A-Za-z0-9_-]{43}$/;
const beginning = /^owk_[a-km-np-z2-9]{12}(?=_)/;

/** The text of a key, and what may be kept of it. */
export interface NewKeyText {
  readonly text: Secret;
  readonly publicPart: string;
  readonly digest: string;
}

export function newPublicPart(): string {
  return `owk_${[...randomBytes(12)].map((byte) => publicAlphabet[byte % 32]).join('')}`;
}

/** A text with a secret of 256 random bits; a rotation keeps the public part. */
export function newKeyText(publicPart = newPublicPart()): NewKeyText {
  const text = `${publicPart}_${randomBytes(32).toString('base64url')}`;
  return { text: new Secret(text), publicPart, digest: digestOf(text) };
}

/** Whether a text claims to be a key of this service; one that was cut off does too, so that it is refused as ours. */
export function isApiKey(text: string): boolean {
  return text.startsWith('owk_');
}

export function isKeyText(text: string): boolean {
  return form.test(text);
}

/** The part that may be shown, of a text that may be cut off or damaged behind it; null when there is none. */
export function publicPartOf(text: string): string | null {
  return beginning.exec(text)?.[0] ?? null;
}

/** No salt and no slow function: nobody guesses 256 random bits, and each request would pay for it. */
export function digestOf(text: string): string {
  return hash('sha256', text, 'hex');
}
