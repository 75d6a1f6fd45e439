import * as fc from 'fast-check';
import { instantTypes, parseSharePolicy, policyBounds } from './share-policy-document.js';

const all = { roles: ['*'], types: ['*'] };
const faultsOf = (json: unknown, at?: string) => {
  const parsed = parseSharePolicy(json, at);
  return parsed.ok ? [] : parsed.faults.map(({ field }) => field);
};
const ofRule = (rule: unknown) => faultsOf({ rules: [rule] });

it('reads a policy, and keeps what a rule says and leaves out what it does not', () => {
  const rule = {
    roles: ['doctor-role', '__proto__'],
    types: ['stone-viewer-publication'],
    mint: true,
    maxLife: 3600,
    defaultLife: 60,
    withoutExpiry: false,
    gates: ['pin', 'email-code'],
    viewers: ['stone-viewer-publication'],
    reasonRequired: true,
  };
  const nulls = { ...all, maxLife: null, defaultLife: null, withoutExpiry: true, gates: [], viewers: null };
  const policy = { overLimit: 'refuse', rules: [rule, all, nulls] };
  expect(parseSharePolicy(policy)).toEqual({ ok: true, document: policy });
});

it('clamps unless it is told to refuse', () => {
  expect(parseSharePolicy({ rules: [] })).toEqual({ ok: true, document: { overLimit: 'clamp', rules: [] } });
});

it.each<[string, unknown, string[]]>([
  ['no object', [], ['body']],
  ['nothing', undefined, ['body']],
  ['no rules', {}, ['rules']],
  ['rules that are no list', { rules: {} }, ['rules']],
  ['another word', { overLimit: 'warn', rules: [] }, ['overLimit']],
  ['null for a word', { overLimit: null, rules: [] }, ['overLimit']],
  ['an unknown member', { rules: [], ruels: [] }, ['ruels']],
  ['an unknown member with a name that is not repeated', { rules: [], 'a\u001b[2J': 1 }, ['body']],
  ['too many rules', { rules: Array.from({ length: policyBounds.rules + 1 }, () => all) }, ['rules']],
  ['a rule that is no object', { rules: [all, null] }, ['rules[1]']],
])('refuses %s', (_name, json, fields) => {
  expect(faultsOf(json)).toEqual(fields);
});

it.each<[string, object, string[]]>([
  ['no roles and no types', { roles: undefined, types: undefined }, ['roles', 'types']],
  ['empty lists', { roles: [], types: [] }, ['roles', 'types']],
  ['* beside names', { roles: ['*', 'doctor-role'], types: ['x', '*'] }, ['roles', 'types']],
  [
    'names that are none',
    { roles: ['', 'x'.repeat(257), 'a\0', '\ud800', 5] },
    [0, 1, 2, 3, 4].map((n) => `roles[${n}]`),
  ],
  ['too many names', { roles: Array.from({ length: 101 }, (_, n) => `role-${n}`) }, ['roles']],
  ['an unknown member', { maxlife: 60 }, ['maxlife']],
  ['an inherited name', { constructor: 60 }, ['constructor']],
  [
    'words for booleans',
    { mint: 'no', withoutExpiry: 0, reasonRequired: null },
    ['mint', 'withoutExpiry', 'reasonRequired'],
  ],
  ['no time', { maxLife: 0, defaultLife: -1 }, ['maxLife', 'defaultLife']],
  ['parts of seconds, and texts', { maxLife: 1.5, defaultLife: '60' }, ['maxLife', 'defaultLife']],
  ['more than 100 years', { maxLife: policyBounds.seconds + 1 }, ['maxLife']],
  ['gates that are none', { gates: ['pin', 'password'] }, ['gates[1]']],
  ['no list of gates', { gates: null }, ['gates']],
  ['no viewer at all', { viewers: [] }, ['viewers']],
  ['a default beyond the longest life', { maxLife: 60, defaultLife: 61 }, ['defaultLife']],
  ['a longest life of links without an end', { maxLife: 60, withoutExpiry: true }, ['withoutExpiry']],
])('refuses a rule with %s', (_name, says, fields) => {
  expect(ofRule({ ...all, ...says })).toEqual(fields.map((field) => `rules[0].${field}`));
});

it.each(instantTypes)('refuses a gate that is asked of %s, and takes a rule that frees it of one', (type) => {
  const parsed = parseSharePolicy({ rules: [{ roles: ['*'], types: [type], gates: ['pin'] }] });
  expect(parsed).toEqual({
    ok: false,
    faults: [expect.objectContaining({ field: 'rules[0].gates', remedy: 'use mint' })],
  });
  expect(ofRule({ roles: ['*'], types: [type], gates: [], mint: false })).toEqual([]);
});

it('names every fault, under the place that it is told', () => {
  const rules = [
    { roles: ['*'], types: ['*'], mint: 1 },
    { roles: [], types: ['*'] },
  ];
  expect(faultsOf({ rules, overLimit: 'x' }, 'policy')).toEqual([
    'policy.overLimit',
    'policy.rules[0].mint',
    'policy.rules[1].roles',
  ]);
});

it('counts the faults that it does not list', () => {
  const names = Array.from({ length: 100 }, () => '');
  const parsed = parseSharePolicy({ rules: [{ roles: names, types: names }] });
  const faults = parsed.ok ? [] : parsed.faults;
  expect(faults).toHaveLength(policyBounds.faults + 1);
  expect(faults.at(-1)).toMatchObject({ field: 'body', problem: 'holds 100 more faults' });
});

it('never throws, and what it reads it reads back as the same', () => {
  const member = fc.oneof(fc.jsonValue(), fc.constantFrom(true, false, null, 60, ['*'], ['pin'], []));
  const rule = fc.dictionary(
    fc.constantFrom('roles', 'types', 'mint', 'maxLife', 'defaultLife', 'withoutExpiry', 'gates', 'viewers'),
    member,
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ rules: fc.array(fc.oneof(rule, fc.constant(all))) })), (json) => {
      const parsed = parseSharePolicy(json);
      if (!parsed.ok) return expect(parsed.faults).not.toEqual([]);
      expect(parseSharePolicy(JSON.parse(JSON.stringify(parsed.document)))).toEqual(parsed);
    }),
  );
});
