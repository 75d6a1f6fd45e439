import { jsonText, sheet, table } from './output.js';

it('a table has columns as wide as they need to be, and no blanks at the end of a line', () => {
  expect(
    table(
      ['ID', 'LABEL'],
      [
        ['a-long-id', ''],
        ['b', 'two words'],
      ],
    ),
  ).toBe('ID         LABEL\na-long-id\nb          two words\n');
  expect(table(['ID'], [])).toBe('ID\n');
});

it('what a stranger wrote neither moves the cursor nor turns the reading direction', () => {
  const hostile = 'a\u001b[2J\u009b1m\u202eb\nc';
  expect(table(['X'], [[hostile]])).toBe('X\na\ufffd[2J\ufffd1m\ufffdb\ufffdc\n');
  const sheetText = sheet([['X', hostile]]);
  for (const one of ['\u001b', '\u009b', '\u202e']) expect(sheetText + jsonText({ hostile })).not.toContain(one);
  expect(JSON.parse(jsonText({ hostile }))).toEqual({ hostile });
});
