import { itself, noSource } from '@warden/events';
import { JwtService } from '@nestjs/jwt';
import { Keyring } from '@warden/tokens';
import { InMemorySharesStore } from '../../../../../test/support/in-memory-shares.store.js';
import type { LinksConfig } from '../../platform/config/config.js';
import { Clock } from '../../platform/time/clock.js';
import { RevocationList, TokenJudge, TokenKeys } from '../../tokens/index.js';
import { RegisteredTokens } from '../../tokens/revocation-list.js';
import { viewerTypes } from '../../tokens/token-types.js';
import { type Share, plainTerms } from '../share.js';
import { eventShareOf, shareRevoked } from '../share-events.js';
import { ShareLinks } from './share-links.js';
import { TokenSigner } from './token-signer.js';
import { ViewerLinks } from './viewer-links.js';
import { FindLink, digestOfLink } from './find-link.js';
import { LinkHandles } from './link-handles.js';

const KEY = 'TEST-ONLY-secret-key-not-for-production-0123456789';
const OLD_KEY = 'TEST-ONLY-earlier-secret-key-0123456789abcdef';
const now = Date.UTC(2030, 0, 1);
const keyring = (until: number | null) =>
  Keyring.create({ signing: KEY, previous: [{ key: OLD_KEY, until, registeredOnly: false }] });
const [newKid, oldKid] = [KEY, OLD_KEY].map((signing) => Keyring.create({ signing, previous: [] }).signing.kid) as [
  string,
  string,
];
const config: LinksConfig = {
  orthancRoot: 'https://pacs.example/orthanc/',
  landingRoot: 'https://landing.example/',
  shareRoot: 'https://share.example/',
  shareLinks: 'opaque',
  ohifRoot: null,
  ohifDataSource: 'dicom-web',
  meddreamRoot: null,
  meddreamTokenService: null,
  extraTypes: new Map([['inbox-link', { url: null, permissions: [] }]]),
};
class FrozenClock extends Clock {
  now = (): number => now;
  monotonic = (): number => 0;
}

function house(until: number | null = null, more: Partial<LinksConfig> = {}) {
  const keys = new TokenKeys(keyring(until));
  const [store, list, handles] = [new InMemorySharesStore(() => now), new RevocationList(), new LinkHandles(keys)];
  const rules = {
    keyring: keys.keyring,
    acceptUnregistered: true,
    asksRegistry: false,
    knownTypes: new Set<string>(viewerTypes),
    anonymizedServerId: null,
    feed: () => 'fresh' as const,
  };
  const judge = new TokenJudge({ rules }, list, new RegisteredTokens());
  const viewers = new ViewerLinks({ ...config, ...more });
  const links = new ShareLinks(new TokenSigner(new JwtService({}), keys), handles, viewers, {
    links: { ...config, ...more },
  });
  const find = new FindLink(judge, keys, handles, store, new FrozenClock());
  const add = async (changed: Partial<Share> = {}): Promise<Share> => {
    const one = { ...share, ...changed };
    await store.add(
      one,
      null,
      shareRevoked(eventShareOf(one), { actor: itself, source: noSource }, { at: now, reason: 'any' }, null),
    );
    return one;
  };
  return { store, list, handles, links, find, add };
}
const share: Share = {
  ...plainTerms,
  id: '019a8cca-1371-7000-b9bc-000000000000',
  identity: 'AAAAAAAAAAAAAAAAAAAAAA',
  keyId: newKid,
  origin: 'minted',
  type: 'stone-viewer-publication',
  label: null,
  serverId: null,
  resources: [{ level: 'study', dicomUid: '1.2.3', orthancId: null, url: null }],
  mintedAt: now,
  mintedBy: null,
  expiresAt: null,
  expiresText: null,
  validityDuration: null,
  revocation: null,
};

describe('a link stands', () => {
  it('as a token that is the key, for itself, with Bearer and blanks around it too', async () => {
    const { find, links, add } = house();
    const { token } = links.of(await add());
    for (const text of [token, `  ${token}\n`, `Bearer ${token}`])
      expect(await find.execute(text)).toMatchObject({ kind: 'direct', text: token });
  });

  it('as a gated token or as a short link for its row', async () => {
    const { find, links, handles, add } = house();
    const handleHash = handles.hashOf(handles.handleOf(share));
    const one = await add({ gated: true, handleHash });
    for (const text of [links.of(one).token, handles.handleOf(one), ` ${handles.handleOf(one)} `])
      expect(await find.execute(text)).toMatchObject({ kind: 'gated', share: one });
  });

  it('for its row as long as that is there, also when the token is expired, ended or revoked: the row knows better', async () => {
    const ended = { expiresAt: now, expiresText: '2030-01-01T00:00:00+00:00' };
    const { find, links, list, add } = house();
    const one = await add({ gated: true, ...ended });
    expect((await find.execute(links.of(one).token)).kind).toBe('gated');
    list.revoke({ identity: one.identity, expiresAt: null });
    expect((await find.execute(links.of({ ...one, expiresText: null }).token)).kind).toBe('gated');
  });

  it('for nothing where nobody minted it', async () => {
    const { find, links } = house();
    expect(await find.execute(links.of({ ...share, gated: true }).token)).toEqual({ kind: 'unknown' });
    expect(await find.execute('AAAAAAAAAAAAAAAAAAAAAA')).toEqual({ kind: 'unknown' });
    for (const text of ['', 'nonsense', 'AAAAAAAAAAAAAAAAAAAAAB'])
      expect(await find.execute(text)).toMatchObject({ kind: 'dead', token: null });
  });

  it('for nothing once its key has ended, at the very millisecond, a short one too', async () => {
    for (const [until, kind] of [
      [now + 1, 'gated'],
      [now, 'unknown'],
    ] as const) {
      const { find, handles, add } = house(until);
      const old = { ...share, keyId: oldKid, gated: true };
      await add({ ...old, handleHash: handles.hashOf(handles.handleOf(old)) });
      expect((await find.execute(handles.handleOf(old))).kind).toBe(kind);
    }
  });

  it('for one thing whose attempts are counted together, whatever form it comes in', async () => {
    const { find, links, handles, add } = house();
    const one = await add({ gated: true, handleHash: handles.hashOf(handles.handleOf(share)) });
    const digests = await Promise.all(
      [links.of(one).token, `Bearer ${links.of(one).token}`, handles.handleOf(one)].map(async (text) =>
        digestOfLink(await find.execute(text), text).toString('hex'),
      ),
    );
    expect(new Set(digests).size).toBe(1);
    expect(digestOfLink({ kind: 'unknown' }, ' x ')).toEqual(digestOfLink({ kind: 'unknown' }, 'x'));
    expect(digestOfLink({ kind: 'unknown' }, 'y')).not.toEqual(digestOfLink({ kind: 'unknown' }, 'x'));
  });
});

describe('a share is handed out', () => {
  it('by a token that is the key at the landing page of old, by anything gated at our own', () => {
    const { links, handles } = house();
    const plain = links.of(share);
    expect(plain.url).toBe(`https://landing.example/?token=${plain.token}`);
    const gated = links.of({ ...share, gated: true });
    expect(gated.url).toBe(`https://share.example/?token=${gated.token}`);
    const short = { ...share, gated: true, handleHash: 'hash' };
    expect(links.of(short).url).toBe(`https://share.example/s/${handles.handleOf(share)}`);
    expect(links.of(short)).toEqual(links.of({ ...short }));
  });

  it('without an address where our page has none', () => {
    const { links } = house(null, { shareRoot: null });
    expect(links.of({ ...share, gated: true }).url).toBeNull();
    expect(links.of({ ...share, gated: true, handleHash: 'hash' }).url).toBeNull();
    expect(links.of(share).url).toContain('https://landing.example/');
  });

  it('as it is wanted, else as SHARE_LINKS says; what opens by itself is a token whatever that says', () => {
    const { links, handles } = house();
    const token = { gated: false, handleHash: null };
    const short = { gated: true, handleHash: handles.hashOf(handles.handleOf(share)) };
    expect(links.formOf(share.type, share)).toEqual(short);
    expect(links.formOf(share.type, share, 'token')).toEqual(token);
    for (const type of ['viewer-instant-link', 'meddream-instant-link', 'inbox-link'])
      expect(links.formOf(type, share)).toEqual(token);
    const { links: plain } = house(null, { shareLinks: 'token' });
    expect(plain.formOf(share.type, share)).toEqual(token);
    expect(plain.formOf(share.type, share, 'opaque')).toEqual(short);
  });
});
