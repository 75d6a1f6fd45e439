import type { ShareResource } from '@warden/tokens';

/** MedDream's token service: trades Study Instance UIDs for a token that its viewer takes. */
export abstract class MeddreamTokens {
  /** Throws `viewer-unavailable` when no token can be had in time. */
  abstract tokenFor(resources: readonly ShareResource[]): Promise<string>;
}
