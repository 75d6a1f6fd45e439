import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleCases } from './rule-cases.fixture.js';
import type { Rule } from './rule.js';
import { rules } from './rules/index.js';
import { subjectOf } from './subject.fixture.js';

const root = join(__dirname, '../../../..');
const document = readFileSync(join(root, 'docs/hardening.md'), 'utf8');
const recommendations = Array.from({ length: 25 }, (_, index) => index + 1);

/** A rule as docs/hardening.md tells it, whatever the widths of its columns. */
function rowOf({ id, severity, title, why, remedy, source }: Rule): string {
  const page = source.url.startsWith('docs/')
    ? `[${source.title}](${source.url.replace('docs/', '')})`
    : `[${source.title}](${source.url})`;
  return ['', id, severity, title, `${why} ${page}`, remedy, ''].join(' | ').trim();
}

const plain = (text: string) => text.replace(/\\\|/g, '|').replace(/ +/g, ' ');

describe('the rules', () => {
  it('each have a failing and a passing case, and no case is of another rule', () => {
    expect(Object.keys(ruleCases).sort()).toEqual(rules.map(({ id }) => id).sort());
    for (const [id, { fails, passes }] of Object.entries(ruleCases))
      expect([id, fails.length > 0, passes.length > 0]).toEqual([id, true, true]);
  });

  it('have ids that are given once', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
    it.each(ruleCases[id]?.fails ?? [])('finds fault with case %#', (setUp) => {
      expect(rule.check(subjectOf(setUp))).not.toEqual([]);
    });

    it.each(ruleCases[id]?.passes ?? [])('lets pass case %#', (setUp) => {
      expect(rule.check(subjectOf(setUp))).toEqual([]);
    });
  });

  it('cover every recommendation of the pages on security, HTTPS and SSL', () => {
    const covered = new Set(rules.flatMap(({ covers = [] }) => covers));
    expect(recommendations.filter((number) => !covered.has(number))).toEqual([]);
    expect([...covered].filter((number) => !recommendations.includes(number))).toEqual([]);
  });
});

describe('docs/hardening.md', () => {
  it('tells of each rule as it is, and of no other', () => {
    const lines = document.split('\n').map(plain);
    expect(
      rules
        .map(rowOf)
        .map(plain)
        .filter((row) => !lines.includes(row)),
    ).toEqual([]);
    const told = [...document.matchAll(/^\| ([A-Z]-\d\d) /gm)].map(([, id]) => id);
    expect(told.sort()).toEqual(rules.map(({ id }) => id).sort());
  });

  it('names for each recommendation the rules that cover it', () => {
    const told = [...document.matchAll(/^\| (\d+) +\|.*\| ([A-Z0-9, -]+?) +\|$/gm)].map(([, number, ids = '']) => [
      Number(number),
      ids.split(', '),
    ]);
    const covering = recommendations.map((number) => [
      number,
      rules.filter(({ covers }) => covers?.includes(number)).map(({ id }) => id),
    ]);
    expect(told).toEqual(covering);
  });

  it('leads only to pages of ours that are there', () => {
    const ours = rules.map(({ source }) => source.url).filter((url) => url.startsWith('docs/'));
    expect(ours.filter((url) => !existsSync(join(root, url)))).toEqual([]);
  });
});
