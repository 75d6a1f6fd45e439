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

/** 16 bytes in canonical base64url: the unused bits of the last character are zero. */
const OWN_JTI = /^[A-Za-z0-9_-]{21}[AQgw]$/;

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
  const signed = readSigned(text, keyring);
  return typeof signed === 'string' ? refuse(signed) : inForce(signed, nowMs);
}

/** A text that one of the keys signed; `token` is null when it is no share. No time has a say in it. */
export interface SignedText {
  readonly key: VerifyingKey;
  readonly token: ShareToken | null;
}

/** The part of {@link verifyShareToken} that is the same at any time: form, algorithm, signature, reading of the claims. */
export function readSigned(text: string, keyring: Keyring): SignedText | TokenFault {
  if (text === '') return 'absent';
  if (text.length > MAX_TOKEN_LENGTH) return 'too-long';

  const compact = text.endsWith('=') ? text.slice(0, -1) : text;
  const firstDot = compact.indexOf('.');
  const secondDot = compact.indexOf('.', firstDot + 1);
  if (secondDot <= firstDot) return 'malformed';
  const header = parseHeader(compact.slice(0, firstDot));
  const payload = decodeBase64Url(compact.slice(firstDot + 1, secondDot));
  const signature = decodeBase64Url(compact.slice(secondDot + 1));
  if (header === null || payload === null || signature === null) return 'malformed';

  if (!header.supported) return 'unsupported-algorithm';

  const signed = compact.slice(0, secondDot);
  const key = keyring.candidates(header.kid).find((candidate) => isSignedBy(candidate, signed, signature));
  if (key === undefined) return 'bad-signature';
  const claims = parseSharePayload(parseJsonObject(payload));
  if (claims === null) return { key, token: null };
  return { key, token: shareToken(claims, key, signed, key === keyring.signing && header.kid === key.kid) };
}

/** The part of {@link verifyShareToken} that time has a say in: end date of the key, then the claims. */
export function inForce({ key, token }: SignedText, nowMs: number): ShareVerification {
  if (key.until !== null && !(nowMs < key.until)) return refuse('key-retired');
  if (token === null) return refuse('not-a-share');
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
    gated: claims.gated,
    parent: claims.parent,
    edge: claims.edge,
    noArchive: claims.noArchive,
    session: claims.session,
  };
}
