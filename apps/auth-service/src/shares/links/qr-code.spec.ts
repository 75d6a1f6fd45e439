import { qrCodeOf } from './qr-code.js';

const url = (length: number): string => 'https://share.example.org/s/'.padEnd(length, 'a');
/** Modules of one side, the quiet zone included. */
const sideOf = (svg: string | Buffer): number => Number(/viewBox="0 0 (\d+) \d+"/.exec(svg.toString())?.[1]);

it('is an SVG, black on white, with four modules of quiet around (ISO/IEC 18004)', async () => {
  const svg = await qrCodeOf(url(50), 'svg');
  expect(svg).toContain('<path fill="#ffffff"');
  expect(svg).toContain('stroke="#000000"');
  // 50 characters at level M: version 4, 33 modules.
  expect(sideOf(svg)).toBe(33 + 8);
});

it('is a PNG of six dots a module', async () => {
  const png = (await qrCodeOf(url(50), 'png')) as Buffer;
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([41 * 6, 41 * 6]);
});

it('corrects less of a long link, so that it does not grow at once', async () => {
  const [short, long] = await Promise.all([qrCodeOf(url(800), 'svg'), qrCodeOf(url(801), 'svg')]);
  expect(sideOf(long)).toBeLessThan(sideOf(short));
});

it('holds 2953 bytes and refuses what is longer; a link that is none has no code', async () => {
  expect(sideOf(await qrCodeOf(url(2_953), 'svg'))).toBe(177 + 8);
  await expect(qrCodeOf(url(2_954), 'svg')).rejects.toMatchObject({ code: 'link-too-long' });
  await expect(qrCodeOf(`${url(2_952)}é`, 'svg')).rejects.toMatchObject({ code: 'link-too-long' });
  await expect(qrCodeOf(null, 'png')).rejects.toMatchObject({ code: 'share-without-link' });
});
