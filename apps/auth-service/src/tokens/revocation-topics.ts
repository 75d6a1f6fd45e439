import type { RevokedShare } from './revocation-list.js';

/** Topics of the feed that end shares. Whoever revokes appends one of these in the transaction of the revocation. */
export const revocationTopics = { shares: 'shares-revoked', rule: 'revocation-rule-made' } as const;

/** Payload of `shares-revoked`. */
export interface SharesRevoked {
  readonly shares: readonly RevokedShare[];
}

/** Payload of `revocation-rule-made`. */
export interface RevocationRuleMade {
  readonly id: string;
}
