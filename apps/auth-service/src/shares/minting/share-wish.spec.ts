import { type TermsWish, faultsOfTerms, needsExchange } from './share-wish.js';
import { gateableTypes } from '../links/viewer-links.js';

const now = Date.UTC(2030, 0, 1);
const wish = (more: Partial<TermsWish> = {}): TermsWish => ({
  type: 'stone-viewer-publication',
  notBefore: null,
  maxOpens: null,
  gate: null,
  link: null,
  download: false,
  noArchive: false,
  viewers: null,
  ...more,
});
const faultsOf = (more: Partial<TermsWish>, expiresAt: number | null = null): string[] =>
  faultsOfTerms(wish(more), expiresAt, now).map(({ field, problem }) => `${field} ${problem}`);
const pin = (text: string | null) => ({ kind: 'pin' as const, pin: text });

it.each<[string, Partial<TermsWish>, boolean]>([
  ['nothing', {}, false],
  ['a token', { link: 'token' }, false],
  ['a download alone', { download: true }, false],
  ['a begin', { notBefore: 0 }, true],
  ['a limit', { maxOpens: 1 }, true],
  ['a gate', { gate: pin(null) }, true],
  ['a gate behind a token', { gate: pin(null), link: 'token' }, true],
  ['a short link', { link: 'opaque' }, true],
])('with %s a share is exchanged: %s', (_title, more, exchanged) => expect(needsExchange(wish(more))).toBe(exchanged));

describe('what contradicts itself', () => {
  it('is an end or a begin that has passed, at the very millisecond', () => {
    expect(faultsOf({}, now)).toEqual(['expiresAt lies in the past']);
    expect(faultsOf({}, now + 1)).toEqual([]);
    expect(faultsOf({ notBefore: now })).toEqual(['notBefore lies in the past']);
    expect(faultsOf({ notBefore: now + 1 })).toEqual([]);
  });

  it('is a begin that is not before the end', () => {
    expect(faultsOf({ notBefore: now + 10 }, now + 10)).toEqual(['notBefore is not before expiresAt']);
    expect(faultsOf({ notBefore: now + 9 }, now + 10)).toEqual([]);
    expect(faultsOf({ notBefore: now + 9 }, null)).toEqual([]);
  });

  it.each(['111111', '000000000000', '123456', '0123456', '987654', '9876543210', '89012345'])(
    'is a PIN that anybody tries first: %s',
    (text) => expect(faultsOf({ gate: pin(text) })).toEqual(['gate.pin is among the first that anybody tries']),
  );

  it.each(['', '12345', '1234567890123', '12345a', '123 456', '１２３４５６', '482913\n'])(
    'is a PIN that is not 6 to 12 digits: %j',
    (text) => expect(faultsOf({ gate: pin(text) })).toEqual(['gate.pin is not 6 to 12 digits']),
  );

  it.each(['482913', '111112', '121212', '482913482913', '112233'])('is no other PIN: %s', (text) =>
    expect(faultsOf({ gate: pin(text) })).toEqual([]),
  );

  it('is a PIN for a gate that has none', () => {
    for (const kind of ['birth-date', 'email-code'] as const) {
      expect(faultsOf({ gate: { kind, pin: '482913' } })).toEqual([`gate.pin does not belong to the gate ${kind}`]);
      expect(faultsOf({ gate: { kind, pin: null } })).toEqual([]);
    }
  });

  it('is a type that opens by itself with anything that needs our page, and no other type', () => {
    const wishes: Partial<TermsWish>[] = [
      { gate: pin(null) },
      { maxOpens: 1 },
      { notBefore: now + 1 },
      { link: 'opaque' },
      { download: true },
    ];
    for (const more of wishes) {
      for (const type of ['viewer-instant-link', 'meddream-instant-link', 'inbox-link', '__proto__', ''])
        expect(faultsOf({ ...more, type })).toEqual([expect.stringMatching(/^type opens by itself/)]);
      for (const type of gateableTypes) expect(faultsOf({ ...more, type })).toEqual([]);
    }
    expect(faultsOf({ type: 'viewer-instant-link', link: 'token' })).toEqual([]);
  });

  it.each<[string, Partial<TermsWish>, string[]]>([
    ['of Stone', {}, []],
    ['of OHIF', { type: 'ohif-viewer-publication' }, []],
    ['beside a download', { download: true }, ['download contradicts noArchive']],
    [
      'of VolView, which reads archives',
      { type: 'volview-viewer-publication' },
      ['type cannot show images without downloading them'],
    ],
    [
      'that offers VolView',
      { viewers: ['ohif-viewer-publication', 'volview-viewer-publication'] },
      ['viewers holds one that cannot show images without downloading them'],
    ],
  ])('is what contradicts a share to be looked at only: one %s', (_title, more, faults) => {
    expect(faultsOf({ noArchive: true, ...more })).toEqual(faults);
  });

  it('is told all at once', () => {
    expect(faultsOf({ type: 'inbox-link', notBefore: now - 1, gate: pin('1') }, now - 2)).toHaveLength(5);
  });
});
