import fc from 'fast-check';
import {
  type Access,
  type AccessMethod,
  type Coverage,
  type CoverRules,
  type GrantedResource,
  covers,
} from './covers.js';

const UID = '1.2.3';
const ORTHANC_ID = '11111111-22222222-33333333-44444444-55555555';
const OTHER_UID = '9.8.7';
const OTHER_ORTHANC_ID = 'aaaaaaaa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee';

const study: GrantedResource = { level: 'study', dicomUid: UID, orthancId: ORTHANC_ID, url: null };
const other: GrantedResource = { ...study, dicomUid: OTHER_UID, orthancId: OTHER_ORTHANC_ID };
const uidOnly: GrantedResource = { ...study, orthancId: null };
const oidOnly: GrantedResource = { ...study, dicomUid: null };
const noIds: GrantedResource = { ...study, dicomUid: null, orthancId: null };
const emptyIds: GrantedResource = { ...study, dicomUid: '', orthancId: '' };

const question: Access = { level: 'study', method: 'get', dicomUid: UID, orthancId: ORTHANC_ID, labels: null };
const compatible: CoverRules = { sharePost: 'compatible', edge: false };

function verdict(resources: GrantedResource[], access: Partial<Access>, rules: Partial<CoverRules> = {}): string {
  const result = covers({ resources }, { ...question, ...access }, { ...compatible, ...rules });
  if (!result.covered) return result.reason;
  return result.cacheable ? 'covered' : 'covered, not cacheable';
}

describe('the ids of the question', () => {
  const rows: [string, GrantedResource[], string | null, string | null, string][] = [
    ['both right', [study], UID, ORTHANC_ID, 'covered'],
    ['right uid alone', [study], UID, null, 'covered'],
    ['right Orthanc id alone', [study], null, ORTHANC_ID, 'covered'],
    ['right uid, empty Orthanc id', [study], UID, '', 'covered'],
    ['right Orthanc id, empty uid', [study], '', ORTHANC_ID, 'covered'],
    ['right uid, wrong Orthanc id', [study], UID, OTHER_ORTHANC_ID, 'outside-grant'],
    ['wrong uid, right Orthanc id', [study], OTHER_UID, ORTHANC_ID, 'outside-grant'],
    ['both wrong', [study], '6.6.6', OTHER_ORTHANC_ID, 'outside-grant'],
    ['wrong uid alone', [study], OTHER_UID, null, 'outside-grant'],
    ['wrong Orthanc id alone', [study], null, OTHER_ORTHANC_ID, 'outside-grant'],
    ['neither', [study], null, null, 'no-resource'],
    ['both empty', [study], '', '', 'no-resource'],
    ['exchanged', [study], ORTHANC_ID, UID, 'outside-grant'],

    ['uid-only token, right uid', [uidOnly], UID, null, 'covered'],
    ['uid-only token, right uid and any Orthanc id', [uidOnly], UID, OTHER_ORTHANC_ID, 'covered'],
    ['uid-only token, wrong uid and any Orthanc id', [uidOnly], OTHER_UID, ORTHANC_ID, 'outside-grant'],
    ['uid-only token, Orthanc id alone', [uidOnly], null, ORTHANC_ID, 'outside-grant'],
    ['orthanc-id-only token, right Orthanc id', [oidOnly], null, ORTHANC_ID, 'covered'],
    ['orthanc-id-only token, right Orthanc id and any uid', [oidOnly], OTHER_UID, ORTHANC_ID, 'covered'],
    ['orthanc-id-only token, wrong Orthanc id and any uid', [oidOnly], UID, OTHER_ORTHANC_ID, 'outside-grant'],
    ['orthanc-id-only token, uid alone', [oidOnly], UID, null, 'outside-grant'],

    ['token without ids', [noIds], UID, ORTHANC_ID, 'outside-grant'],
    ['token without ids, question without ids', [noIds], null, null, 'no-resource'],
    ['token with empty ids', [emptyIds], UID, ORTHANC_ID, 'outside-grant'],
    ['token with empty ids, question with empty ids', [emptyIds], '', '', 'no-resource'],
    ['token without resources', [], UID, ORTHANC_ID, 'no-resource'],

    ['two studies, the first', [study, other], UID, ORTHANC_ID, 'covered'],
    ['two studies, the second', [study, other], OTHER_UID, OTHER_ORTHANC_ID, 'covered'],
    [
      'two studies, uid of the first with Orthanc id of the second',
      [study, other],
      UID,
      OTHER_ORTHANC_ID,
      'outside-grant',
    ],
    [
      'two studies, uid of the second with Orthanc id of the first',
      [study, other],
      OTHER_UID,
      ORTHANC_ID,
      'outside-grant',
    ],
    [
      'two half-known studies, each by its own id',
      [uidOnly, { ...other, dicomUid: null }],
      null,
      OTHER_ORTHANC_ID,
      'covered',
    ],

    ['blanks around the uid', [study], ' 1.2.3 ', null, 'outside-grant'],
    ['NUL behind the uid', [study], '1.2.3\0', ORTHANC_ID, 'outside-grant'],
    ['a list of uids', [study, other], '1.2.3\\9.8.7', null, 'outside-grant'],
    ['a prefix of the uid', [study], '1.2', null, 'outside-grant'],
    ['a longer uid', [study], '1.2.3.4', null, 'outside-grant'],
    ['the Orthanc id in capitals', [other], null, OTHER_ORTHANC_ID.toUpperCase(), 'outside-grant'],
  ];

  it.each(rows)('%s', (_, resources, dicomUid, orthancId, expected) => {
    expect(verdict(resources, { dicomUid, orthancId })).toBe(expected);
  });
});

describe('the level of the question', () => {
  const levels = ['patient', 'study', 'series', 'instance'];
  const pairs = levels.flatMap((granted) => levels.map((asked) => [granted, asked]));

  it.each(pairs)('a %s token for the level %s', (granted, asked) => {
    const expected = granted === asked ? 'covered' : 'outside-grant';
    expect(verdict([{ ...study, level: granted }], { level: asked })).toBe(expected);
  });

  it.each(levels)('may be absent for a %s token', (level) => {
    expect(verdict([{ ...study, level }], { level: null })).toBe('covered');
  });

  it.each(['studies', 'Study', '', 'constructor'])('must not be %p', (level) => {
    expect(verdict([study], { level })).toBe('outside-grant');
  });

  it('must be that of the resource whose ids match', () => {
    const series = { ...other, level: 'series' };
    expect(verdict([study, series], { level: 'study', dicomUid: OTHER_UID, orthancId: null })).toBe('outside-grant');
  });

  it.each<AccessMethod>(['get', 'post'])('is never covered when it is the system (%s)', (method) => {
    const system = { ...study, level: 'system', url: '/dicom-web/' };
    for (const sharePost of ['compatible', 'edge-only', 'refuse'] as const) {
      expect(verdict([study, system], { level: 'system', method }, { sharePost, edge: true })).toBe('system-level');
    }
  });

  it('is not guessed for a system resource: it covers nothing', () => {
    expect(verdict([{ ...study, level: 'system' }], { level: null })).toBe('outside-grant');
  });
});

describe('the method', () => {
  const some = ['teaching'];
  const rows: [CoverRules['sharePost'], boolean, string[] | null, string][] = [
    ['compatible', false, null, 'covered, not cacheable'],
    ['compatible', false, [], 'covered, not cacheable'],
    ['compatible', false, some, 'post-refused'],
    ['compatible', true, null, 'covered, not cacheable'],
    ['compatible', true, some, 'post-refused'],
    ['edge-only', false, null, 'post-refused'],
    ['edge-only', false, some, 'post-refused'],
    ['edge-only', true, null, 'covered'],
    ['edge-only', true, some, 'covered'],
    ['refuse', false, null, 'post-refused'],
    ['refuse', true, null, 'post-refused'],
    ['refuse', true, some, 'post-refused'],
  ];

  it.each(rows)('post with SHARE_POST=%s, edge %s, labels %j: %s', (sharePost, edge, labels, expected) => {
    expect(verdict([study], { method: 'post', labels }, { sharePost, edge })).toBe(expected);
  });

  it.each(rows)('get with SHARE_POST=%s, edge %s, labels %j is covered', (sharePost, edge, labels) => {
    expect(verdict([study], { labels }, { sharePost, edge })).toBe('covered');
  });

  it.each(rows)('put and delete with SHARE_POST=%s, edge %s, labels %j are refused', (sharePost, edge, labels) => {
    for (const method of ['put', 'delete'] as const) {
      for (const level of ['study', 'system', null]) {
        expect(verdict([study], { method, labels, level }, { sharePost, edge })).toBe('write-refused');
      }
    }
  });

  it('post is still held to the grant', () => {
    const rules = { sharePost: 'edge-only', edge: true } as const;
    expect(verdict([study], { method: 'post', dicomUid: OTHER_UID }, rules)).toBe('outside-grant');
    expect(verdict([study], { method: 'post', dicomUid: null, orthancId: null }, rules)).toBe('no-resource');
  });

  it('is refused when it is one that nobody knows', () => {
    for (const method of ['GET', 'patch', 'head', '', 'constructor']) {
      expect(verdict([study], { method: method as AccessMethod })).toBe('write-refused');
    }
  });
});

describe('labels that stop shares', () => {
  const labelsThatStopShares = new Set(['embargo', 'vip']);

  it.each([
    [['embargo'], 'label-stops-shares'],
    [['teaching', 'vip'], 'label-stops-shares'],
    [['teaching'], 'covered'],
    [['Embargo'], 'covered'],
    [[], 'covered'],
    [null, 'covered'],
  ])('%j: %s', (labels, expected) => {
    expect(verdict([study], { labels }, { labelsThatStopShares })).toBe(expected);
  });

  it('hold for a post at the edge too', () => {
    const rules = { sharePost: 'edge-only', edge: true, labelsThatStopShares } as const;
    expect(verdict([study], { method: 'post', labels: ['vip'] }, rules)).toBe('label-stops-shares');
  });

  it('are not told to somebody who asks for a study outside the grant', () => {
    const access = { dicomUid: OTHER_UID, orthancId: null, labels: ['vip'] };
    expect(verdict([study], access, { labelsThatStopShares })).toBe('outside-grant');
  });

  it('stop nothing when there are none', () => {
    expect(verdict([study], { labels: ['vip'] })).toBe('covered');
    expect(verdict([study], { labels: ['vip'] }, { labelsThatStopShares: new Set() })).toBe('covered');
  });
});

describe('whatever is asked', () => {
  const uid = fc.constantFrom(null, '', '1', '2', '3');
  const orthancId = fc.constantFrom(null, '', 'a', 'b', 'c');
  const levels = ['patient', 'study', 'series', 'instance', 'system'];
  const resource = fc.record({ level: fc.constantFrom(...levels), dicomUid: uid, orthancId, url: fc.constant(null) });
  const grants = fc.record({ resources: fc.array(resource, { maxLength: 4 }) });
  const labels = fc.option(fc.subarray(['vip', 'teaching']));
  const accesses = fc.record({
    level: fc.constantFrom(null, ...levels),
    method: fc.constantFrom<AccessMethod>('get', 'post', 'put', 'delete'),
    dicomUid: uid,
    orthancId,
    labels,
  });
  const allRules = fc.record({
    sharePost: fc.constantFrom('compatible' as const, 'edge-only' as const, 'refuse' as const),
    edge: fc.boolean(),
    labelsThatStopShares: fc.constantFrom(undefined, new Set(['vip'])),
  });
  const isCovered = (answer: Coverage) => answer.covered;
  const runs = { numRuns: 5000 };

  it('put and delete are never covered', () => {
    fc.assert(
      fc.property(
        grants,
        accesses,
        allRules,
        fc.constantFrom('put' as const, 'delete' as const),
        (grant, access, rules, method) => {
          expect(covers(grant, { ...access, method }, rules)).toEqual({ covered: false, reason: 'write-refused' });
        },
      ),
      runs,
    );
  });

  it('a covered access is covered by one of the resources alone', () => {
    fc.assert(
      fc.property(grants, accesses, allRules, (grant, access, rules) => {
        const alone = grant.resources.some((one) => isCovered(covers({ resources: [one] }, access, rules)));
        expect(isCovered(covers(grant, access, rules))).toBe(alone);
      }),
      runs,
    );
  });

  it('two ids are covered only if one of them alone would be', () => {
    fc.assert(
      fc.property(grants, accesses, allRules, (grant, access, rules) => {
        fc.pre(isCovered(covers(grant, access, rules)));
        const byUid = covers(grant, { ...access, orthancId: null }, rules);
        const byOrthancId = covers(grant, { ...access, dicomUid: null }, rules);
        expect(isCovered(byUid) || isCovered(byOrthancId)).toBe(true);
      }),
      runs,
    );
  });

  it('adding an id never widens the answer of a token that knows both ids of its resources', () => {
    const whole = fc.record({
      resources: fc.array(
        fc.record({
          level: fc.constantFrom(...levels),
          dicomUid: fc.constantFrom('1', '2'),
          orthancId: fc.constantFrom('a', 'b'),
          url: fc.constant(null),
        }),
      ),
    });
    fc.assert(
      fc.property(whole, accesses, allRules, (grant, access, rules) => {
        fc.pre(isCovered(covers(grant, access, rules)));
        if (access.dicomUid) expect(isCovered(covers(grant, { ...access, orthancId: null }, rules))).toBe(true);
        if (access.orthancId) expect(isCovered(covers(grant, { ...access, dicomUid: null }, rules))).toBe(true);
      }),
      runs,
    );
  });

  it('two resources whose ids are all known never cover a crossed pair', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 4, maxLength: 4 }),
        accesses,
        (ids, access) => {
          const [uid1, uid2, id1, id2] = ids as [string, string, string, string];
          const resources = [
            { ...study, dicomUid: uid1, orthancId: id1 },
            { ...study, dicomUid: uid2, orthancId: id2 },
          ];
          expect(isCovered(covers({ resources }, { ...access, dicomUid: uid1, orthancId: id2 }, compatible))).toBe(
            false,
          );
        },
      ),
    );
  });

  it('a stricter rule never covers more', () => {
    fc.assert(
      fc.property(grants, accesses, allRules, (grant, access, rules) => {
        const strict = covers(grant, access, { ...rules, sharePost: 'refuse', labelsThatStopShares: new Set(['vip']) });
        if (isCovered(strict)) expect(isCovered(covers(grant, access, rules))).toBe(true);
      }),
      runs,
    );
  });
});
