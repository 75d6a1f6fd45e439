import type { ShareToken } from '@warden/tokens';

/** Told of every token that was found valid, so that links minted elsewhere enter the registry. Must return at once and never throw. */
export abstract class TokenSightings {
  abstract seen(token: ShareToken): void;
}
