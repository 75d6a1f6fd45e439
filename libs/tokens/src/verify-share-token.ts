import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase64Url } from './base64url.js';
import { parseJsonObject } from './json-object.js';
import type { Keyring, VerifyingKey } from './keyring.js';
import { type SharePayload, parseSharePayload } from './share-payload.js';
import type { ShareToken } from './share-token.js';

/** Why a token is refused, in the order in which it is looked at. */
export type TokenFault =
  | 'absent'
  | 'too-long'
  | 'malformed'
  | 'unsupported-algorithm'
  | 'bad-signature'
  | 'key-retired'
  | 'not-a-share'
  | 'not-yet-valid'
  | 'expired';

/** `token` is there as soon as the claims could be read: also for `expired` and `not-yet-valid`. */
export type ShareVerification =
  | { readonly ok: true; readonly token: ShareToken }
  | { readonly ok: false; readonly reason: TokenFault; readonly token?: ShareToken };

/** Characters. Room for some 300 studies with both ids; a proxy usually lets less pass in a header. */
export const MAX_TOKEN_LENGTH = 64 * 1024;

interface Header {
  readonly supported: boolean;
  readonly kid: string | null;
}

/** Headers are few and repeat; those of verified tokens are remembered. */
const knownHeaders = new Map<string, Header>();
/** 32 and 16 bytes in canonical base64url: the unused bits of the last character are zero. */
const WHOLE_SIGNATURE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const OWN_JTI = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const MAX_KNOWN_HEADERS = 256;
const MAX_KNOWN_HEADER_LENGTH = 256;

/** Removes a leading `Bearer ` (any case, RFC 9110 section 11.1; one space or more), once. */
export function stripBearer(text: string): string {
  return /^bearer /i.test(text) ? text.slice(7).replace(/^ +/, '') : text;
}

/**
 * Says whether a text is a share token that one of the keys signed and that is in force at `nowMs`. Never throws.
 *
 * The order is a promise: form, algorithm, signature, end date of the key, claims. Nothing in the payload is looked at
 * before the signature is verified, and `expired` is never said of a token that somebody else made.
 *
 * @param text the bare token, see {@link stripBearer}; a single trailing `=` is accepted, as the incumbent does
 * @param nowMs milliseconds since 1970; a time that is not a number refuses whatever has a limit
 */
export function verifyShareToken(text: string, keyring: Keyring, nowMs: number): ShareVerification {
  if (text === '') return refuse('absent');
  if (text.length > MAX_TOKEN_LENGTH) return refuse('too-long');

  const compact = text.endsWith('=') ? text.slice(0, -1) : text;
  const firstDot = compact.indexOf('.');
  const secondDot = compact.indexOf('.', firstDot + 1);
  if (secondDot <= firstDot) return refuse('malformed');
  const headerText = compact.slice(0, firstDot);
  const header = knownHeaders.get(headerText) ?? parseHeader(headerText);
  const payload = decodeBase64Url(compact.slice(firstDot + 1, secondDot));
  const signatureText = compact.slice(secondDot + 1);
  // A whole HS256 signature in its one spelling; anything else takes the longer way, to be refused for the right reason.
  const signature = WHOLE_SIGNATURE.test(signatureText)
    ? Buffer.from(signatureText, 'base64url')
    : decodeBase64Url(signatureText);
  if (header === null || payload === null || signature === null) return refuse('malformed');

  if (!header.supported) return refuse('unsupported-algorithm');

  const signed = compact.slice(0, secondDot);
  const key = keyring.candidates(header.kid).find((candidate) => isSignedBy(candidate, signed, signature));
  if (key === undefined) return refuse('bad-signature');
  remember(headerText, header);

  if (key.until !== null && !(nowMs < key.until)) return refuse('key-retired');

  const claims = parseSharePayload(parseJsonObject(payload));
  if (claims === null) return refuse('not-a-share');
  const token = shareToken(claims, key, signed, key === keyring.signing && header.kid === key.kid);
  if (token.expiresAt !== null && !(nowMs < token.expiresAt)) return { ok: false, reason: 'expired', token };
  if (token.notBefore !== null && !(nowMs >= token.notBefore)) return { ok: false, reason: 'not-yet-valid', token };
  return { ok: true, token };
}

function refuse(reason: TokenFault): ShareVerification {
  return { ok: false, reason };
}

function isSignedBy(candidate: VerifyingKey, signed: string, signature: Buffer): boolean {
  const expected = createHmac('sha256', candidate.key).update(signed).digest();
  // A shortened MAC is refused by its length: RFC 7518 section 3.2 has the whole hash compared.
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

/**
 * Only HS256 is ever accepted, and the token has no say in it (RFC 8725 section 3.1). A `crit` header asks for an
 * extension, of which none is understood here, so it must be refused (RFC 7515 section 4.1.11).
 */
function parseHeader(text: string): Header | null {
  const bytes = decodeBase64Url(text);
  const json = bytes && parseJsonObject(bytes);
  if (json === null || Object.hasOwn(json, 'crit')) return null;
  const { alg, kid, typ } = json;
  if (typ !== undefined && (typeof typ !== 'string' || typ.toUpperCase() !== 'JWT')) return null;
  return { supported: alg === 'HS256', kid: typeof kid === 'string' ? kid : null };
}

/** Called for verified tokens only, so that a stranger can neither fill the memory nor push the real headers out. */
function remember(text: string, header: Header): void {
  if (text.length > MAX_KNOWN_HEADER_LENGTH || knownHeaders.has(text)) return;
  if (knownHeaders.size >= MAX_KNOWN_HEADERS) knownHeaders.clear();
  // A copy: a slice of the token would keep the whole token in memory.
  knownHeaders.set(Buffer.from(text, 'latin1').toString('latin1'), header);
}

function shareToken(claims: SharePayload, key: VerifyingKey, signed: string, namesSigningKey: boolean): ShareToken {
  const { jti } = claims;
  const hasOwnIdentity = jti !== null && OWN_JTI.test(jti);
  return {
    identity: hasOwnIdentity ? jti : createHash('sha256').update(signed).digest('base64url'),
    jti,
    ours: hasOwnIdentity && namesSigningKey,
    kid: key.kid,
    keyRegisteredOnly: key.registeredOnly,
    generation: claims.generation,
    label: claims.label,
    type: claims.type,
    resources: claims.resources,
    anonymized: claims.anonymized,
    expiresAt: claims.expiresAt,
    notBefore: claims.notBefore,
    issuedAt: claims.issuedAt,
    validityDuration: claims.validityDuration,
  };
}
