import { codeMessage } from './code-message.js';
import { mailLanguages } from './mail-languages.js';

const message = (language: string | null, minutes = 10) => codeMessage({ code: '482913', minutes, language });

describe('the message with a code', () => {
  it.each(mailLanguages)('in %s tells the code and how long it is good, and names nothing to open', (language) => {
    const { subject, text, html = '' } = message(language);
    expect(subject).not.toContain('482913');
    for (const body of [text, html]) {
      expect(body.split('482913')).toHaveLength(2);
      expect(body).toMatch(/\b10\smin/i);
      expect(body).not.toMatch(/https?:|www\.|href|src=/i);
    }
    expect(html).toContain(`<html lang="${language}">`);
    if (language !== 'en') expect(text).not.toBe(message('en').text);
  });

  it('is in the language that the browser names, else in English', () => {
    for (const [asked, language] of [
      ['fr-BE', 'fr'],
      ['DE', 'de'],
      ['pt_BR', 'pt'],
      ['xx', 'en'],
      ['', 'en'],
      [null, 'en'],
      ['__proto__', 'en'],
      ['constructor', 'en'],
    ] as const)
      expect([asked, message(asked).subject]).toEqual([asked, message(language).subject]);
  });

  it('counts one minute as one', () => {
    expect(message('en', 1).text).toContain('1 minute.');
    expect(message('de', 1).text).toContain('1 Minute gültig');
    expect(message('de', 10).text).toContain('10 Minuten gültig');
  });

  it('escapes what stands in HTML', () => {
    const { html } = codeMessage({ code: '<b>&"', minutes: 10, language: 'fr' });
    expect(html).toContain('<strong>&#60;b&#62;&#38;&#34;</strong>');
  });
});
