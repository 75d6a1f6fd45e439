import { csvRow } from './csv.js';

it.each<[string, string, string]>([
  ['a plain text stays as it is', 'Dr. Ada', 'Dr. Ada'],
  ['a text beyond ASCII stays as it is', 'Zoë 王', 'Zoë 王'],
  ['a comma is quoted', 'a,b', '"a,b"'],
  ['a quote is doubled', 'a"b', '"a""b"'],
  ['a line break is quoted', 'a\nb', '"a\nb"'],
  ['a formula is none any more', '=1+1', "'=1+1"],
  ['nor one that begins with +', '+1', "'+1"],
  ['nor with -', '-1', "'-1"],
  ['nor with @', '@SUM(A1)', "'@SUM(A1)"],
  ['nor with a tab', '\t=1', "'\t=1"],
  ['nor with CR', '\r=1', '"\'\r=1"'],
  ['nor with LF', '\n=1', '"\'\n=1"'],
  ['a sign within a text is none', 'a=b', 'a=b'],
])('%s', (_title, cell, written) => {
  expect(csvRow([cell, 'end'])).toBe(`${written},end\r\n`);
});

it('writes nothing for null, and what is no text as a text', () => {
  expect(csvRow([null, true, 7, ''])).toBe(',true,7,\r\n');
});
