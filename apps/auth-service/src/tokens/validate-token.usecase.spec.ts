import { createHmac } from 'node:crypto';
import { Keyring, type ShareToken } from '@warden/tokens';
import { Clock } from '../platform/time/clock.js';
import type { Access } from './access.js';
import { RegisteredTokens, RevocationList } from './revocation-list.js';
import { type FeedStanding, type JudgeRules, TokenJudge } from './token-judge.js';
import { TokenSightings } from './token-sightings.js';
import { viewerTypes } from './token-types.js';
import { type DecisionRules, ValidateToken, type Verdict } from './validate-token.usecase.js';

const KEY = 'TEST-ONLY-secret-key-not-for-production-0123456789';
const OLD_KEY = 'TEST-ONLY-earlier-secret-key-0123456789abcdef';
const NOW = Date.UTC(2030, 0, 1);

class FrozenClock extends Clock {
  now = (): number => NOW;
  monotonic = (): number => 0;
}
class NotedSightings extends TokenSightings {
  readonly identities: string[] = [];
  seen({ identity }: ShareToken): void {
    this.identities.push(identity);
  }
}

function sign(payload: object, key = KEY): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}
const share = (more: object = {}, key = KEY) =>
  sign(
    {
      id: 'x',
      resources: [{ dicom_uid: '1.2.3', orthanc_id: 'a-1', url: null, level: 'study' }],
      type: 'stone-viewer-publication',
      expiration_date: null,
      validity_duration: null,
      ...more,
    },
    key,
  );
const inMs = (ms: number) => ({ expiration_date: new Date(NOW + ms).toISOString() });
const access = (more: Partial<Access> = {}): Access => ({
  level: 'study',
  method: 'get',
  dicomUid: '1.2.3',
  orthancId: null,
  labels: null,
  serverId: null,
  ...more,
});

interface Setup {
  judge?: Partial<JudgeRules>;
  decisions?: Partial<DecisionRules>;
  previous?: { key: string; until: number | null; registeredOnly: boolean }[];
  revoked?: string[];
  standing?: FeedStanding;
}
function service({ judge = {}, decisions = {}, previous = [], revoked = [], standing = 'fresh' }: Setup = {}) {
  const [list, registered, sightings] = [new RevocationList(), new RegisteredTokens(), new NotedSightings()];
  for (const identity of revoked) list.revoke({ identity, expiresAt: null });
  const rules: JudgeRules = {
    keyring: Keyring.create({ signing: KEY, previous }),
    acceptUnregistered: true,
    asksRegistry: false,
    knownTypes: new Set(viewerTypes),
    anonymizedServerId: null,
    feed: () => standing,
    ...judge,
  };
  const usecase = new ValidateToken(
    new TokenJudge({ rules }, list, registered),
    { serverId: null, grantValidity: 10, sharePost: 'compatible', labelsThatStopShares: [], ...decisions },
    sightings,
    new FrozenClock(),
  );
  return { usecase, sightings, list, registered };
}
const verdict = (token: string, setup: Setup = {}, question: Partial<Access> = {}) =>
  answerOf(service(setup).usecase.execute({ access: access(question), token }));
/** What the plugin is told of it. */
const answerOf = ({ granted: yes, validity, reason }: Verdict) => ({ granted: yes, validity, reason });
const granted = (validity: number) => ({ granted: true, validity, reason: 'granted' });
const denied = (reason: string, validity = 10) => ({ granted: false, validity, reason });

describe('how long a grant may be kept', () => {
  it.each<[string, string, number]>([
    ['the setting, when the share never ends', share(), 10],
    ['the setting, when the share ends later', share(inMs(11_000)), 10],
    ['the setting, when the share ends just then', share(inMs(10_000)), 10],
    ['the seconds that are left, rounded down', share(inMs(9_999)), 9],
    ['one second, when less than two are left', share(inMs(1_999)), 1],
    ['one second at the least, since 0 is not kept at all', share(inMs(1)), 1],
  ])('is %s', (_name, token, validity) => {
    expect(verdict(token)).toEqual(granted(validity));
  });

  it('is the setting GRANT_VALIDITY, whatever that is', () => {
    expect(verdict(share(), { decisions: { grantValidity: 3_600 } })).toEqual(granted(3_600));
    expect(verdict(share(inMs(100_000)), { decisions: { grantValidity: 3_600 } })).toEqual(granted(100));
  });

  it('ends with the key that signed', () => {
    const previous = [{ key: OLD_KEY, until: NOW + 4_500, registeredOnly: false }];
    expect(verdict(share({}, OLD_KEY), { previous })).toEqual(granted(4));
    expect(verdict(share(inMs(2_000), OLD_KEY), { previous })).toEqual(granted(2));
    expect(verdict(share({}, OLD_KEY), { previous: [{ key: OLD_KEY, until: NOW, registeredOnly: false }] })).toEqual(
      denied('key-retired'),
    );
  });

  it('is not at all for a post, which cannot be told from a write', () => {
    expect(verdict(share(), {}, { method: 'post' })).toEqual(granted(0));
    expect(verdict(share(inMs(5_000)), {}, { method: 'post', labels: [] })).toEqual(granted(0));
  });
});

describe('refusals', () => {
  it.each<[string, string, Setup, Partial<Access>, string]>([
    ['no token', '', {}, {}, 'no-token'],
    ['a text that is none', 'x', {}, {}, 'malformed'],
    ['a token of somebody else', share({}, 'a key of somebody else, 32 bytes'), {}, {}, 'bad-signature'],
    ['a share that has ended', share(inMs(-1)), {}, {}, 'expired'],
    ['a share that ends now', share(inMs(0)), {}, {}, 'expired'],
    ['a type that this installation does not know', share({ type: 'inbox-link' }), {}, {}, 'unknown-type'],
    [
      'an unregistered one, where all must be registered',
      share(),
      { judge: { acceptUnregistered: false } },
      {},
      'unregistered',
    ],
    [
      'an unregistered one of a key that vouches for registered ones only',
      share({}, OLD_KEY),
      { previous: [{ key: OLD_KEY, until: null, registeredOnly: true }] },
      {},
      'unregistered',
    ],
    ['an anonymized one', share({ anonymized: true }), {}, {}, 'anonymized'],
    ['another server', share(), { decisions: { serverId: 'here' } }, { serverId: 'there' }, 'other-server'],
    ['no server, where one is named', share(), { decisions: { serverId: 'here' } }, {}, 'other-server'],
    ['a delete', share(), {}, { method: 'delete' }, 'write-refused'],
    ['a put', share(), {}, { method: 'put' }, 'write-refused'],
    ["a client's own post, which carries labels", share(), {}, { method: 'post', labels: ['a'] }, 'post-refused'],
    [
      'a post, where the guard alone may',
      share(),
      { decisions: { sharePost: 'edge-only' } },
      { method: 'post' },
      'post-refused',
    ],
    ['a post, where nobody may', share(), { decisions: { sharePost: 'refuse' } }, { method: 'post' }, 'post-refused'],
    [
      'a study with a label that stops shares',
      share(),
      { decisions: { labelsThatStopShares: ['do-not-share'] } },
      { labels: ['teaching', 'do-not-share'] },
      'label-stops-shares',
    ],
    ['the system', share(), {}, { level: 'system' }, 'system-level'],
    ['another study', share(), {}, { dicomUid: '1.2.4' }, 'outside-grant'],
    ['another level', share(), {}, { level: 'series' }, 'outside-grant'],
    ['ids of two studies', share(), {}, { orthancId: 'b-2' }, 'outside-grant'],
    ['no id', share(), {}, { dicomUid: null }, 'no-resource'],
    ['a share of nothing', share({ resources: [] }), {}, {}, 'no-resource'],
  ])('of %s may be kept as long as a grant', (_name, token, setup, question, reason) => {
    expect(verdict(token, setup, question)).toEqual(denied(reason));
  });

  it.each<[string, string, FeedStanding, string]>([
    ['the revocations are not loaded', share(), 'loading', 'revocations-loading'],
    ['the revocations may be out of date', share(), 'stale', 'revocations-stale'],
  ])('that pass are not kept: %s', (_name, token, standing, reason) => {
    expect(verdict(token, { standing })).toEqual(denied(reason, 0));
  });

  it.each([
    [60, 10],
    [10, 10],
    [5.9, 5],
    [0.4, 1],
  ])('of a share that begins in %d s are kept for %d s: no longer than until it opens', (seconds, validity) => {
    expect(verdict(share({ nbf: NOW / 1000 + seconds }))).toEqual(denied('not-yet-valid', validity));
  });

  it('of a bad token are kept although the revocations are not known: nothing can make it good', () => {
    expect(verdict(share({}, 'a key of somebody else, 32 bytes'), { standing: 'stale' })).toEqual(
      denied('bad-signature'),
    );
    expect(verdict(share(inMs(-1)), { standing: 'loading' })).toEqual(denied('expired'));
  });

  it('reach a revoked share in each spelling of its token', () => {
    const token = share();
    const { usecase, sightings, list } = service();
    usecase.execute({ access: access(), token });
    list.revoke({ identity: sightings.identities[0] ?? '', expiresAt: null });
    for (const spelling of [token, `${token}=`])
      expect(answerOf(usecase.execute({ access: access(), token: spelling }))).toEqual(denied('revoked'));
  });
});

describe('what is let through', () => {
  it('is an anonymized share at the server of anonymized images, whatever server is ours, and nowhere else', () => {
    const setup: Setup = { judge: { anonymizedServerId: 'anon' }, decisions: { serverId: 'here' } };
    expect(verdict(share({ anonymized: true }), setup, { serverId: 'anon' })).toEqual(granted(10));
    expect(verdict(share({ anonymized: true }), setup, { serverId: 'here' })).toEqual(denied('anonymized'));
    expect(verdict(share(), setup, { serverId: 'here' })).toEqual(granted(10));
    expect(verdict(share(), setup, { serverId: 'anon' })).toEqual(denied('other-server'));
  });

  it('is a registered share where all must be registered', () => {
    const { usecase, registered, sightings } = service({ judge: { acceptUnregistered: false } });
    const open = service();
    open.usecase.execute({ access: access(), token: share() });
    registered.replace(open.sightings.identities);
    expect(answerOf(usecase.execute({ access: access(), token: share() }))).toEqual(granted(10));
    expect(sightings.identities).toHaveLength(1);
  });

  it('is a share of ours, which needs no registration: key and jti say that it was minted here', () => {
    const { keyring } = { keyring: Keyring.create({ signing: KEY, previous: [] }) };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: keyring.signing.kid })}.${part({ id: 'x', resources: [{ dicom_uid: '1.2.3', level: 'study' }], type: null, jti: 'AAECAwQFBgcICQoLDA0ODw' })}`;
    const token = `${signed}.${createHmac('sha256', KEY).update(signed).digest('base64url')}`;
    expect(verdict(token, { judge: { acceptUnregistered: false } })).toEqual(granted(10));
    expect(verdict(token, { revoked: ['AAECAwQFBgcICQoLDA0ODw'] })).toEqual(denied('revoked'));
  });
});

it('reports as seen what it grants, and nothing that it refuses', () => {
  const { usecase, sightings } = service();
  for (const question of [{ method: 'delete' }, { dicomUid: '9' }, { level: 'system' }] as const)
    usecase.execute({ access: access(question), token: share() });
  usecase.execute({ access: access(), token: share(inMs(-1)) });
  usecase.execute({ access: access(), token: share({}, OLD_KEY) });
  expect(sightings.identities).toEqual([]);
  usecase.execute({ access: access(), token: share() });
  expect(sightings.identities).toHaveLength(1);
});

it('tells with the verdict of which token it is, as far as a key of ours signed it', () => {
  const { usecase } = service();
  const ask = (token: string, question: Partial<Access> = {}) =>
    usecase.execute({ access: access(question), token }).token?.resources[0]?.level;
  expect([ask(share()), ask(share(), { method: 'delete' }), ask(share(inMs(-1)))]).toEqual(['study', 'study', 'study']);
  expect([ask(''), ask('x.y.z'), ask(`${share().slice(0, -4)}AAAA`)]).toEqual([undefined, undefined, undefined]);
});

it('takes back what cannot be given, for now', () => {
  const { usecase } = service();
  const verdict = usecase.execute({ access: access(), token: share() });
  expect(answerOf(usecase.refuse(verdict, 'audit-unavailable'))).toEqual(denied('audit-unavailable', 0));
});

describe('a token that the guard made', () => {
  const behindGuard: Setup = { decisions: { sharePost: 'edge-only' } };
  const edge = (more: object = {}) => share({ edge: true, ...more });

  it.each<[string, string, Setup, Partial<Access>, ReturnType<typeof granted> | ReturnType<typeof denied>]>([
    ['reads', edge(), behindGuard, {}, granted(10)],
    [
      'posts, and the answer may be kept: what was asked is judged each time',
      edge(),
      behindGuard,
      { method: 'post' },
      granted(10),
    ],
    ['posts, though the study carries labels', edge(), behindGuard, { method: 'post', labels: ['a'] }, granted(10)],
    [
      'posts nothing where nobody may',
      edge(),
      { decisions: { sharePost: 'refuse' } },
      { method: 'post' },
      denied('post-refused'),
    ],
    ['puts nothing', edge(), behindGuard, { method: 'put' }, denied('write-refused')],
    ['deletes nothing', edge(), behindGuard, { method: 'delete' }, denied('write-refused')],
    ['opens no system route', edge(), behindGuard, { level: 'system' }, denied('system-level')],
    ['opens no other study', edge(), behindGuard, { dicomUid: '1.2.4' }, denied('outside-grant')],
    ['opens no study by the ids of two', edge(), behindGuard, { orthancId: 'b-2' }, denied('outside-grant')],
    ['is over when it is over', edge(inMs(0)), behindGuard, {}, denied('expired')],
    ['is kept for no longer than it lives', edge(inMs(3_999)), behindGuard, { method: 'post' }, granted(3)],
    [
      'opens no study with a label that stops shares',
      edge(),
      { decisions: { sharePost: 'edge-only', labelsThatStopShares: ['do-not-share'] } },
      { method: 'post', labels: ['do-not-share'] },
      denied('label-stops-shares'),
    ],
    [
      'is no key of another server',
      edge(),
      { decisions: { serverId: 'here' } },
      { serverId: 'there' },
      denied('other-server'),
    ],
    ['opens what is for looking only', edge({ no_archive: true }), behindGuard, {}, granted(10)],
  ])('%s', (_name, token, setup, question, expected) => {
    expect(verdict(token, setup, question)).toEqual(expected);
  });

  it.each(['compatible', 'edge-only', 'refuse'] as const)(
    'is needed for what is for looking only, whatever SHARE_POST is: %s',
    (sharePost) => {
      const setup: Setup = { decisions: { sharePost } };
      for (const method of ['get', 'post', 'put', 'delete'] as const)
        expect(verdict(share({ no_archive: true }), setup, { method })).toEqual(denied('guard-required'));
      expect(verdict(share({ no_archive: true, ...inMs(0) }), setup)).toEqual(denied('expired'));
    },
  );

  it('was seen when the guard saw its share, and is not told of again', () => {
    const { usecase, sightings } = service(behindGuard);
    expect(usecase.execute({ access: access(), token: edge() }).granted).toBe(true);
    expect(sightings.identities).toEqual([]);
    expect(usecase.execute({ access: access(), token: share() }).granted).toBe(true);
    expect(sightings.identities).toHaveLength(1);
  });

  it('ends with the share that it stands for', () => {
    const identity = 'AAAAAAAAAAAAAAAAAAAAAA';
    const token = edge({ parent: identity, parent_iat: NOW / 1000 - 60 });
    expect(verdict(token, behindGuard, { method: 'post' })).toEqual(granted(10));
    expect(verdict(token, { ...behindGuard, revoked: [identity] }, { method: 'post' })).toEqual(denied('revoked'));
  });
});

describe("a viewer's token of one browser", () => {
  it('is over at its own end for the plugin, which sees no browser', () => {
    const session = { session: 'A'.repeat(43), session_until: NOW / 1000 + 3_600 };
    expect(verdict(share({ ...session, ...inMs(0) }))).toEqual(denied('expired'));
  });

  it('opens nothing without the guard, which sees the browser', () => {
    const session = { session: 'A'.repeat(43), session_until: NOW / 1000 + 3_600 };
    expect(verdict(share(session), { decisions: { sharePost: 'edge-only' } })).toEqual(denied('guard-required'));
  });
});
