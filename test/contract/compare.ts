import type { OurAnswer, OurSuccess } from './differences.js';
import type { GoldenCase } from './golden.js';
import type { WireAnswer } from './exchange.js';
import { type TokenBench, decodeJwt } from './token-bench.js';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly answer: WireAnswer;
  /** Token that the request carried, without `Bearer `; null when it carried none. */
  readonly asked: string | null;
}

/** Two plain values that are deep-equal exactly when the answer is what was expected: made for a readable diff. */
export interface Comparison {
  readonly actual: unknown;
  readonly expected: unknown;
}

/** Milliseconds by which two clocks, or a slow machine, may set two moments apart. */
const tolerance = 3_000;

/**
 * Against the recorded answer. A 2xx is the contract. Of a refusal the status only, and 422 and 500 stand for any 4xx
 * of ours: what the incumbent could not read, it called by these names.
 */
export function compareWithRecorded(one: GoldenCase, exchange: Exchange, bench: TokenBench): Comparison {
  if (one.status >= 200 && one.status < 300) {
    return compareSuccess(exchange, { status: one.status, answer: one.answer }, bench);
  }
  return compareRefusal(exchange, { status: one.status === 422 || one.status >= 500 ? null : one.status });
}

/** Against our own answer, where it is meant to differ. */
export function compareWithOurs(ours: OurAnswer, exchange: Exchange, bench: TokenBench): Comparison {
  if ('code' in ours) return compareRefusal(exchange, ours);
  return compareSuccess(exchange, ours, bench);
}

function compareSuccess(exchange: Exchange, wanted: OurSuccess, bench: TokenBench): Comparison {
  const { answer } = exchange;
  const body = withoutReason(exchange, parse(answer.text));
  const minted = mintedToken(body);
  const token = minted ?? exchange.asked;
  const actual: Record<string, unknown> = { status: answer.status, mediaType: mediaType(answer), body };
  const expected: Record<string, unknown> = {
    status: wanted.status,
    mediaType: 'application/json',
    body: fill(wanted.answer, body, { answer, token, zone: 'Z' }),
  };
  const named = /^<token:(.+)>$/.exec(mintedToken(wanted.answer) ?? '')?.[1];
  if (named === undefined) return { actual, expected };
  actual.token = minted === null ? null : anatomy(minted, answer, bench);
  const claims = minted === null ? null : decodeJwt(minted).claims;
  expected.token = {
    signature: 'good',
    header: { alg: 'HS256', typ: 'JWT', kid: 'well-formed' },
    claims: {
      ...(fill(wanted.claims ?? bench.claims(named), claims, { answer, token, zone: '+00:00' }) as object),
      jti: 'well-formed',
      iat: 'now',
    },
  };
  return { actual, expected };
}

/** What we add to a token of the incumbent's is named, and checked for its form. */
function anatomy(text: string, answer: WireAnswer, bench: TokenBench) {
  const { header, claims } = decodeJwt(text);
  const iat = Number(claims.iat) * 1000;
  return {
    signature: bench.isSignedWithSecretKey(text) ? 'good' : 'bad',
    header: { ...header, kid: /^[\w-]{11}$/.test(String(header.kid)) ? 'well-formed' : header.kid },
    claims: {
      ...claims,
      jti: /^[\w-]{22}$/.test(String(claims.jti)) ? 'well-formed' : claims.jti,
      iat: iat >= answer.before - tolerance && iat <= answer.after + tolerance ? 'now' : claims.iat,
    },
  };
}

function mintedToken(body: unknown): string | null {
  const token = (body as { token?: unknown } | null)?.token;
  return typeof token === 'string' ? token : null;
}

/** Our decode says more finely why a link does not open. Left in, and so seen, when it contradicts the error code. */
function withoutReason({ path }: Exchange, body: unknown): unknown {
  if (path !== '/tokens/decode' || typeof body !== 'object' || body === null || !('reason' in body)) return body;
  const { reason, ...rest } = body as { reason: unknown; 'error-code'?: unknown };
  const meant: Record<string, unknown> = {
    expired: 'expired',
    revoked: 'invalid',
    invalid: 'invalid',
    unknown: 'unknown',
  };
  const fits =
    reason === null ? rest['error-code'] === null : typeof reason === 'string' && meant[reason] === rest['error-code'];
  return fits ? rest : body;
}

function compareRefusal(
  { method, answer }: Exchange,
  wanted: { status: number | null; code?: string; fields?: readonly string[] },
): Comparison {
  const { status } = answer;
  const wantedStatus = wanted.status ?? (status >= 400 && status < 500 ? status : '4xx');
  if (method === 'HEAD') return { actual: { status, body: answer.text }, expected: { status: wantedStatus, body: '' } };
  const document = (parse(answer.text) ?? {}) as {
    status?: unknown;
    code?: unknown;
    detail?: unknown;
    errors?: { field?: unknown }[];
  };
  const fields = document.errors?.map((one) => one.field) ?? null;
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  const namesFields = fields !== null && fields.length > 0 && fields.every(isText);
  const challenge = answer.headers['www-authenticate'] ?? null;
  const allow = answer.headers.allow ?? null;
  const offersOthers = allow !== null && allow !== '' && !allow.split(', ').includes(method);
  return {
    actual: {
      status,
      mediaType: mediaType(answer),
      statusInside: document.status,
      code: document.code,
      detail: document.detail,
      fields,
      challenge,
      allow,
    },
    expected: {
      status: wantedStatus,
      mediaType: 'application/problem+json',
      statusInside: status,
      code: wanted.code ?? (isText(document.code) ? document.code : 'a code'),
      detail: isText(document.detail) ? document.detail : 'a detail',
      // RFC 9457 leaves members to us: a body that was read and found wrong is told by field.
      fields: wanted.fields ?? (document.code !== 'invalid-input' ? null : namesFields ? fields : ['a field']),
      // RFC 9110 sections 11.6.1 and 15.5.6.
      challenge: status !== 401 ? null : challenge?.startsWith('Basic realm=') ? challenge : 'Basic',
      allow: status !== 405 ? null : offersOthers ? allow : 'other methods',
    },
  };
}

interface Context {
  readonly answer: WireAnswer;
  readonly token: string | null;
  /** How a moment in UTC is spelled: one way in answers, another one in tokens. */
  readonly zone: 'Z' | '+00:00';
}

/** The template with each placeholder replaced: by what stands there when that is right, else by what would be. */
function fill(template: unknown, actual: unknown, context: Context): unknown {
  if (Array.isArray(template))
    return template.map((one, index) => fill(one, (actual as unknown[] | null)?.[index], context));
  if (typeof template === 'object' && template !== null) {
    const found = actual as Record<string, unknown> | null | undefined;
    return Object.fromEntries(Object.entries(template).map(([name, one]) => [name, fill(one, found?.[name], context)]));
  }
  if (typeof template !== 'string') return template;
  if (template === '<openapi>') return isOpenApi(actual) ? actual : template;
  if (template === '<seconds-left>') return isSecondsLeft(actual, context) ? actual : template;
  const time = /^<time:now([+-]\d+)s>$/.exec(template);
  if (time !== null) return isMoment(actual, Number(time[1]) * 1000, context) ? actual : template;
  return template.replaceAll(/<token:[^>]+>/g, (placeholder) => context.token ?? placeholder);
}

function isMoment(actual: unknown, offset: number, { answer, zone }: Context): boolean {
  const form =
    zone === 'Z' ? /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/ : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/;
  if (typeof actual !== 'string' || !form.test(actual)) return false;
  const at = Date.parse(actual);
  return at >= answer.before + offset - tolerance && at <= answer.after + offset + tolerance;
}

/** Whole seconds from some moment of the exchange to the expiry of its token, at least 1. */
function isSecondsLeft(actual: unknown, { answer, token }: Context): boolean {
  if (token === null || !Number.isInteger(actual)) return false;
  const ends = Date.parse(String(decodeJwt(token).claims.expiration_date));
  const left = (now: number) => Math.max(1, Math.floor((ends - now) / 1000));
  return Number(actual) >= left(answer.after) && Number(actual) <= left(answer.before);
}

function isOpenApi(actual: unknown): boolean {
  const document = actual as { openapi?: unknown; paths?: Record<string, unknown> } | null;
  return /^3\.\d\.\d$/.test(String(document?.openapi)) && document?.paths?.['/tokens/validate'] !== undefined;
}

function mediaType({ headers }: WireAnswer): string | null {
  return headers['content-type']?.split(';')[0]?.trim() ?? null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
