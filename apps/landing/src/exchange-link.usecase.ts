import { AuthService, type ExchangeResult } from './auth-service.js';
import type { Gate } from './link-wire.js';
import type { OpenLink } from './open-link.usecase.js';
import type { EntryProblem, Opening } from './opening.js';
import { readLink, type LinkParts } from './read-link.js';
import { safeRedirect } from './safe-redirect.js';

/** What a recipient sent with the form, as it was typed. */
export interface Entry {
  /** Which gate the page asked about; undefined when the form does not tell. */
  readonly gate: Gate | undefined;
  readonly secret: string;
  readonly birthDate: { readonly day: string; readonly month: string; readonly year: string };
  /** A viewer's id, "download", or null for the share's own. */
  readonly viewer: string | null;
}

/** Who asks, for the service's record and its counting of attempts. */
export interface Recipient {
  readonly session: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

type Secret =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly problem: 'missing' | 'impossible' };

// The most that the service takes.
const longestSecret = 64;
// For an answer that asks for patience and does not say how much.
const defaultWaitSeconds = 60;

/** Opens a link with what its recipient entered. An entry that can't be right is not sent on: it would cost one of few attempts. */
export class ExchangeLink {
  constructor(
    private readonly authService: AuthService,
    private readonly openLink: OpenLink,
  ) {}

  async execute(parts: LinkParts, entry: Entry, recipient: Recipient): Promise<Opening> {
    const link = readLink(parts);
    if (typeof link !== 'string') return link;
    const secret = readSecret(entry);
    if (!secret.ok) return this.askAgain(parts, secret.problem, recipient);
    const result = await this.authService.exchange({ link, secret: secret.value, viewer: entry.viewer, ...recipient });
    const again = (problem: EntryProblem) => this.askAgain(parts, problem, recipient);
    return judge(entry, result, again);
  }

  /** The same page once more; or what became of the link meanwhile. */
  private async askAgain(parts: LinkParts, problem: EntryProblem, { session }: Recipient): Promise<Opening> {
    const opening = await this.openLink.execute(parts, true, session);
    if (opening.kind !== 'show') return opening;
    return { ...opening, code: codes[problem], problem };
  }
}

async function judge(
  entry: Entry,
  result: ExchangeResult,
  askAgain: (problem: EntryProblem) => Promise<Opening>,
): Promise<Opening> {
  if (!result.ok) return { kind: 'unavailable', code: 'unavailable', cause: result.fault };
  if (result.url !== undefined) {
    const url = safeRedirect(result.url);
    if (url === undefined) return { kind: 'unavailable', code: 'unavailable', cause: 'unsafe-redirect' };
    return { kind: 'open', code: entry.viewer === 'download' ? 'downloaded' : 'opened', url };
  }
  switch (result.problem) {
    case 'gate-refused':
      return askAgain('refused');
    case 'viewer-not-offered':
      return askAgain('viewer-not-offered');
    case 'too-many-attempts':
      return { kind: 'wait', code: 'too-many-attempts', seconds: result.retryAfter ?? defaultWaitSeconds };
    case 'share-locked':
      return { kind: 'refused', code: 'locked' };
    case 'share-used-up':
      return { kind: 'refused', code: 'used-up' };
    case 'share-expired':
      return { kind: 'refused', code: 'expired' };
    case 'share-revoked':
      return { kind: 'refused', code: 'revoked' };
    case 'share-scheduled':
      return { kind: 'scheduled', code: 'scheduled', opensAt: null };
    case 'viewer-unavailable':
    case 'database-unavailable':
    case 'gates-busy':
      return { kind: 'unavailable', code: 'unavailable', cause: result.problem, retryAfter: result.retryAfter };
  }
}

const codes = {
  missing: 'entry-missing',
  impossible: 'entry-impossible',
  refused: 'gate-refused',
  'viewer-not-offered': 'viewer-not-offered',
} as const;

function readSecret({ gate, secret, birthDate }: Entry): Secret {
  const typed = secret.replace(/\s+/g, '');
  switch (gate) {
    case 'none':
      return { ok: true, value: null };
    case 'birth-date':
      return readBirthDate(birthDate);
    case 'pin':
    case 'email-code':
      if (typed === '') return { ok: false, problem: 'missing' };
      return { ok: true, value: typed.slice(0, longestSecret) };
    case undefined:
      return { ok: true, value: typed.slice(0, longestSecret) || null };
  }
}

/** As the service compares it: YYYYMMDD. */
function readBirthDate(typed: Entry['birthDate']): Secret {
  const [day, month, year] = [typed.day, typed.month, typed.year].map((part) => part.trim());
  if (!day || !month || !year) return { ok: false, problem: 'missing' };
  if (!/^\d{1,2}$/.test(day) || !/^\d{1,2}$/.test(month) || !/^\d{4}$/.test(year))
    return { ok: false, problem: 'impossible' };
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  // 31 February would become 3 March.
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(iso)) return { ok: false, problem: 'impossible' };
  return { ok: true, value: iso.replaceAll('-', '') };
}
