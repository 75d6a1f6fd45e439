import { type Share, closureOf, endOfToken, plainTerms, stateOf } from './share.js';

const now = Date.UTC(2030, 0, 1);
const share = (more: Partial<Share> = {}): Share => ({
  ...plainTerms,
  id: '019a8cca-1371-7000-b9bc-000000000000',
  identity: 'AAAAAAAAAAAAAAAAAAAAAA',
  keyId: 'kid-1',
  origin: 'minted',
  type: 'stone-viewer-publication',
  label: null,
  serverId: null,
  resources: [],
  mintedAt: now - 1_000,
  mintedBy: null,
  expiresAt: null,
  expiresText: null,
  validityDuration: null,
  revocation: null,
  ...more,
});
const revocation = { at: now - 1, by: 'basic:ada', reason: 'x' };
const usedUp = { maxOpens: 2, opens: 2 };

describe('the state of a share', () => {
  it.each<[string, Partial<Share>]>([
    ['live', {}],
    ['live', { expiresAt: now + 1 }],
    ['expired', { expiresAt: now }],
    ['scheduled', { notBefore: now + 1 }],
    ['live', { notBefore: now }],
    ['live', { maxOpens: 2, opens: 1 }],
    ['live', { maxOpens: null, opens: 1_000 }],
    ['closed', usedUp],
    ['closed', { maxOpens: 2, opens: 3 }],
    ['closed', { lockedAt: now }],
    ['revoked', { revocation }],
  ])('is %s with %j, at the very millisecond', (state, more) => expect(stateOf(share(more), now)).toBe(state));

  it.each<[string, Partial<Share>]>([
    ['revoked', { revocation, expiresAt: now - 1, lockedAt: now, notBefore: now + 1 }],
    ['expired', { expiresAt: now - 1, lockedAt: now, notBefore: now + 1, ...usedUp }],
    ['closed', { lockedAt: now, notBefore: now + 1 }],
    ['closed', { notBefore: now + 1, ...usedUp }],
  ])('is %s before anything weaker: %j', (state, more) => expect(stateOf(share(more), now)).toBe(state));
});

it('is closed by the lock before the count, since a recipient who is in comes back to the count alone', () => {
  expect(closureOf(share({ lockedAt: now, ...usedUp }))).toBe('locked');
  expect(closureOf(share(usedUp))).toBe('used-up');
  expect(closureOf(share({ maxOpens: 3, opens: 2 }))).toBeNull();
  expect(closureOf(share())).toBeNull();
});

it('has a token that is good as long as it says, though the share ends sooner', () => {
  expect(endOfToken({ expiresAt: now, tokenEnd: null })).toBe(now);
  expect(endOfToken({ expiresAt: null, tokenEnd: null })).toBeNull();
  expect(endOfToken({ expiresAt: now, tokenEnd: { at: now + 5 } })).toBe(now + 5);
  expect(endOfToken({ expiresAt: now, tokenEnd: { at: null } })).toBeNull();
});
