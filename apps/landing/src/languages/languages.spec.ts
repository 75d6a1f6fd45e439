import { gapsOf, pathsOf } from '../branding/texts.js';
import { formatsFor, isTimeZone } from './formats.js';
import { chooseLanguage, languageCodes, languages, type Language } from './languages.js';
import { pageNames } from './messages.js';

describe('chooseLanguage', () => {
  it.each([
    [[], undefined, 'en'],
    [[], '', 'en'],
    [[], 'fr', 'fr'],
    [[], 'fr-CA', 'fr'],
    [[], 'FR-be;q=0.9, en;q=0.8', 'fr'],
    [[], 'fr;q=0.5, en;q=0.8', 'en'],
    [[], 'sv-SE,sv;q=0.9,fr;q=0.5,en;q=0.3', 'fr'],
    [[], 'de-AT, nl', 'de'],
    [[], 'pt-BR', 'pt'],
    [[], 'sv, fi', 'en'],
    [[], '*', 'en'],
    [[], 'en;q=0, *', 'fr'],
    [[], 'fr;q=0', 'en'],
    [[], 'fr;q=2, en;q=0.1', 'en'],
    [[], 'fr;q=banana', 'en'],
    [[], 'fri, frq', 'en'],
    [[], ',;,q=1;;', 'en'],
    [[], `${'xx,'.repeat(100_000)}fr`, 'en'],
    [['fr'], 'en', 'fr'],
    [['FR-ca'], 'en', 'fr'],
    [['sv'], 'fr', 'fr'],
    [[undefined, null, 'sv', 'it', 'nl'], 'fr', 'it'],
    [['__proto__'], undefined, 'en'],
    [['constructor'], undefined, 'en'],
  ])('wishes %j and Accept-Language %.40s give %s', (wishes, header, expected) => {
    expect(chooseLanguage(wishes, header)).toBe(expected);
  });

  it.each([
    [undefined, 'nl'],
    ['sv', 'nl'],
    ['*', 'nl'],
    ['nl;q=0, *', 'en'],
    ['fr', 'fr'],
  ])('falls back to the language of the settings: %s gives %s', (header, expected) => {
    expect(chooseLanguage([], header, 'nl')).toBe(expected);
  });
});

describe.each(languageCodes)('the texts in %s', (code) => {
  const texts = pathsOf(languages[code]);

  it('differ from page to page', () => {
    const headings = pageNames.map((page) => languages[code].pages[page].heading);
    expect(new Set(headings).size).toBe(pageNames.length);
  });

  it('use typographic apostrophes only', () => {
    expect([...texts.values()].join()).not.toMatch(/['"]/);
  });

  it('are never empty and begin and end with a letter or a stop', () => {
    for (const [path, text] of texts) expect([path, text.trim() === text && text !== '']).toEqual([path, true]);
  });

  it('leave the same words to be filled in as English does', () => {
    const gaps = (of: ReadonlyMap<string, string>) => [...of].map(([path, text]) => `${path} ${gapsOf(text)}`);
    expect(gaps(texts)).toEqual(gaps(pathsOf(languages.en)));
  });

  it('are those of no other language', () => {
    for (const other of languageCodes.filter((one) => one !== code)) {
      const theirs = pathsOf(languages[other]);
      const same = [...texts].filter(([path, text]) => text.length > 25 && theirs.get(path) === text);
      expect(same).toEqual([]);
    }
  });
});

describe('the texts in French', () => {
  it('keep a colon, a semicolon and a question mark on the line of the word before', () => {
    for (const text of pathsOf(languages.fr).values()) {
      expect(text).not.toMatch(/[^\u00a0]:|[^\u202f][;?!]/);
    }
  });
});

describe('the formats', () => {
  const at = new Date('2026-12-01T08:05:00Z');

  it.each<[Language, string]>([
    ['en', '1 December 2026 at 08:05 UTC'],
    ['fr', '1 décembre 2026 à 08:05 UTC'],
    ['de', '1. Dezember 2026 um 08:05 UTC'],
    ['es', '1 de diciembre de 2026'],
    ['nl', '1 december 2026'],
    ['it', '1 dicembre 2026'],
    ['pt', '1 de dezembro de 2026'],
  ])('write a moment in %s with the name of its zone', (code, expected) => {
    const text = formatsFor('UTC')[code].moment(at).replace(/\s/g, ' ');
    expect(text).toContain(expected);
    expect(text).toContain('08:05 UTC');
  });

  it('tell the time of the zone that is set', () => {
    expect(formatsFor('Europe/Brussels').de.moment(at)).toContain('09:05 MEZ');
  });

  it.each([
    [1, '1 second'],
    [59, '59 seconds'],
    [60, '1 minute'],
    [61, '2 minutes'],
    [5400, '90 minutes'],
    [5401, '2 hours'],
  ])('say a wait of %i seconds as %s', (seconds, expected) => {
    expect(formatsFor('UTC').en.wait(seconds)).toBe(expected);
  });

  it('know time zones by their names', () => {
    expect(['UTC', 'Europe/Brussels', 'Mars/Base', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});
