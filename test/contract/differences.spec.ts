import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differencesPage } from './differences-page.js';
import { differences } from './all-differences.js';
import { readGolden } from './golden.js';

const page = join(__dirname, '../../docs/contract-differences.md');
const golden = readGolden();

describe('the recorded answers and the list of differences', () => {
  it('are complete: 278 cases, each once', () => {
    expect(new Set(golden.cases.map((one) => one.name)).size).toBe(278);
    expect(golden.cases).toHaveLength(278);
  });

  it('keep an answer of every success and of no refusal', () => {
    const kept = golden.cases.filter((one) => one.answer !== undefined).map((one) => one.name);
    expect(kept).toEqual(golden.cases.filter((one) => one.status < 300).map((one) => one.name));
  });

  it('list no difference of a case that was not recorded', () => {
    const names = new Set(golden.cases.map((one) => one.name));
    expect(Object.keys(differences).filter((name) => !names.has(name))).toEqual([]);
  });

  it('give every difference its reason, in a sentence', () => {
    const faulty = Object.entries(differences).filter(([, { reason }]) => !/^[A-Z].{20,}\.$/.test(reason));
    expect(faulty).toEqual([]);
  });

  it('are told in docs/contract-differences.md as they are (UPDATE_DOCS=1 writes it)', () => {
    const fresh = differencesPage(golden);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, fresh);
    expect(readFileSync(page, 'utf8')).toBe(fresh);
  });
});
