import type { EventOrigin } from '../../audit/index.js';
import type { RevocationList } from '../../tokens/index.js';
import { type Revocation, type Share, endOfToken } from '../share.js';
import { eventShareOf, shareRevoked } from '../share-events.js';
import type { SharesStore } from '../shares.store.js';

/** Ends a share for good, and at once here. False: it was ended before. `ruleId`: the rule that ended it. */
export async function endShare(
  { store, revocations }: { readonly store: SharesStore; readonly revocations: RevocationList },
  share: Share,
  origin: EventOrigin,
  revocation: Revocation,
  ruleId: string | null,
): Promise<boolean> {
  const told = shareRevoked(eventShareOf(share), origin, revocation, ruleId);
  const first = await store.revoke(share, revocation, told);
  revocations.revoke({ identity: share.identity, expiresAt: endOfToken(share) });
  return first;
}
