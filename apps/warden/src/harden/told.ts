import { table } from '../output.js';
import type { WrittenFile } from './write-folder.js';

/** What was written, and what is to be done with it. */
export function writtenText(files: readonly WrittenFile[], steps: readonly string[]): string {
  const list = table(
    ['MODE', 'FILE'],
    files.map(({ mode, path }) => [mode, path]),
  );
  return `${list}\nWhat to do next:\n${steps.map((step, index) => `${index + 1}. ${step}\n`).join('')}`;
}

export const warningText = (warnings: readonly string[]) => warnings.map((one) => `Warning: ${one}\n`).join('');
