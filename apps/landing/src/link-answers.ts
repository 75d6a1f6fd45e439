import type { InspectedLink, LiveLink, Viewer } from './auth-service.js';
import {
  exchangeProblems,
  gates,
  linkStates,
  type ExchangeAnswer,
  type ExchangeProblem,
  type InspectAnswer,
} from './link-wire.js';

/*
 * Checked by hand because what follows is a way in: anything not understood must end as "can't tell", never as an open.
 */

const longestName = 200;
const mostViewers = 20;

/** What an exchange may be asked for: a viewer's id, or "download". */
export const viewerId = /^[A-Za-z0-9._-]{1,64}$/;

/** Reads an answer of /links/inspect; undefined when it isn't one. */
export function parseInspection(text: string): InspectedLink | undefined {
  const answer = parseObject<InspectAnswer>(text);
  const state = linkStates.find((known) => known === answer?.state);
  const language = parseName(answer?.language);
  if (answer === undefined || state === undefined || language === undefined) return undefined;
  switch (state) {
    case 'live': {
      const link = parseLiveLink(answer);
      return link && { state, link, language };
    }
    case 'scheduled': {
      const opensAt = parseMoment(answer.opensAt);
      return opensAt === undefined ? undefined : { state, opensAt, language };
    }
    case 'closed': {
      const { closedBy } = answer;
      return closedBy === 'locked' || closedBy === 'used-up' ? { state, closedBy, language } : undefined;
    }
    case 'expired':
    case 'revoked':
    case 'viewer-expired':
    case 'invalid':
    case 'unavailable':
      return { state, language };
  }
}

function parseLiveLink(answer: Unread<InspectAnswer>): LiveLink | undefined {
  const { opening, download, studies = null } = answer;
  if (opening !== 'direct' && opening !== 'confirm') return undefined;
  const gate = gates.find((known) => known === answer.gate);
  // A link that is a key has no gate: an answer that says otherwise is not understood.
  if (gate === undefined || (opening === 'direct' && gate !== 'none')) return undefined;
  if (typeof download !== 'boolean') return undefined;
  if (studies !== null && !(Number.isSafeInteger(studies) && (studies as number) >= 0)) return undefined;
  const codeSentTo = parseName(answer.codeSentTo);
  const sharedBy = parseName(answer.sharedBy);
  const expiresAt = parseMoment(answer.expiresAt);
  const viewers = parseViewers(answer.viewers);
  if (codeSentTo === undefined || sharedBy === undefined) return undefined;
  if (expiresAt === undefined || viewers === undefined) return undefined;
  return {
    opening,
    gate,
    codeSentTo,
    sharedBy,
    studies: studies as number | null,
    expiresAt,
    viewers,
    download,
  };
}

function parseViewers(value: unknown): readonly Viewer[] | undefined {
  if (!Array.isArray(value) || value.length > mostViewers) return undefined;
  const viewers = value.map((one: unknown) => {
    if (!isObject(one)) return undefined;
    const { id, url = null } = one;
    const name = parseName(one.name);
    if (typeof id !== 'string' || !viewerId.test(id) || !name) return undefined;
    return url === null || typeof url === 'string' ? { id, name, url } : undefined;
  });
  return viewers.every((viewer) => viewer !== undefined) ? viewers : undefined;
}

/** Reads an answer of /links/exchange; undefined when it isn't one. */
export function parseExchanged(text: string): string | undefined {
  const answer = parseObject<ExchangeAnswer>(text);
  return typeof answer?.url === 'string' ? answer.url : undefined;
}

/** The code of a problem that an exchange may meet; undefined for any other answer. */
export function parseProblem(text: string): ExchangeProblem | undefined {
  const code = parseObject<{ code: string }>(text)?.code;
  return exchangeProblems.find((known) => known === code);
}

/** Seconds, for a wait of at most a day; undefined when it isn't told so. */
export function parseRetryAfter(header: string | null): number | undefined {
  const seconds = /^\d{1,6}$/.test(header ?? '') ? Number(header) : 0;
  return seconds >= 1 && seconds <= 86_400 ? seconds : undefined;
}

type Unread<Answer> = Partial<Record<keyof Answer, unknown>>;

function parseObject<Answer>(text: string): Unread<Answer> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isObject(value) ? (value as Unread<Answer>) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A short text for people, without what would change the direction or the lines of the text around it; null when there is none. */
function parseName(value: unknown): string | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') return undefined;
  return (
    value
      .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
      .trim()
      .slice(0, longestName) || null
  );
}

function parseMoment(value: unknown): Date | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined;
  const moment = new Date(value);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
