import { mailLanguages } from './mail-languages.js';
import { type LinkMessage, linkMessage } from './link-message.js';

const url = 'https://share.example.org/s/q9Zk3T0mP1xVb7yNnE5cRg';
const message = (more: Partial<LinkMessage> = {}) =>
  linkMessage({ url, language: 'en', sharedBy: 'Dr. Ada', expiresAt: Date.UTC(2030, 0, 2, 9, 5), gate: null, ...more });

describe('the message with a link', () => {
  it.each(mailLanguages)('in %s holds the address once, alone on its line, who shared and until when', (language) => {
    const { subject, text } = message({ language });
    expect(text.split(url)).toHaveLength(2);
    expect(text).toContain(`\n    ${url}\n`);
    expect(text).toContain('Dr. Ada');
    expect(text).toMatch(/2030.*(9|09)[:.]05.* UTC/);
    for (const secret of [url, 'Dr. Ada']) expect(subject).not.toContain(secret);
    if (language !== 'en') expect(text).not.toBe(message().text);
  });

  it.each(mailLanguages)('in %s says of a PIN that it comes by another way, and of no other gate', (language) => {
    expect(message({ language, gate: 'pin' }).text).toMatch(/PIN|pincode/);
    for (const gate of [null, 'birth-date', 'email-code'])
      expect(message({ language, gate }).text).not.toMatch(/PIN|pincode/);
  });

  it('leaves out what is not known: neither a sharer nor an end', () => {
    const { text } = message({ sharedBy: null, expiresAt: null });
    expect(text).toContain('Medical images were shared with you.');
    expect(text).not.toMatch(/null|undefined|UTC|until/);
  });

  it('is in the language that is asked for, else in English', () => {
    for (const [asked, language] of [
      ['fr-BE', 'fr'],
      ['DE', 'de'],
      ['pt_BR', 'pt'],
      ['xx', 'en'],
      ['', 'en'],
      [null, 'en'],
      ['__proto__', 'en'],
    ] as const)
      expect([asked, message({ language: asked })]).toEqual([asked, message({ language })]);
  });

  it('is plain text alone, so that the address can be read before it is opened', () => {
    expect(Object.keys(message()).sort()).toEqual(['subject', 'text']);
  });
});
