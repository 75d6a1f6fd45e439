import { formatPython, toTokenText } from '@warden/tokens';
import type { AskedLife } from '../policy/index.js';
import type { Share } from '../share.js';

/** How a life stands in a share. */
export type ShareLife = Pick<Share, 'expiresAt' | 'expiresText' | 'validityDuration'>;

/** An instant wins over seconds, which are kept as they were asked for; with neither there is no end. */
export function shareLifeOf(
  { expiration, seconds }: AskedLife<{ readonly epochMs: number; readonly text: string }>,
  now: number,
): ShareLife {
  if (expiration !== null)
    return { expiresAt: expiration.epochMs, expiresText: toTokenText(expiration.text), validityDuration: seconds };
  if (seconds === null) return { expiresAt: null, expiresText: null, validityDuration: null };
  const expiresAt = now + seconds * 1000;
  return { expiresAt, expiresText: formatPython(expiresAt), validityDuration: seconds };
}
