import { NoTransaction } from '../../../../../test/support/acts-double.js';
import { JwtService } from '@nestjs/jwt';
import { Keyring, verifyShareToken } from '@warden/tokens';
import { InMemorySharePolicyStore } from '../../../../../test/support/in-memory-share-policy.store.js';
import { InMemorySharesStore } from '../../../../../test/support/in-memory-shares.store.js';
import { Mail } from '../../emails/mail.js';
import type { LinksConfig } from '../../platform/config/config.js';
import type { DomainError } from '../../platform/errors/domain-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { RevocationList, TokenKeys } from '../../tokens/index.js';
import { BrowseShares } from '../registry/browse-shares.usecase.js';
import { ChangeShare, type TermsChange } from './change-share.usecase.js';
import { CheckSharer } from './check-sharer.js';
import { CreateShare } from './create-share.usecase.js';
import { GateSecrets } from '../gates/gate-secrets.js';
import { MakeGate } from '../gates/make-gate.js';
import { Images, type ResolvedImages } from '../images/images.js';
import { LinkHandles } from '../links/link-handles.js';
import { SharePolicies } from '../policy/share-policies.js';
import type { PolicyRule } from '../policy/share-policy-document.js';
import { SharePolicyInForce } from '../policy/share-policy-in-force.js';
import { RegisterShare } from './register-share.js';
import type { Share } from '../share.js';
import { ShareLinks } from '../links/share-links.js';
import type { ShareWish } from './share-wish.js';
import { TokenSigner } from '../links/token-signer.js';
import { ViewerLinks } from '../links/viewer-links.js';

const begin = Date.UTC(2030, 0, 1);
const hour = 3_600_000;
const keyring = Keyring.create({ signing: 'TEST-ONLY-secret-key-not-for-production-0123456789', previous: [] });
const config: LinksConfig = {
  orthancRoot: 'https://pacs.example/orthanc/',
  landingRoot: null,
  shareRoot: 'https://share.example/',
  shareLinks: 'token',
  ohifRoot: null,
  ohifDataSource: 'dicom-web',
  meddreamRoot: null,
  meddreamTokenService: null,
  extraTypes: new Map(),
};
const ada: Caller = {
  id: 'keycloak:ada',
  name: 'Ada',
  via: 'bearer',
  scopes: [],
  permissions: ['share'],
  labels: ['*'],
  roles: ['doctor'],
};

class MovedClock extends Clock {
  at = begin;
  now = (): number => this.at;
  monotonic = (): number => 0;
}
class FakeMail extends Mail {
  configured = true;
  send = (): Promise<void> => Promise.reject(new Error('nothing is sent'));
}
class CheapSecrets extends GateSecrets {
  protected override slowHash(keyed: Buffer): Promise<Buffer> {
    return Promise.resolve(keyed);
  }
}
class FakeImages extends Images {
  configured = true;
  birthDate: string | null = '19610402';
  resolve(): Promise<ResolvedImages> {
    const study = {
      orthancId: 'a-1',
      dicomUid: '1.2.1',
      patientId: 'P1',
      patientIdIssuer: null,
      patientBirthDate: this.birthDate,
      studyDate: null,
      description: null,
      labels: ['A'],
    };
    return Promise.resolve({ level: 'study', orthancId: 'a-1', dicomUid: '1.2.1', studies: [study] });
  }
}

let clock: MovedClock;
let store: InMemorySharesStore;
let revocations: RevocationList;
let images: FakeImages;
let secrets: CheapSecrets;
let create: CreateShare;
let change: ChangeShare;
let policyInForce: SharePolicyInForce;
const versions = new InMemorySharePolicyStore();

beforeEach(async () => {
  clock = new MovedClock();
  store = new InMemorySharesStore(clock.now);
  revocations = new RevocationList();
  images = new FakeImages();
  policyInForce = new SharePolicyInForce();
  await policy([]);
  const keys = new TokenKeys(keyring);
  const viewers = new ViewerLinks(config);
  const handles = new LinkHandles(keys);
  const links = new ShareLinks(new TokenSigner(new JwtService({}), keys), handles, viewers, {
    links: config,
  });
  secrets = new CheapSecrets(keys);
  const gates = new MakeGate(secrets, new FakeMail());
  create = new CreateShare(
    new RegisterShare(store),
    new CheckSharer(images, { pluginMint: 'allow' }),
    new SharePolicies(policyInForce),
    { maxDuration: 1000 * 24 * 3600, overlong: 'refuse', guarded: false },
    gates,
    secrets,
    viewers,
    links,
    keys,
    clock,
  );
  change = new ChangeShare(
    new BrowseShares(store),
    create,
    gates,
    secrets,
    images,
    links,
    store,
    revocations,
    new NoTransaction(),
    clock,
  );
});

async function policy(rules: PolicyRule[]): Promise<void> {
  const made = { madeAt: begin, madeBy: 'test', reason: null };
  policyInForce.take(await versions.append({ overLimit: 'refuse', rules }, { ...made, expected: null }));
}
const instant = (epochMs: number) => ({ epochMs, text: new Date(epochMs).toISOString() });
async function share(more: Partial<ShareWish> = {}): Promise<Share> {
  const wish: ShareWish = {
    type: 'stone-viewer-publication',
    resources: [{ level: 'study', dicomUid: '1.2.1', orthancId: null, url: null }],
    label: 'label',
    recipient: null,
    reason: null,
    purposeOfUse: null,
    language: null,
    notBefore: null,
    expiration: instant(begin + 4 * hour),
    validityDuration: null,
    maxOpens: null,
    gate: null,
    viewers: null,
    download: false,
    noArchive: false,
    link: 'token',
    ...more,
  };
  const created = await create.execute(wish, ada, null);
  store.events.length = 0;
  return created.share;
}
const chosen = { kind: 'pin', pin: '482913' } as const;
const apply = (one: Share, terms: TermsChange, expected: number | null = null) =>
  change.execute(ada, one.id, terms, expected);
const inForce = async ({ id }: Share): Promise<Share> => {
  const found = await store.find(id);
  if (found === null) throw new Error('it is gone');
  return found;
};
const names = () => store.events.map(({ name }) => name);
const changesTold = () => store.events.flatMap((event) => (event.name === 'share.changed' ? event.detail.changes : []));
const faultsOf = (changed: Promise<unknown>): Promise<unknown> =>
  changed.then(
    () => 'no fault',
    (error: DomainError) => error.options.faults?.map(({ field, problem }) => `${field} ${problem}`) ?? error.code,
  );
const endOf = ({ identity }: Share): number => revocations.endOf({ identity, parent: null });
const endSaid = (token: string): number | null => {
  const verified = verifyShareToken(token, keyring, begin);
  return verified.ok ? verified.token.expiresAt : null;
};

describe('terms that the link does not say', () => {
  it('are changed in place: the same link, one revision and one event more', async () => {
    const made = await share();
    const terms = { recipient: { name: 'Jane', email: null }, reason: 'board', purposeOfUse: 'TREAT', language: 'fr' };
    const { share: after, link, pin } = await apply(made, terms);
    expect([after.id, link, pin, after.revision]).toEqual([made.id, null, null, 2]);
    expect(await inForce(made)).toEqual({ ...made, ...terms, revision: 2 });
    expect(names()).toEqual(['share.changed']);
    expect(changesTold()).toEqual([
      { member: 'recipient', from: null, to: 'Jane' },
      { member: 'reason', from: null, to: 'board' },
      { member: 'purposeOfUse', from: null, to: 'TREAT' },
      { member: 'language', from: null, to: 'fr' },
    ]);
  });

  it('stay where nothing is said of them, and are taken away by null', async () => {
    const terms = { recipient: { name: 'Jane', email: null }, reason: 'board', purposeOfUse: 'TREAT', language: 'fr' };
    const made = await share(terms);
    expect((await apply(made, { reason: 'another' })).share).toMatchObject({ ...terms, reason: 'another' });
    const nothing = { recipient: null, reason: null, purposeOfUse: null, language: null };
    expect((await apply(made, nothing)).share).toMatchObject(nothing);
  });

  it('are told of only where something changed', async () => {
    const made = await share({ reason: 'board' });
    await apply(made, { reason: 'board' });
    expect(names()).toEqual([]);
  });
});

describe('the revision that was seen', () => {
  it('has to be the one in force', async () => {
    const made = await share();
    await apply(made, { reason: 'first' }, 1);
    expect(await faultsOf(apply(made, { reason: 'second' }, 1))).toBe('share-changed');
    expect((await inForce(made)).reason).toBe('first');
    expect((await apply(made, { reason: 'second' }, 2)).share.revision).toBe(3);
  });

  it('counts for a replacement too: nothing is made', async () => {
    const made = await share();
    await apply(made, { reason: 'first' });
    expect(await faultsOf(apply(made, { gate: chosen }, 1))).toBe('share-changed');
    expect(
      (await store.list({ filter: {}, order: 'newest-first', limit: 9, after: null })).map(({ id }) => id),
    ).toEqual([made.id]);
    expect((await inForce(made)).revocation).toBeNull();
    expect(endOf(made)).toBe(Infinity);
  });
});

describe('what is over', () => {
  it.each<[string, (made: Share) => void]>([
    ['revoked', (made) => void store.revoke(made, { at: begin, by: 'x', reason: 'y' }, store.events[0] as never)],
    ['expired', () => (clock.at = begin + 4 * hour)],
  ])('stays so: %s', async (_title, end) => {
    const made = await share();
    await apply(made, { reason: 'so that there is an event' });
    end(made);
    for (const terms of [{ reason: 'x' }, { gate: chosen }, { expiration: instant(begin + 9 * hour) }])
      expect(await faultsOf(apply(made, terms))).toBe('share-over');
  });

  it('is not what ends within the millisecond', async () => {
    const made = await share();
    clock.at = begin + 4 * hour - 1;
    expect((await apply(made, { reason: 'x' })).share.reason).toBe('x');
  });

  it('is of nobody else', async () => {
    const made = await share();
    const eve = { ...ada, id: 'keycloak:eve' };
    expect(await faultsOf(change.execute(eve, made.id, { reason: 'x' }, null))).toBe('share-not-found');
  });
});

describe('a shorter life', () => {
  it('is known beside the token, which goes on saying what it says: here at once, and to every replica', async () => {
    const made = await share();
    const { share: after, link } = await apply(made, { expiration: instant(begin + hour) });
    expect(link).toBeNull();
    expect([after.expiresAt, after.expiresText, after.tokenEnd]).toEqual([
      begin + hour,
      made.expiresText,
      { at: begin + 4 * hour },
    ]);
    expect(endOf(made)).toBe(begin + hour);
    expect(store.told).toEqual([{ identity: made.identity, expiresAt: begin + 4 * hour, endsAt: begin + hour }]);
  });

  it('may be made longer again, up to what the token says', async () => {
    const made = await share();
    await apply(made, { expiration: instant(begin + hour) });
    const { link } = await apply(made, { expiration: instant(begin + 4 * hour) });
    expect([link, endOf(made)]).toEqual([null, begin + 4 * hour]);
    expect(store.told.at(-1)).toEqual({
      identity: made.identity,
      expiresAt: begin + 4 * hour,
      endsAt: begin + 4 * hour,
    });
  });

  it('of a link without end may be lifted again', async () => {
    const made = await share({ expiration: null });
    await apply(made, { expiration: instant(begin + hour) });
    expect(endOf(made)).toBe(begin + hour);
    const { share: after, link } = await apply(made, { expiration: null });
    expect([after.expiresAt, link]).toEqual([null, null]);
    expect(endOf(made)).toBe(Infinity);
    expect(store.told.at(-1)).toEqual({ identity: made.identity, expiresAt: null, endsAt: null });
  });

  it('of a short link is not remembered where it was made longer than ever: its viewers go on', async () => {
    const made = await share({ link: 'opaque' });
    await apply(made, { expiration: instant(begin + hour) });
    const { share: after } = await apply(made, { expiration: instant(begin + 9 * hour) });
    expect(after.expiresAt).toBe(begin + 9 * hour);
    expect(endOf(made)).toBe(begin + 9 * hour);
    expect(store.told.at(-1)).toMatchObject({ identity: made.identity, endsAt: begin + 9 * hour });
  });

  it('is no moment that has passed', async () => {
    const made = await share();
    expect(await faultsOf(apply(made, { expiration: instant(begin) }))).toEqual(['expiresAt lies in the past']);
    expect(store.told).toEqual([]);
  });
});

describe('a longer life', () => {
  it('of a token is another share with another link; the old one ends when it would have', async () => {
    const made = await share({ reason: 'board', recipient: { name: 'Jane', email: null } });
    const { share: after, link } = await apply(made, { expiration: instant(begin + 9 * hour) });
    expect(after).toMatchObject({
      replaces: made.id,
      label: 'label',
      reason: 'board',
      recipient: { name: 'Jane', email: null },
      expiresAt: begin + 9 * hour,
      revision: 1,
    });
    expect(after.identity).not.toBe(made.identity);
    expect(endSaid(link?.token ?? '')).toBe(begin + 9 * hour);
    expect(await inForce(made)).toEqual({ ...made, revision: 2 });
    expect([endOf(made), revocations.sizes().shares]).toEqual([Infinity, 0]);
    expect(names()).toEqual(['share.changed', 'share.created']);
    expect(changesTold()).toEqual([{ member: 'replacedBy', from: null, to: after.id }]);
  });

  it('without end is longer than any', async () => {
    const made = await share();
    const { share: after, link } = await apply(made, { expiration: null });
    expect([after.replaces, after.expiresAt]).toEqual([made.id, null]);
    expect(endSaid(link?.token ?? '')).toBeNull();
  });

  it('of a gated token is its own: the registry decides about it, and its gate and openings stay', async () => {
    const made = await share({ gate: chosen, maxOpens: 2 });
    await store.change(made.id, null, (before) => ({ after: { ...before, opens: 2 }, told: null }));
    const { share: after, link, pin } = await apply(made, { expiration: instant(begin + 9 * hour) });
    expect([after.id, after.expiresAt, after.opens, link, pin]).toEqual([made.id, begin + 9 * hour, 2, null, null]);
    expect(after.gate).toEqual(made.gate);
  });

  it('made by somebody else leaves the share whose it is', async () => {
    const made = await share();
    const root: Caller = { ...ada, id: 'basic:root', name: 'root', permissions: ['all'] };
    const { share: after } = await change.execute(root, made.id, { expiration: instant(begin + 9 * hour) }, null);
    expect([after.replaces, after.mintedBy, after.mintedByName]).toEqual([made.id, made.mintedBy, made.mintedByName]);
  });

  it('of a short link leaves it as it is', async () => {
    const made = await share({ link: 'opaque' });
    const { share: after, link } = await apply(made, { expiration: instant(begin + 9 * hour) });
    expect([after.id, link, after.expiresAt, after.tokenEnd]).toEqual([made.id, null, begin + 9 * hour, null]);
    expect(after.expiresText).toBe('2030-01-01T09:00:00+00:00');
    expect(store.told).toEqual([]);
  });
});

describe('a first gate, limit or begin', () => {
  it.each<[string, TermsChange, Partial<Share>]>([
    ['gate', { gate: chosen }, {}],
    ['limit', { maxOpens: 3 }, { maxOpens: 3 }],
    ['begin', { notBefore: begin + hour }, { notBefore: begin + hour }],
  ])('of a token that was the key (%s) is another link, and the old one ends at once', async (_title, terms, said) => {
    const made = await share();
    const { share: after, link } = await apply(made, terms);
    expect(after).toMatchObject({ gated: true, replaces: made.id, expiresAt: begin + 4 * hour, ...said });
    expect(link?.url).toBe(`https://share.example/?token=${link?.token}`);
    expect((await inForce(made)).revocation).toEqual({
      at: begin,
      by: 'keycloak:ada',
      reason: `replaced by ${after.id}`,
    });
    expect(revocations.sizes().shares).toBe(1);
    expect(store.told).toEqual([{ identity: made.identity, expiresAt: begin + 4 * hour }]);
    expect(names()).toEqual(['share.changed', 'share.created', 'share.revoked']);
  });

  it('of a share that was made shorter says the end in force, and is remembered until the old token ends', async () => {
    const made = await share();
    await apply(made, { expiration: instant(begin + hour) });
    const { share: after, link } = await apply(made, { gate: chosen });
    expect([after.expiresAt, after.tokenEnd]).toEqual([begin + hour, null]);
    expect(endSaid(link?.token ?? '')).toBe(begin + hour);
    expect(store.told.at(-1)).toEqual({ identity: made.identity, expiresAt: begin + 4 * hour });
  });

  it('of a gated token or a short link changes it in place', async () => {
    for (const made of [await share({ maxOpens: 5 }), await share({ link: 'opaque' })]) {
      const { share: after, link, pin } = await apply(made, { gate: chosen, maxOpens: 3, notBefore: begin + hour });
      expect([after.id, link, pin, after.maxOpens, after.notBefore]).toEqual([
        made.id,
        null,
        '482913',
        3,
        begin + hour,
      ]);
      expect(await secrets.matches(after, after.gate?.hash ?? null, '482913')).toBe(true);
    }
  });

  it('is not made where the share may not be made anew: nothing is changed', async () => {
    const made = await share();
    images.birthDate = null;
    expect(await faultsOf(apply(made, { gate: { kind: 'birth-date', pin: null } }))).toEqual([
      'gate.kind is not known: the images have no birth date',
    ]);
    expect([names(), await inForce(made)]).toEqual([[], made]);
  });
});

describe('a gate', () => {
  it('is taken away by null, on a short link and on a gated token', async () => {
    for (const made of [await share({ gate: chosen, link: 'opaque' }), await share({ gate: chosen })]) {
      const { share: after, link } = await apply(made, { gate: null });
      expect([after.id, after.gate, after.gated, link]).toEqual([made.id, null, true, null]);
      expect(changesTold().at(-1)).toEqual({ member: 'gate', from: 'pin', to: null });
    }
  });

  it('of the same kind with another secret is a change', async () => {
    const made = await share({ gate: chosen, link: 'opaque' });
    const { share: after } = await apply(made, { gate: { kind: 'pin', pin: '739158' } });
    expect(changesTold()).toEqual([{ member: 'gate', from: 'pin', to: 'pin' }]);
    expect(await secrets.matches(after, after.gate?.hash ?? null, '482913')).toBe(false);
    expect(await secrets.matches(after, after.gate?.hash ?? null, '739158')).toBe(true);
  });

  it('by birth date is made of the images anew', async () => {
    const made = await share({ link: 'opaque' });
    const { share: after, pin } = await apply(made, { gate: { kind: 'birth-date', pin: null } });
    expect(pin).toBeNull();
    expect(await secrets.matches(after, after.gate?.hash ?? null, '19610402')).toBe(true);
  });

  it('by code goes to the address that is sent along', async () => {
    const made = await share({ link: 'opaque' });
    const gate = { kind: 'email-code', pin: null } as const;
    expect(await faultsOf(apply(made, { gate }))).toEqual(['recipient.email is missing']);
    const { share: after } = await apply(made, { gate, recipient: { name: null, email: 'jane@example.org' } });
    expect(after.gate).toEqual({ kind: 'email-code', hash: null });
  });

  it('with a weak PIN is refused, in place and anew', async () => {
    const gate = { kind: 'pin', pin: '111111' } as const;
    for (const made of [await share({ link: 'opaque' }), await share()])
      expect(await faultsOf(apply(made, { gate }))).toEqual(['gate.pin is among the first that anybody tries']);
  });
});

describe('limit and begin', () => {
  it('a limit below what were let in is refused; as many as were let in uses it up', async () => {
    const made = await share({ maxOpens: 5 });
    await store.change(made.id, null, (before) => ({ after: { ...before, opens: 3 }, told: null }));
    expect(await faultsOf(apply(made, { maxOpens: 2 }))).toEqual(['maxOpens is less than were let in']);
    expect((await inForce(made)).maxOpens).toBe(5);
    expect((await apply(made, { maxOpens: 3 })).share).toMatchObject({ maxOpens: 3, opens: 3 });
    expect((await apply(made, { maxOpens: null })).share.maxOpens).toBeNull();
  });

  it('a begin that has passed cannot be set, and does not stand in the way of another change', async () => {
    const made = await share({ notBefore: begin + 1 });
    clock.at = begin + 10;
    expect(await faultsOf(apply(made, { notBefore: begin + 10 }))).toEqual(['notBefore lies in the past']);
    expect((await apply(made, { reason: 'x', expiration: instant(begin + hour) })).share.notBefore).toBe(begin + 1);
    const longer = await apply(made, { expiration: instant(begin + 9 * hour) });
    expect([longer.share.id, longer.share.notBefore]).toEqual([made.id, begin + 1]);
  });

  it('a begin that is to come may be moved, and taken away', async () => {
    const made = await share({ notBefore: begin + hour });
    expect((await apply(made, { notBefore: begin + 2 * hour })).share.notBefore).toBe(begin + 2 * hour);
    expect((await apply(made, { notBefore: null })).share.notBefore).toBeNull();
  });

  it('a begin is before the end, whichever of them is moved', async () => {
    const made = await share({ notBefore: begin + hour });
    const fault = ['notBefore is not before expiresAt'];
    expect(await faultsOf(apply(made, { notBefore: begin + 4 * hour }))).toEqual(fault);
    expect(await faultsOf(apply(made, { expiration: instant(begin + hour) }))).toEqual(fault);
    const both = { notBefore: begin + 2, expiration: instant(begin + 3) };
    expect((await apply(made, both)).share).toMatchObject({ notBefore: begin + 2, expiresAt: begin + 3 });
  });
});

describe('the share policy', () => {
  const rule = (says: Partial<PolicyRule>): PolicyRule => ({ roles: ['*'], types: ['*'], ...says });

  it('is asked about a life, a gate and a reason, in place and anew', async () => {
    const [short, plain] = [await share({ link: 'opaque', gate: chosen, reason: 'x' }), await share()];
    await policy([rule({ maxLife: 5 * 3600, gates: ['pin'], reasonRequired: true })]);
    expect(await faultsOf(apply(short, { expiration: instant(begin + 9 * hour) }))).toEqual([
      'expiresAt is later than the share policy allows',
    ]);
    expect(await faultsOf(apply(short, { gate: null }))).toEqual(['gate is required']);
    expect(await faultsOf(apply(short, { reason: ' ' }))).toEqual(['reason is required']);
    expect(await faultsOf(apply(plain, { maxOpens: 3 }))).toEqual(['gate is required', 'reason is required']);
    expect([names(), (await inForce(short)).revision]).toEqual([[], 1]);
  });

  it('is not asked again where nothing is loosened', async () => {
    const made = await share({ link: 'opaque' });
    await policy([rule({ gates: ['pin'] })]);
    expect((await apply(made, { language: 'fr', recipient: null, maxOpens: 2 })).share.language).toBe('fr');
  });

  it('gives a life where null is sent and it has a default: nothing lives longer than it allows', async () => {
    const made = await share({ link: 'opaque' });
    await policy([rule({ maxLife: 3600, defaultLife: 600 })]);
    expect((await apply(made, { expiration: null })).share.expiresAt).toBe(begin + 600_000);
  });

  it('refuses null where an end is required and none is given', async () => {
    const made = await share({ link: 'opaque' });
    await policy([rule({ withoutExpiry: false })]);
    expect(await faultsOf(apply(made, { expiration: null }))).toEqual([
      'expiresAt is missing: links without expiry are not allowed',
    ]);
  });
});
