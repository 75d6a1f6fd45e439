import { createHmac } from 'node:crypto';
import { Keyring, buildSharePayload, formatPython } from '@warden/tokens';
import { RegisteredTokens, RevocationList } from './revocation-list.js';
import { type FeedStanding, type JudgeRules, TokenJudge } from './token-judge.js';
import { viewerTypes } from './token-types.js';

const KEY = 'TEST-ONLY-secret-key-not-for-production-0123456789';
const OLD_KEY = 'TEST-ONLY-earlier-secret-key-0123456789abcdef';
const now = Date.UTC(2030, 0, 1);
const shareId = 'AAAAAAAAAAAAAAAAAAAAAA';
const viewerId = 'BBBBBBBBBBBBBBBBBBBBBA';

interface Claims {
  readonly jti?: string;
  readonly type?: string;
  readonly gated?: boolean;
  readonly parent?: { identity: string; issuedAt: number } | null;
  readonly expiresAt?: number;
  readonly notBefore?: number;
}
function token({ expiresAt, ...more }: Claims = {}, key = KEY): string {
  const { kid } = Keyring.create({ signing: key, previous: [] }).signing;
  const payload = buildSharePayload({
    label: null,
    resources: [],
    type: 'stone-viewer-publication',
    expirationDate: expiresAt === undefined ? null : formatPython(expiresAt),
    validityDuration: null,
    jti: shareId,
    issuedAt: now - 10_000,
    ...more,
  });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT', kid })}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}
const viewer = (more: Claims = {}, key = KEY) =>
  token({ jti: viewerId, parent: { identity: shareId, issuedAt: now - 60_000 }, ...more }, key);

let list: RevocationList;
let registered: RegisteredTokens;
beforeEach(() => {
  list = new RevocationList();
  registered = new RegisteredTokens();
});
function judgeBy(rules: Partial<JudgeRules>): TokenJudge {
  return new TokenJudge(
    {
      rules: {
        keyring: Keyring.create({ signing: KEY, previous: [] }),
        acceptUnregistered: true,
        asksRegistry: false,
        knownTypes: new Set(viewerTypes),
        anonymizedServerId: null,
        feed: () => 'fresh',
        ...rules,
      },
    },
    list,
    registered,
  );
}
function verdict(text: string, rules: Partial<JudgeRules> = {}, at = now): string {
  const judged = judgeBy(rules).judge(text, at, null);
  return judged.ok ? 'ok' : judged.reason;
}

describe('a gated token', () => {
  it('is no key', () => {
    expect(verdict(token({ gated: true }))).toBe('gated');
    expect(verdict(token())).toBe('ok');
  });

  it('is told to be gated last: what ended it is told before', () => {
    expect(verdict(token({ gated: true, expiresAt: now }))).toBe('expired');
    expect(verdict(token({ gated: true, type: 'no-such-type' }))).toBe('unknown-type');
    list.revoke({ identity: shareId, expiresAt: null, endsAt: now });
    expect(verdict(token({ gated: true }))).toBe('ended');
    list.revoke({ identity: shareId, expiresAt: null });
    expect(verdict(token({ gated: true }))).toBe('revoked');
  });

  it.each<FeedStanding>(['loading', 'stale'])('is refused while revocations are %s, like any other', (standing) => {
    expect(verdict(token({ gated: true }), { feed: () => standing })).toBe(`revocations-${standing}`);
  });
});

describe('an end that the token does not say', () => {
  it('refuses from that very millisecond on', () => {
    list.revoke({ identity: shareId, expiresAt: null, endsAt: now });
    expect([now - 1, now, now + 1].map((at) => verdict(token(), {}, at))).toEqual(['ok', 'ended', 'ended']);
  });

  it('refuses the viewers with their share', () => {
    list.revoke({ identity: shareId, expiresAt: null, endsAt: now });
    expect([now - 1, now].map((at) => verdict(viewer(), {}, at))).toEqual(['ok', 'ended']);
  });
});

describe("a viewer's token", () => {
  it('is revoked with its share, and its share is not with it', () => {
    list.revoke({ identity: viewerId, expiresAt: null });
    expect([verdict(viewer()), verdict(token())]).toEqual(['revoked', 'ok']);
    list.replace([{ identity: shareId, expiresAt: null }], []);
    expect([verdict(viewer()), verdict(token())]).toEqual(['revoked', 'revoked']);
  });

  it('ends by itself, at the very millisecond', () => {
    expect(verdict(viewer({ expiresAt: now + 1 }))).toBe('ok');
    expect(verdict(viewer({ expiresAt: now }))).toBe('expired');
  });

  it('of a key that vouches for registered tokens alone is known by its share', () => {
    const keyring = Keyring.create({
      signing: KEY,
      previous: [{ key: OLD_KEY, until: null, registeredOnly: true }],
    });
    expect(verdict(viewer({}, OLD_KEY), { keyring })).toBe('unregistered');
    registered.replace([viewerId]);
    expect(verdict(viewer({}, OLD_KEY), { keyring })).toBe('unregistered');
    registered.replace([shareId]);
    expect(verdict(viewer({}, OLD_KEY), { keyring })).toBe('ok');
    expect(verdict(token({}, OLD_KEY), { keyring })).toBe('ok');
  });

  it('of the key that signs needs no registry, though unregistered links are refused', () => {
    expect(verdict(viewer(), { acceptUnregistered: false })).toBe('ok');
  });
});

describe('a token that is over by itself', () => {
  interface Goes {
    readonly until: number | null;
    readonly rules?: Partial<JudgeRules>;
    readonly at?: number;
  }
  function judged(text: string, { until, rules = {}, at = now }: Goes) {
    const asked: string[] = [];
    const told = judgeBy(rules).judge(text, at, null, ({ identity }) => {
      asked.push(identity);
      return until;
    });
    return { outcome: told.ok ? told.endsAt - at : told.reason, asked };
  }
  const over = (more: Claims = {}, key = KEY) => viewer({ expiresAt: now - 1_000, ...more }, key);

  it('goes on until it is told to end, and its life is counted from there', () => {
    expect(judged(over(), { until: now + 5_000 })).toEqual({ outcome: 5_000, asked: [viewerId] });
  });

  it.each([null, now, now - 1, NaN])('is over when it does not go on: %s', (until) => {
    expect(judged(over(), { until })).toEqual({ outcome: 'expired', asked: [viewerId] });
  });

  it('is not asked for before it is over, and what it might be told then is no end of it', () => {
    expect(judged(viewer({ expiresAt: now + 9_000 }), { until: now + 1 })).toEqual({ outcome: 9_000, asked: [] });
    expect(judged(viewer(), { until: now + 1 })).toEqual({ outcome: Infinity, asked: [] });
  });

  it('is not asked for when it never was one', () => {
    const foreign = over({}, 'TEST-ONLY-key-of-somebody-else-0123456789abcd');
    expect(judged(foreign, { until: now + 5_000 })).toEqual({ outcome: 'bad-signature', asked: [] });
  });

  it('is not asked for before it begins', () => {
    expect(judged(viewer({ notBefore: now + 1_000 }), { until: now + 5_000 })).toEqual({
      outcome: 'not-yet-valid',
      asked: [],
    });
  });

  it.each<[string, () => Goes, () => void]>([
    ['revoked', () => ({ until: now + 5_000 }), () => list.revoke({ identity: viewerId, expiresAt: null })],
    ['revoked', () => ({ until: now + 5_000 }), () => list.revoke({ identity: shareId, expiresAt: null })],
    ['ended', () => ({ until: now + 5_000 }), () => list.revoke({ identity: shareId, expiresAt: null, endsAt: now })],
    ['revocations-stale', () => ({ until: now + 5_000, rules: { feed: () => 'stale' } }), () => undefined],
    ['revocations-loading', () => ({ until: now + 5_000, rules: { feed: () => 'loading' } }), () => undefined],
    ['unknown-type', () => ({ until: now + 5_000, rules: { knownTypes: new Set() } }), () => undefined],
  ])('that goes on is %s all the same', (reason, goes, does) => {
    does();
    expect(judged(over(), goes()).outcome).toBe(reason);
  });

  it('goes on no longer than until its share ends by hand', () => {
    list.revoke({ identity: shareId, expiresAt: null, endsAt: now + 2_000 });
    expect(judged(over(), { until: now + 5_000 }).outcome).toBe(2_000);
  });

  it('goes on no longer than its key', () => {
    const previous = [{ key: OLD_KEY, until: now + 3_000, registeredOnly: false }];
    const rules = { keyring: Keyring.create({ signing: KEY, previous }) };
    expect(judged(over({}, OLD_KEY), { until: now + 5_000, rules }).outcome).toBe(3_000);
    expect(judged(over({}, OLD_KEY), { until: now + 9_000, rules, at: now + 3_000 }).outcome).toBe('key-retired');
  });

  it('is over for whoever does not ask', () => {
    expect(verdict(over())).toBe('expired');
  });
});
