import { parseExchanged, parseInspection, parseProblem, parseRetryAfter } from './link-answers.js';

const live = {
  state: 'live',
  closedBy: null,
  opening: 'confirm',
  gate: 'pin',
  codeSentTo: null,
  sharedBy: 'Dr. Ada',
  studies: 2,
  opensAt: null,
  expiresAt: '2026-12-01T08:00:00.000Z',
  language: 'fr',
  viewers: [{ id: 'stone-viewer-publication', name: 'Stone Web Viewer', url: null }],
  download: false,
};
const text = (members: object) => JSON.stringify({ ...live, ...members });

describe('parseInspection', () => {
  it('reads a live link', () => {
    expect(parseInspection(text({}))).toEqual({
      state: 'live',
      language: 'fr',
      link: {
        opening: 'confirm',
        gate: 'pin',
        codeSentTo: null,
        sharedBy: 'Dr. Ada',
        studies: 2,
        expiresAt: new Date('2026-12-01T08:00:00.000Z'),
        viewers: live.viewers,
        download: false,
      },
    });
  });

  it.each(['expired', 'revoked', 'viewer-expired', 'invalid', 'unavailable'])('reads that a link is %s', (state) => {
    expect(parseInspection(text({ state, opening: null, gate: null }))).toEqual({ state, language: 'fr' });
  });

  it('reads what a closed and a scheduled link tell', () => {
    expect(parseInspection(text({ state: 'closed', closedBy: 'locked' }))).toMatchObject({ closedBy: 'locked' });
    const opensAt = '2026-12-01T08:00:00Z';
    expect(parseInspection(text({ state: 'scheduled', opensAt }))).toMatchObject({ opensAt: new Date(opensAt) });
  });

  it('keeps names short, on one line and in their direction', () => {
    const sharedBy = `Dr.\nAda\u202e${'x'.repeat(1000)}`;
    expect(parseInspection(text({ sharedBy }))).toMatchObject({ link: { sharedBy: `Dr. Ada ${'x'.repeat(192)}` } });
  });

  it.each([
    '',
    '<html>',
    'null',
    '[]',
    '"live"',
    '{}',
    text({ state: 'open' }),
    text({ state: null }),
    text({ state: 'closed', closedBy: null }),
    text({ state: 'closed', closedBy: 'tired' }),
    text({ state: 'scheduled', opensAt: 'tomorrow' }),
    text({ opening: null }),
    text({ opening: 'at once' }),
    text({ gate: null }),
    text({ gate: 'retina' }),
    text({ opening: 'direct', gate: 'pin' }),
    text({ download: null }),
    text({ download: 'yes' }),
    text({ studies: -1 }),
    text({ studies: '2' }),
    text({ studies: 1.5 }),
    text({ expiresAt: 1 }),
    text({ expiresAt: '2026-13-01T08:00:00Z' }),
    text({ expiresAt: '2026-12-01T08:00:00' }),
    text({ sharedBy: { name: 'a' } }),
    text({ language: 7 }),
    text({ codeSentTo: 7 }),
    text({ viewers: null }),
    text({ viewers: {} }),
    text({ viewers: ['stone'] }),
    text({ viewers: [{ id: 'a b', name: 'A', url: null }] }),
    text({ viewers: [{ id: 'a', name: '', url: null }] }),
    text({ viewers: [{ id: 'a', name: 'A', url: 5 }] }),
    text({ viewers: Array.from({ length: 21 }, (_, at) => ({ id: `v${at}`, name: 'V', url: null })) }),
  ])('does not understand %.200s', (answer) => {
    expect(parseInspection(answer)).toBeUndefined();
  });
});

describe('an answer of an exchange', () => {
  it('is an address, or not understood', () => {
    expect(parseExchanged('{"url":"https://a/","expiresAt":"x"}')).toBe('https://a/');
    for (const answer of ['', '[]', '{}', '{"url":null}', '{"url":["https://a/"]}'])
      expect(parseExchanged(answer)).toBeUndefined();
  });

  it('is a problem by its code, and by nothing else', () => {
    expect(parseProblem('{"code":"gate-refused","title":"no"}')).toBe('gate-refused');
    for (const answer of ['', '{}', '{"code":"new"}', '{"code":["gates-busy"]}', '{"title":"gates-busy"}'])
      expect(parseProblem(answer)).toBeUndefined();
  });

  it.each([
    ['30', 30],
    ['86400', 86400],
    ['0', undefined],
    ['86401', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [null, undefined],
  ])('asks to wait %s', (header, expected) => {
    expect(parseRetryAfter(header)).toBe(expected);
  });
});
