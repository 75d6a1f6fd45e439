import type { ShareResource, ShareToken } from '@warden/tokens';
import { RegisteredTokens, RevocationList, type RevocationRule } from './revocation-list.js';

const now = Date.UTC(2030, 0, 1);
const token = (more: Partial<ShareToken> = {}): ShareToken => ({
  identity: 'id-1',
  jti: null,
  ours: false,
  kid: 'kid-1',
  keyRegisteredOnly: false,
  generation: 3,
  label: null,
  type: null,
  resources: [{ level: 'study', dicomUid: '1.2.3', orthancId: 'a-1', url: null }],
  anonymized: false,
  expiresAt: null,
  notBefore: null,
  issuedAt: null,
  validityDuration: null,
  gated: false,
  parent: null,
  edge: false,
  noArchive: false,
  session: null,
  ...more,
});
const rule = (more: Partial<RevocationRule>): RevocationRule => ({
  id: 'rule-1',
  studyDicomUid: null,
  studyOrthancId: null,
  patientId: null,
  label: null,
  keyId: null,
  mintedBefore: null,
  ...more,
});
const resource = (more: Partial<ShareResource>): ShareResource => ({
  level: 'study',
  dicomUid: null,
  orthancId: null,
  url: null,
  ...more,
});
const ends = (members: Partial<RevocationRule>, one: ShareToken, labels: readonly string[] | null = null): boolean => {
  const list = new RevocationList();
  list.addRule(rule(members));
  return list.has(one, { labels });
};

describe('revoked shares', () => {
  it('are refused by their identity, and no other is', () => {
    const list = new RevocationList();
    list.revoke({ identity: 'id-1', expiresAt: null });
    expect(list.has(token(), null)).toBe(true);
    for (const identity of ['id-2', 'ID-1', 'id-1 ', '', 'constructor', '__proto__'])
      expect(list.has(token({ identity }), null)).toBe(false);
  });

  it('stay when the same one comes twice, as the feed may bring it', () => {
    const list = new RevocationList();
    for (let round = 0; round < 2; round++) list.revoke({ identity: 'id-1', expiresAt: null });
    expect(list.sizes()).toEqual({ shares: 1, rules: 0 });
  });

  it('are forgotten once they are expired anyway, not a moment sooner, and never without an expiry', () => {
    const list = new RevocationList();
    list.revoke({ identity: 'past', expiresAt: now - 1 });
    list.revoke({ identity: 'now', expiresAt: now });
    list.revoke({ identity: 'future', expiresAt: now + 1 });
    list.revoke({ identity: 'endless', expiresAt: null });
    list.prune(now);
    expect(['past', 'now', 'future', 'endless'].filter((identity) => list.has(token({ identity }), null))).toEqual([
      'now',
      'future',
      'endless',
    ]);
    list.prune(Number.MAX_SAFE_INTEGER);
    expect(list.has(token({ identity: 'endless' }), null)).toBe(true);
    list.prune(NaN);
    expect(list.sizes().shares).toBe(1);
  });

  it('give way as a whole to what is stored', () => {
    const list = new RevocationList();
    list.revoke({ identity: 'old', expiresAt: null });
    list.addRule(rule({ keyId: 'kid-1' }));
    list.replace([{ identity: 'new', expiresAt: null }], [rule({ id: 'rule-2', keyId: 'kid-2' })]);
    expect(list.sizes()).toEqual({ shares: 1, rules: 1 });
    expect([
      list.has(token({ identity: 'old' }), null),
      list.has(token({ identity: 'new' }), null),
      list.has(token({ kid: 'kid-2' }), null),
    ]).toEqual([false, true, true]);
  });
});

describe('a share whose end was brought forward', () => {
  const parent = { identity: 'id-1', issuedAt: now - 10 };
  const viewer = token({ identity: 'viewer-1', parent });

  it('ends at that moment, for itself and for its viewers, and no other does', () => {
    const list = new RevocationList();
    list.revoke({ identity: 'id-1', expiresAt: null, endsAt: now });
    expect([list.endOf(token()), list.endOf(viewer)]).toEqual([now, now]);
    expect([list.has(token(), null), list.has(viewer, null)]).toEqual([false, false]);
    for (const other of [
      token({ identity: 'id-2' }),
      token({ identity: 'x', parent: { ...parent, identity: 'id-2' } }),
    ])
      expect(list.endOf(other)).toBe(Infinity);
  });

  it('ends a viewer at the sooner one of two moments', () => {
    const list = new RevocationList();
    list.revoke({ identity: 'id-1', expiresAt: null, endsAt: now + 5 });
    list.revoke({ identity: 'viewer-1', expiresAt: null, endsAt: now });
    expect([list.endOf(viewer), list.endOf(token())]).toEqual([now, now + 5]);
  });

  it('follows the last that was told of it, later, sooner or no longer', () => {
    const list = new RevocationList();
    const ends = (endsAt: number | null): number => {
      list.revoke({ identity: 'id-1', expiresAt: now + 100, endsAt });
      return list.endOf(token());
    };
    expect([ends(now + 9), ends(now + 20), ends(now + 3), ends(null), ends(now + 4)]).toEqual([
      now + 9,
      now + 20,
      now + 3,
      Infinity,
      now + 4,
    ]);
  });

  it('is remembered until the token itself ends, not only until its own moment', () => {
    const list = new RevocationList();
    list.revoke({ identity: 'id-1', expiresAt: now + 10, endsAt: now });
    list.revoke({ identity: 'endless', expiresAt: null, endsAt: now });
    list.prune(now + 10);
    expect(list.endOf(token())).toBe(now);
    list.prune(now + 11);
    expect([list.endOf(token()), list.endOf(token({ identity: 'endless' }))]).toEqual([Infinity, now]);
  });

  it('is known after a load as after a change, and is forgotten by a load without it', () => {
    const list = new RevocationList();
    list.replace([{ identity: 'id-1', expiresAt: null, endsAt: now }], []);
    expect([list.endOf(viewer), list.sizes().shares]).toEqual([now, 0]);
    list.replace([], []);
    expect(list.endOf(viewer)).toBe(Infinity);
  });
});

describe("a viewer's token", () => {
  const viewer = token({ identity: 'viewer-1', issuedAt: now, parent: { identity: 'id-1', issuedAt: now - 10 } });

  it('is revoked with its share, or by itself alone', () => {
    const list = new RevocationList();
    list.revoke({ identity: 'id-1', expiresAt: null });
    expect([list.has(viewer, null), list.has(token({ identity: 'viewer-1' }), null)]).toEqual([true, false]);
    const own = new RevocationList();
    own.revoke({ identity: 'viewer-1', expiresAt: null });
    expect([own.has(viewer, null), own.has(token(), null)]).toEqual([true, false]);
  });

  it('is as old as its share to a rule by time', () => {
    expect(ends({ mintedBefore: now - 9 }, viewer)).toBe(true);
    expect(ends({ mintedBefore: now - 10 }, viewer)).toBe(false);
    expect(ends({ mintedBefore: now - 9 }, token({ issuedAt: now }))).toBe(false);
  });
});

describe('a rule', () => {
  it('by study ends whatever shares that study, by either id, alone or among others', () => {
    expect(ends({ studyDicomUid: '1.2.3' }, token())).toBe(true);
    expect(ends({ studyOrthancId: 'a-1' }, token())).toBe(true);
    expect(
      ends(
        { studyDicomUid: '1.2.3' },
        token({ resources: [resource({ dicomUid: '9.9' }), resource({ dicomUid: '1.2.3' })] }),
      ),
    ).toBe(true);
    expect(ends({ studyDicomUid: '1.2.3' }, token({ resources: [] }))).toBe(false);
    for (const dicomUid of ['1.2', '1.2.3.4', ' 1.2.3', '', null])
      expect(ends({ studyDicomUid: '1.2.3' }, token({ resources: [resource({ dicomUid })] }))).toBe(false);
  });

  it('by study ends no resource of another level that bears the same text', () => {
    for (const level of ['patient', 'series', 'instance', 'system'] as const) {
      const one = token({ resources: [resource({ level, dicomUid: '1.2.3', orthancId: 'a-1' })] });
      expect(ends({ studyDicomUid: '1.2.3' }, one)).toBe(false);
      expect(ends({ studyOrthancId: 'a-1' }, one)).toBe(false);
    }
  });

  it('by patient ends what shares that patient, and no study whose uid reads the same', () => {
    expect(ends({ patientId: 'P1' }, token({ resources: [resource({ level: 'patient', dicomUid: 'P1' })] }))).toBe(
      true,
    );
    expect(ends({ patientId: 'P1' }, token({ resources: [resource({ level: 'patient', dicomUid: 'p1' })] }))).toBe(
      false,
    );
    expect(ends({ patientId: '1.2.3' }, token())).toBe(false);
  });

  it('by label ends the access to a resource that carries it, and to no other', () => {
    expect(ends({ label: 'stop' }, token(), ['a', 'stop'])).toBe(true);
    expect(ends({ label: 'stop' }, token(), ['STOP', 'stopped', ''])).toBe(false);
    expect(ends({ label: 'stop' }, token(), [])).toBe(false);
    expect(ends({ label: 'stop' }, token(), null)).toBe(false);
    // The text that the plugin calls id is a label for people, and no label of Orthanc.
    expect(ends({ label: 'stop' }, token({ label: 'stop' }), null)).toBe(false);
  });

  it('by key ends what that key signed', () => {
    expect(ends({ keyId: 'kid-1' }, token())).toBe(true);
    expect(ends({ keyId: 'kid-2' }, token())).toBe(false);
  });

  it('by time ends what was minted before, and what does not tell', () => {
    expect(ends({ mintedBefore: now }, token({ issuedAt: now - 1 }))).toBe(true);
    expect(ends({ mintedBefore: now }, token({ issuedAt: now }))).toBe(false);
    expect(ends({ mintedBefore: now }, token({ issuedAt: now + 1 }))).toBe(false);
    expect(ends({ mintedBefore: now }, token({ issuedAt: null }))).toBe(true);
  });

  it('with several members ends only what matches each of them', () => {
    const all = { studyDicomUid: '1.2.3', studyOrthancId: 'a-1', label: 'stop', keyId: 'kid-1', mintedBefore: now };
    expect(ends(all, token(), ['stop'])).toBe(true);
    for (const [member, other] of Object.entries({
      studyDicomUid: '9',
      studyOrthancId: '9',
      label: '9',
      keyId: '9',
      patientId: 'P1',
    })) {
      expect([member, ends({ ...all, [member]: other }, token(), ['stop'])]).toEqual([member, false]);
    }
    expect(ends({ ...all, mintedBefore: now - 5 }, token({ issuedAt: now - 1 }), ['stop'])).toBe(false);
  });

  it('is one of many: any of them is enough, and the same one twice is one', () => {
    const list = new RevocationList();
    list.addRule(rule({ id: 'a', keyId: 'other' }));
    list.addRule(rule({ id: 'b', studyDicomUid: '1.2.3' }));
    list.addRule(rule({ id: 'b', studyDicomUid: '1.2.3' }));
    expect([list.has(token(), null), list.sizes().rules]).toEqual([true, 2]);
  });
});

it('knows a registered token by its identity, until the next load', () => {
  const registered = new RegisteredTokens();
  registered.replace(['a']);
  expect([registered.has('a'), registered.has('b'), registered.has('__proto__')]).toEqual([true, false, false]);
  registered.replace(['b']);
  expect([registered.has('a'), registered.has('b')]).toEqual([false, true]);
});
