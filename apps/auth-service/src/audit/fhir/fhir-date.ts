import { parseInstant } from '@warden/tokens';

/** From this moment on, and before that one; milliseconds since the epoch. */
export interface FhirPeriod {
  readonly from?: number;
  readonly to?: number;
}

const form =
  /^(eq|ge|gt|le|lt|sa|eb)?(\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?)$/;
const zone = /(?:Z|[+-]\d\d:\d\d)$/;
/** What is left out of a date is its first. */
const rest = '0000-01-01T00:00:00';

/**
 * The moments that a date of a search means (R4 search, date): 2026 is a whole year, and `gt2026` begins after it.
 * Without a zone it is UTC. Null: it is no date, or its prefix (`ne`, `ap`) is not known here.
 */
export function periodOfDate(text: string): FhirPeriod | null {
  const [, prefix = 'eq', date = ''] = form.exec(text) ?? [];
  const zoned = date.includes('T') ? (zone.exec(date)?.[0] ?? 'Z') : 'Z';
  const local = date.replace(date.includes('T') ? zone : /$^/, '');
  const from = parseInstant(`${local}${rest.slice(local.length)}${zoned}`)?.epochMs;
  if (from === undefined) return null;
  const to = endOf(from, local.length);
  switch (prefix) {
    case 'ge':
      return { from };
    case 'gt':
    case 'sa':
      return { from: to };
    case 'le':
      return { to };
    case 'lt':
    case 'eb':
      return { to: from };
    default:
      return { from, to };
  }
}

/** A date says as much as it has characters. */
function endOf(from: number, length: number): number {
  const end = new Date(from);
  if (length === 4) return end.setUTCFullYear(end.getUTCFullYear() + 1);
  if (length === 7) return end.setUTCMonth(end.getUTCMonth() + 1);
  if (length === 10) return from + 86_400_000;
  if (length === 16) return from + 60_000;
  return from + (length === 19 ? 1_000 : 1);
}
