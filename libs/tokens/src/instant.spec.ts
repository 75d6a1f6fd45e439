import fc from 'fast-check';
import { formatPython, parseInstant, toEchoText, toTokenText } from './instant.js';

describe('parseInstant', () => {
  it.each([
    ['2099-01-01T00:00:00Z', '2099-01-01T00:00:00.000Z'],
    ['2099-01-01T00:00:00+00:00', '2099-01-01T00:00:00.000Z'],
    ['2099-01-01T00:00:00-00:00', '2099-01-01T00:00:00.000Z'],
    ['2099-01-01 00:00:00Z', '2099-01-01T00:00:00.000Z'],
    ['2099-01-01T00:00:00+02:00', '2098-12-31T22:00:00.000Z'],
    ['2099-01-01T00:00:00-23:59', '2099-01-01T23:59:00.000Z'],
    ['2024-02-29T23:59:59.1Z', '2024-02-29T23:59:59.100Z'],
    ['2099-01-01T00:00:00.123456+00:00', '2099-01-01T00:00:00.123Z'],
    ['2099-01-01T00:00:00.999999999Z', '2099-01-01T00:00:00.999Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0099-06-01T00:00:00Z', '0099-06-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s', (text, iso) => {
    expect(parseInstant(text)).toEqual({ epochMs: Date.parse(iso), text });
  });

  it.each([
    ['a date without a time', '2099-01-01'],
    ['a time without an offset', '2099-01-01T00:00:00'],
    ['a fraction without an offset', '2099-01-01T00:00:00.5'],
    ['30 February', '2024-02-30T00:00:00Z'],
    ['29 February of a common year', '2023-02-29T00:00:00Z'],
    ['29 February 1900', '1900-02-29T00:00:00Z'],
    ['31 April', '2024-04-31T00:00:00Z'],
    ['month 0', '2024-00-01T00:00:00Z'],
    ['month 13', '2024-13-01T00:00:00Z'],
    ['day 0', '2024-01-00T00:00:00Z'],
    ['year 0', '0000-01-01T00:00:00Z'],
    ['a year of five digits', '+10000-01-01T00:00:00Z'],
    ['hour 24', '2024-01-01T24:00:00Z'],
    ['minute 60', '2024-01-01T00:60:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['no seconds', '2024-01-01T00:00Z'],
    ['ten digits of fraction', '2024-01-01T00:00:00.1234567890Z'],
    ['an empty fraction', '2024-01-01T00:00:00.Z'],
    ['an offset of a day', '2024-01-01T00:00:00+24:00'],
    ['an offset of 60 minutes', '2024-01-01T00:00:00+01:60'],
    ['an offset without a colon', '2024-01-01T00:00:00+0100'],
    ['a small z', '2024-01-01T00:00:00z'],
    ['a line feed at the end', '2024-01-01T00:00:00Z\n'],
    ['a blank in front', ' 2024-01-01T00:00:00Z'],
    ['digits of another script', '２０24-01-01T00:00:00Z'],
    ['a word', 'tomorrow'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseInstant(text)).toBeNull();
      }),
    );
  });
});

describe('the forms of the incumbent', () => {
  it.each([
    ['2099-01-01T00:00:00Z', '2099-01-01T00:00:00+00:00', '2099-01-01T00:00:00Z'],
    ['2099-01-01T00:00:00.123Z', '2099-01-01T00:00:00.123000+00:00', '2099-01-01T00:00:00.123000Z'],
    ['2099-01-01T00:00:00+02:00', '2099-01-01T00:00:00+02:00', '2099-01-01T00:00:00+02:00'],
  ])('are the recorded ones for %s', (text, inToken, inEcho) => {
    expect(toTokenText(text)).toBe(inToken);
    expect(toEchoText(text)).toBe(inEcho);
  });

  it.each([
    ['2099-01-01 00:00:00Z', '2099-01-01T00:00:00+00:00', '2099-01-01T00:00:00Z'],
    ['2099-01-01T00:00:00.000Z', '2099-01-01T00:00:00+00:00', '2099-01-01T00:00:00Z'],
    ['2099-01-01T00:00:00.0000009Z', '2099-01-01T00:00:00+00:00', '2099-01-01T00:00:00Z'],
    ['2099-01-01T00:00:00.123456789Z', '2099-01-01T00:00:00.123456+00:00', '2099-01-01T00:00:00.123456Z'],
    ['2099-01-01T00:00:00-00:00', '2099-01-01T00:00:00+00:00', '2099-01-01T00:00:00Z'],
    ['2099-01-01T00:00:00-05:30', '2099-01-01T00:00:00-05:30', '2099-01-01T00:00:00-05:30'],
  ])('are those of Python for %s', (text, inToken, inEcho) => {
    expect(toTokenText(text)).toBe(inToken);
    expect(toEchoText(text)).toBe(inEcho);
  });

  it('leave alone what is not an instant', () => {
    expect(toTokenText('2099-01-01')).toBe('2099-01-01');
    expect(toEchoText('tomorrow')).toBe('tomorrow');
  });
});

describe('formatPython', () => {
  it.each([
    [Date.UTC(2099, 0, 1), 0, '2099-01-01T00:00:00+00:00'],
    [Date.UTC(2099, 0, 1, 0, 0, 0, 123), 0, '2099-01-01T00:00:00.123000+00:00'],
    [Date.UTC(2099, 0, 1), 120, '2099-01-01T02:00:00+02:00'],
    [Date.UTC(2099, 0, 1), -330, '2098-12-31T18:30:00-05:30'],
    [Date.UTC(2099, 0, 1) + 0.7, 0, '2099-01-01T00:00:00+00:00'],
  ])('writes %d at offset %d as %s', (epochMs, offset, text) => {
    expect(formatPython(epochMs, offset)).toBe(text);
  });

  it('writes what parseInstant reads back, and what the payload form leaves alone', () => {
    const moments = fc.integer({ min: Date.parse('0002-01-01T00:00:00Z'), max: Date.parse('9998-12-31T00:00:00Z') });
    fc.assert(
      fc.property(moments, fc.integer({ min: -1439, max: 1439 }), (epochMs, offset) => {
        const text = formatPython(epochMs, offset);
        expect(parseInstant(text)?.epochMs).toBe(epochMs);
        expect(toTokenText(text)).toBe(text);
      }),
    );
  });

  it.each([[Number.NaN], [Infinity], [8.64e15], [Date.parse('0001-01-01T00:00:00Z') - 1], [Date.UTC(10000, 0, 1)]])(
    'refuses the moment %d',
    (epochMs) => {
      expect(() => formatPython(epochMs)).toThrow(RangeError);
    },
  );

  it.each([[1440], [-1440], [0.5]])('refuses the offset %d', (offset) => {
    expect(() => formatPython(0, offset)).toThrow(RangeError);
  });
});
