import { type SyslogOrigin, octetCounted, toSyslogMessage } from './syslog-frame.js';

const origin: SyslogOrigin = {
  hostName: 'warden.hospital.example',
  appName: 'orthanc-warden',
  processId: '4711',
  messageId: 'IHE+RFC-3881',
  byteOrderMark: false,
};
const at = Date.UTC(2026, 0, 5, 10, 20, 30, 123);
const written = (more: Partial<SyslogOrigin> = {}, text = '<AuditMessage/>', failed = false): string =>
  toSyslogMessage({ at, failed, text }, { ...origin, ...more }).toString();
const header = '2026-01-05T10:20:30.123Z warden.hospital.example orthanc-warden 4711 IHE+RFC-3881 -';

describe('a message', () => {
  it('is a header, nil structured data, and the text as it is', () => {
    expect(written()).toBe(`<85>1 ${header} <AuditMessage/>`);
  });

  it('is a notice of security when it tells of success, and a warning when it does not', () => {
    expect(written({}, 'x', false)).toMatch(/^<85>1 /);
    expect(written({}, 'x', true)).toMatch(/^<84>1 /);
  });

  it('may name the message as DICOM does', () => {
    expect(written({ messageId: 'DICOM+RFC3881' })).toContain(' 4711 DICOM+RFC3881 - <');
  });

  it('begins its text with a byte order mark where that is asked for', () => {
    const message = toSyslogMessage({ at, failed: false, text: 'é' }, { ...origin, byteOrderMark: true });
    expect(message.subarray(-6)).toEqual(Buffer.from([0x20, 0xef, 0xbb, 0xbf, 0xc3, 0xa9]));
  });

  it.each<[keyof SyslogOrigin, number]>([
    ['hostName', 255],
    ['appName', 48],
    ['processId', 128],
    ['messageId', 32],
  ])('has a %s of at most %i characters', (name, longest) => {
    const value = 'x'.repeat(longest);
    expect(written({ [name]: value })).toContain(` ${value} `);
    expect(written({ [name]: `${value}y` })).toContain(` ${value} `);
  });

  it.each([
    ['a space', 'a b', 'a_b'],
    ['a line end', 'a\r\nb', 'a__b'],
    ['a letter beyond ASCII', 'Bücher😀', 'B_cher_'],
    ['a control character', 'a\0\x7f', 'a__'],
    ['nothing', '', '-'],
  ])('keeps its fields apart when one holds %s', (_title, value, expected) => {
    expect(written({ appName: value }).split(' ')).toHaveLength(8);
    expect(written({ appName: value })).toContain(` ${expected} 4711 `);
  });

  it('has no moment where RFC 3339 cannot say it', () => {
    for (const moment of [8.64e15, -8.64e15, Number.NaN])
      expect(toSyslogMessage({ at: moment, failed: false, text: 'x' }, origin).toString()).toMatch(/^<85>1 - warden/);
  });

  it('is counted in octets, not in characters', () => {
    const message = Buffer.from('é😀');
    expect(octetCounted(message)).toEqual(Buffer.concat([Buffer.from('6 '), message]));
  });
});
