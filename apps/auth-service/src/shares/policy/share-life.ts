import type { ShareLimits } from './share-limits.js';

/** Of a request: an instant wins over seconds. Both null: nothing was asked for. */
export interface AskedLife<Instant extends { readonly epochMs: number }> {
  readonly expiration: Instant | null;
  readonly seconds: number | null;
}

export interface AllowedLife<Instant extends { readonly epochMs: number }> extends AskedLife<Instant> {
  /** More was asked for, or no end at all where there has to be one: for the caller to refuse, or to log. */
  readonly cut: boolean;
}

/** What the limits leave of a life. `longest` seconds is the bound of the installation, above every policy. */
export function lifeWithin<Instant extends { readonly epochMs: number }>(
  { expiration, seconds }: AskedLife<Instant>,
  { maxLife, defaultLife, withoutExpiry }: Pick<ShareLimits, 'maxLife' | 'defaultLife' | 'withoutExpiry'>,
  longest: number,
  now: number,
): AllowedLife<Instant> {
  const most = maxLife === null ? null : Math.min(maxLife, longest);
  const kept = seconds === null || most === null ? seconds : Math.min(seconds, most);
  if (expiration !== null) {
    if (most !== null && expiration.epochMs > now + most * 1000) return { expiration: null, seconds: most, cut: true };
    return { expiration, seconds: kept, cut: false };
  }
  if (seconds !== null) return { expiration: null, seconds: kept, cut: kept !== seconds };
  if (defaultLife !== null) return { expiration: null, seconds: Math.min(defaultLife, longest), cut: false };
  if (withoutExpiry) return { expiration: null, seconds: null, cut: false };
  return { expiration: null, seconds: most ?? longest, cut: true };
}
