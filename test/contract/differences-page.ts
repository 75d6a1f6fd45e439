import { isDeepStrictEqual } from 'node:util';
import { differences } from './all-differences.js';
import type { Golden, GoldenCase } from './golden.js';

/** `docs/contract-differences.md`, grouped by reason, in the order of the recorded cases. */
export function differencesPage({ cases }: Golden): string {
  const groups = new Map<string, GoldenCase[]>();
  for (const one of cases) {
    const reason = differences[one.name]?.reason;
    if (reason !== undefined) groups.set(reason, [...(groups.get(reason) ?? []), one]);
  }
  const listed = [...groups.values()].flat().length;
  return [
    '# Where we answer differently',
    '',
    `Of ${cases.length} requests that were recorded with orthanc-auth-service 26.4.1, these ${listed} are`,
    'answered differently on purpose. `test/contract` replays all of them and fails when an answer differs that is not listed, or',
    'when a listed one differs no longer. Two things are no difference there: a request that the incumbent refused with 422 or',
    '500 gets some 4xx with a problem document; tokens carry `jti`, `iat` and a `kid`, and decode has a member `reason`.',
    '',
    'Of two answers 200, only the members that differ are shown. In `<…>` stand values that differ from run to run.',
    'Written from `test/contract/differences.ts` and `keycloak-differences.ts` by `UPDATE_DOCS=1 npx jest test/contract/differences`.',
    ...[...groups].flatMap(([reason, group]) => ['', `## ${reason}`, '', ...group.flatMap(entry)]),
    '',
  ].join('\n');
}

function entry(one: GoldenCase): string[] {
  const expected = differences[one.name]?.expect;
  if (expected === undefined) return [];
  const sent = one.raw ?? one.body;
  const [theirs, ours] = 'code' in expected ? [one.answer, undefined] : differing(one.answer, expected.answer);
  const problem = 'code' in expected ? [expected.code, ...(expected.fields ?? [])].join(': ') : undefined;
  return [
    `- ${code(one.name)}: ${code(one.request)}${sent === undefined ? '' : ` ${code(sent)}`}${one.headers === undefined ? '' : ` with the headers ${code(one.headers)}`}`,
    `  - theirs: ${one.status}${theirs === undefined ? '' : ` ${code(theirs)}`}`,
    `  - ours: ${expected.status} ${code(problem ?? ours)}`,
  ];
}

/** Of two objects the members that differ; anything else whole. */
function differing(theirs: unknown, ours: unknown): [unknown, unknown] {
  if (!isObject(theirs) || !isObject(ours)) return [theirs, ours];
  const names = Object.keys({ ...theirs, ...ours }).filter((name) => !isDeepStrictEqual(theirs[name], ours[name]));
  const parts = names.map((name) => [name, differing(theirs[name], ours[name])] as const);
  return [0, 1].map((side) => Object.fromEntries(parts.map(([name, both]) => [name, both[side]]))) as [
    unknown,
    unknown,
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
