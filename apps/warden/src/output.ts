/** Characters that a terminal obeys or that turn the reading direction: a label in a list may have been written by a stranger. */
const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

export function safeText(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

/** JSON for scripts. What a terminal would obey stays readable as an escape. */
export function jsonText(value: unknown): string {
  const escaped = (character: string) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value, null, 2).replace(unprintable, escaped)}\n`;
}

/** Columns as wide as they need to be, two spaces apart. Nothing but the heads when there is no row. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heads, ...rows.map((row) => row.map(safeText))];
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Names and values, one a line. */
export function sheet(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${safeText(value)}\n`).join('');
}

/** `2026-11-21 08:00Z`: seconds are for --json. */
export function shortTime(iso: string | null, never = 'never'): string {
  return iso === null ? never : `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;
}
