import type { Share } from '../share.js';
import type { SharesStore } from '../shares.store.js';

/** The links that a share took the place of and that were not revoked: what ends the share ends them too. */
export async function linksReplacedBy(share: Share, store: SharesStore): Promise<Share[]> {
  const replaced: Share[] = [];
  for (let id = share.replaces; id !== null;) {
    const one = await store.find(id);
    if (one === null) break;
    if (one.revocation === null) replaced.push(one);
    id = one.replaces;
  }
  return replaced;
}
