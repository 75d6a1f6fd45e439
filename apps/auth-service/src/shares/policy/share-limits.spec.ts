import * as fc from 'fast-check';
import { gateKinds } from '../share.js';
import { type ShareLimits, checkAgainst, mergeLimits, policyRolesOf } from './share-limits.js';
import { type PolicyRule, type RuleSays, parseSharePolicy } from './share-policy-document.js';

const stone = 'stone-viewer-publication';
const ohif = 'ohif-viewer-publication';
const free: ShareLimits = {
  mint: true,
  maxLife: null,
  defaultLife: null,
  withoutExpiry: true,
  gates: [],
  viewers: null,
  reasonRequired: false,
  overLimit: 'clamp',
};
const rule = (roles: string[], types: string[], says: RuleSays): PolicyRule => ({ roles, types, ...says });
const merge = (rules: PolicyRule[], roles: string[] = [], type = stone) =>
  mergeLimits({ overLimit: 'clamp', rules }, roles, type);

it('without rules limits nothing', () => {
  expect(merge([], ['doctor'])).toEqual(free);
});

it.each<[string, PolicyRule[], string[], Partial<ShareLimits>]>([
  ['a rule for * means everybody', [rule(['*'], ['*'], { mint: false })], [], { mint: false }],
  ['a rule for a role means no other', [rule(['doctor'], ['*'], { mint: false })], ['nurse'], {}],
  ['a rule for a type means no other', [rule(['*'], [ohif], { mint: false })], ['doctor'], {}],
  [
    'a role beats *, also where it gives less',
    [rule(['*'], [stone], { maxLife: 900 }), rule(['doctor'], ['*'], { maxLife: 60 })],
    ['doctor'],
    { maxLife: 60, withoutExpiry: false },
  ],
  [
    'a role without rules does not bring back what * allows',
    [rule(['*'], ['*'], { maxLife: 900 }), rule(['doctor'], ['*'], { maxLife: 60 })],
    ['default-roles', 'doctor'],
    { maxLife: 60, withoutExpiry: false },
  ],
  [
    'within a role a type beats *, also where it gives less',
    [rule(['doctor'], ['*'], { maxLife: 900 }), rule(['doctor'], [stone], { maxLife: 60 })],
    ['doctor'],
    { maxLife: 60, withoutExpiry: false },
  ],
  ['within * too', [rule(['*'], ['*'], { gates: ['pin'] }), rule(['*'], [stone], { gates: [] })], ['doctor'], {}],
  [
    'a member that is not said falls through',
    [
      rule(['doctor'], [stone], { reasonRequired: true }),
      rule(['doctor'], ['*'], { gates: ['pin'] }),
      rule(['*'], [stone], { viewers: [stone] }),
      rule(['*'], ['*'], { mint: false, gates: ['birth-date'], viewers: null, reasonRequired: false }),
    ],
    ['doctor'],
    { reasonRequired: true, gates: ['pin'], viewers: [stone], mint: false },
  ],
  [
    'of several roles the most permissive value of each member counts',
    [
      rule(['doctor'], [stone], { maxLife: 60, gates: ['pin'], reasonRequired: false, mint: false, viewers: [stone] }),
      rule(['nurse'], ['*'], { maxLife: 900, gates: ['email-code'], reasonRequired: true, viewers: [ohif, stone] }),
    ],
    ['doctor', 'nurse'],
    { maxLife: 900, withoutExpiry: false, gates: ['pin', 'email-code'], mint: false, viewers: [ohif, stone] },
  ],
  [
    'whoever needs no gate by one of their roles needs none',
    [rule(['doctor'], ['*'], { gates: ['pin'] }), rule(['head'], ['*'], { gates: [] })],
    ['doctor', 'head'],
    {},
  ],
  [
    'a longest life means that links without expiry do not exist',
    [rule(['doctor'], ['*'], { maxLife: 60 }), rule(['*'], ['*'], { withoutExpiry: true })],
    ['doctor'],
    { maxLife: 60, withoutExpiry: false },
  ],
  [
    'links without expiry mean that there is no longest life',
    [rule(['doctor'], ['*'], { maxLife: 60 }), rule(['head'], ['*'], { withoutExpiry: true })],
    ['doctor', 'head'],
    {},
  ],
  [
    'an expiry may be asked without a maximum',
    [rule(['*'], ['*'], { withoutExpiry: false })],
    [],
    { withoutExpiry: false },
  ],
  [
    'a default of one rule is cut to the maximum of another',
    [rule(['*'], ['*'], { defaultLife: 900 }), rule(['doctor'], ['*'], { maxLife: 60 })],
    ['doctor'],
    { maxLife: 60, defaultLife: 60, withoutExpiry: false },
  ],
  [
    'a role may be called as an object has members',
    [rule(['*'], ['*'], { mint: false })],
    ['__proto__', 'toString'],
    { mint: false },
  ],
])('%s', (_name, rules, roles, expected) => {
  expect(merge(rules, roles)).toEqual({ ...free, ...expected });
});

describe('any rules', () => {
  const names = ['doctor', 'nurse', 'head'];
  const seconds = fc.option(fc.constantFrom(60, 900, 3600), { nil: null });
  const scope = (all: string[]) => fc.oneof(fc.constant(['*']), fc.subarray(all, { minLength: 1 }));
  const says = fc.record(
    {
      mint: fc.boolean(),
      maxLife: seconds,
      defaultLife: seconds,
      withoutExpiry: fc.boolean(),
      gates: fc.subarray([...gateKinds]),
      viewers: fc.option(fc.subarray([stone, ohif], { minLength: 1 }), { nil: null }),
      reasonRequired: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const anyRule: fc.Arbitrary<PolicyRule> = fc
    .tuple(scope(names), scope([stone, ohif]), says)
    .map(([roles, types, said]) => ({ roles, types, ...said }))
    .filter((one) => parseSharePolicy({ rules: [one] }).ok);
  const anyRules = fc.array(anyRule, { maxLength: 8 });
  const held = fc.subarray(names);
  const life = (value: number | null) => value ?? Infinity;

  it('never give more than the most permissive one that means the caller and the type', () => {
    fc.assert(
      fc.property(anyRules, held, (rules, roles) => {
        const limits = merge(rules, roles);
        const meant = rules.filter(
          (one) =>
            (one.roles.includes('*') || one.roles.some((role) => roles.includes(role))) &&
            (one.types.includes('*') || one.types.includes(stone)),
        );
        const most = <T>(read: (one: PolicyRule) => T | undefined): T[] =>
          meant.map(read).filter((value) => value !== undefined);
        const lives = most((one) => (one.withoutExpiry === true ? null : one.maxLife)).map(life);
        if (lives.length > 0) expect(life(limits.maxLife)).toBeLessThanOrEqual(Math.max(...lives));
        const defaults = most((one) => one.defaultLife).map(life);
        if (defaults.length > 0) expect(life(limits.defaultLife)).toBeLessThanOrEqual(Math.max(...defaults));
        const mints = most((one) => one.mint);
        if (limits.mint && mints.length > 0) expect(mints).toContain(true);
        const endless = most((one) => one.withoutExpiry);
        if (limits.withoutExpiry && endless.length > 0) expect(endless).toContain(true);
        const reasons = most((one) => one.reasonRequired);
        if (!limits.reasonRequired && reasons.length > 0) expect(reasons).toContain(false);
        const gates = most((one) => one.gates);
        if (limits.gates.length === 0 && gates.length > 0) expect(gates).toContainEqual([]);
        for (const gate of limits.gates) expect(gates.flat()).toContain(gate);
        const viewers = most((one) => one.viewers);
        if (limits.viewers === null && viewers.length > 0) expect(viewers).toContain(null);
        for (const viewer of limits.viewers ?? []) expect(viewers.flat()).toContain(viewer);
      }),
      { numRuns: 500 },
    );
  });

  it('mean the same in any order, of rules and of roles', () => {
    fc.assert(
      fc.property(anyRules, held, fc.integer(), (rules, roles, seed) => {
        const shuffled = [...rules].sort(
          (one, other) => key(one, seed) - key(other, seed) || (JSON.stringify(one) < JSON.stringify(other) ? 1 : -1),
        );
        expect(merge(shuffled, [...roles].reverse())).toEqual(merge(rules, roles));
      }),
      { numRuns: 500 },
    );
  });

  it('never leave a longest life to links that need none, nor a default beyond it', () => {
    fc.assert(
      fc.property(anyRules, held, (rules, roles) => {
        const { maxLife, defaultLife, withoutExpiry } = merge(rules, roles);
        if (maxLife === null) return;
        expect(withoutExpiry).toBe(false);
        expect(defaultLife ?? 0).toBeLessThanOrEqual(maxLife);
      }),
      { numRuns: 500 },
    );
  });

  it('give a further role only more, when it has rules that say everything', () => {
    const whole = {
      mint: true,
      withoutExpiry: true,
      defaultLife: null,
      gates: [],
      viewers: null,
      reasonRequired: false,
    };
    fc.assert(
      fc.property(anyRules, held, (rules, roles) => {
        expect(merge([...rules, rule(['root'], [stone], whole)], [...roles, 'root'])).toEqual(free);
      }),
    );
  });
});

function key(one: PolicyRule, seed: number): number {
  let sum = seed;
  for (const letter of JSON.stringify(one)) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0;
  return sum;
}

it.each<[string, Parameters<typeof policyRolesOf>[0], string[]]>([
  ['a person is meant by the roles that they hold', { via: 'bearer', scopes: [], roles: ['a', 'b'] }, ['a', 'b']],
  ['a user of the settings by * alone', { via: 'basic', scopes: [], roles: [] }, []],
  ['who calls in the name of no user by plugin', { via: 'basic', scopes: ['plugin'], roles: [] }, ['plugin']],
  ['so is anyone, where the service is open', { via: 'nothing', scopes: ['plugin'], roles: [] }, ['plugin']],
  ['but a person stays one there', { via: 'bearer', scopes: ['plugin'], roles: ['a'] }, ['a']],
  ['no issuer gives the names that mean something here', { via: 'api-key', scopes: [], roles: ['*', 'plugin'] }, []],
])('%s', (_name, caller, roles) => {
  expect(policyRolesOf(caller)).toEqual(roles);
});

describe('what somebody asks for who can say everything', () => {
  const now = 1_790_000_000_000;
  const wish = { now, expiresAt: null, gate: null, viewer: stone, reason: null };

  it('may be anything without limits', () => {
    expect(checkAgainst(free, wish)).toEqual([]);
    expect(checkAgainst(free, { ...wish, gate: 'pin', expiresAt: now + 1e15, reason: 'x' })).toEqual([]);
  });

  it('is told every fault at once, each with a remedy', () => {
    const limits: ShareLimits = {
      ...free,
      mint: false,
      maxLife: 60,
      withoutExpiry: false,
      gates: ['pin', 'email-code'],
      viewers: [ohif],
      reasonRequired: true,
    };
    const faults = checkAgainst(limits, wish);
    expect(faults.map(({ field }) => field)).toEqual(['type', 'expiresAt', 'gate', 'type', 'reason']);
    for (const { remedy } of faults) expect(remedy).toMatch(/\S{2}/);
    expect(checkAgainst(limits, { ...wish, gate: 'birth-date' })).toContainEqual(
      expect.objectContaining({ field: 'gate', remedy: 'choose pin or email-code' }),
    );
  });

  it('may end at the very last moment, and not after it', () => {
    const limits = { ...free, maxLife: 60, withoutExpiry: false };
    expect(checkAgainst(limits, { ...wish, expiresAt: now + 60_000 })).toEqual([]);
    expect(checkAgainst(limits, { ...wish, expiresAt: now + 60_001 })).toEqual([
      expect.objectContaining({ field: 'expiresAt', remedy: 'send a moment within 60 seconds' }),
    ]);
  });

  it('a blank reason is none', () => {
    const limits = { ...free, reasonRequired: true };
    expect(checkAgainst(limits, { ...wish, reason: ' \t' })).toHaveLength(1);
    expect(checkAgainst(limits, { ...wish, reason: 'second opinion' })).toEqual([]);
  });
});
