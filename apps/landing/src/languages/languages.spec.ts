import { pageNames } from './messages.js';
import { chooseLanguage, languageCodes, languages } from './languages.js';

describe('chooseLanguage', () => {
  it.each([
    [undefined, undefined, 'en'],
    [undefined, '', 'en'],
    [undefined, 'fr', 'fr'],
    [undefined, 'fr-CA', 'fr'],
    [undefined, 'FR-be;q=0.9, en;q=0.8', 'fr'],
    [undefined, 'fr;q=0.5, en;q=0.8', 'en'],
    [undefined, 'de-DE,de;q=0.9,fr;q=0.5,en;q=0.3', 'fr'],
    [undefined, 'de, nl', 'en'],
    [undefined, '*', 'en'],
    [undefined, 'en;q=0, *', 'fr'],
    [undefined, 'fr;q=0', 'en'],
    [undefined, 'fr;q=2, en;q=0.1', 'en'],
    [undefined, 'fr;q=banana', 'en'],
    [undefined, 'fri, frq', 'en'],
    [undefined, ',;,q=1;;', 'en'],
    [undefined, `${'xx,'.repeat(100_000)}fr`, 'en'],
    ['fr', 'en', 'fr'],
    ['FR-ca', 'en', 'fr'],
    ['de', 'fr', 'fr'],
    ['__proto__', undefined, 'en'],
    ['constructor', undefined, 'en'],
  ])('?lang=%s and Accept-Language %.40s give %s', (asked, header, expected) => {
    expect(chooseLanguage(asked, header)).toBe(expected);
  });
});

describe.each(languageCodes)('the texts in %s', (code) => {
  it('differ from page to page', () => {
    const headings = pageNames.map((page) => languages[code].pages[page].heading);
    expect(new Set(headings).size).toBe(pageNames.length);
  });

  it('use typographic apostrophes only', () => {
    expect(JSON.stringify(languages[code])).not.toContain("'");
  });
});
