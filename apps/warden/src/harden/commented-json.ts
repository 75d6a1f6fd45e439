/** One option of a JSON file, with the comment above it. */
export interface CommentedOption {
  readonly comment: string;
  readonly name: string;
  readonly value: unknown;
}

const longestLine = 110;

/** JSON as Orthanc reads it: each option below a comment that says what it is for. */
export function commentedJson(options: readonly CommentedOption[]): string {
  const blocks = options.map(({ comment, name, value }, index) => {
    const comma = index < options.length - 1 ? ',' : '';
    const lines = JSON.stringify(value, null, 2).replace(/\n/g, '\n  ');
    return `${wrap(comment, '  // ')}\n  ${JSON.stringify(name)}: ${lines}${comma}\n`;
  });
  return `{\n${blocks.join('\n')}}\n`;
}

/** A comment in lines, each behind its mark. */
export function wrap(text: string, mark: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || mark.length + last.length + 1 + word.length > longestLine) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => mark + line).join('\n');
}
