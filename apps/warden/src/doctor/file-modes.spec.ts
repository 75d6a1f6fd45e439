import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modeOf, openToEveryone } from './file-modes.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warden-modes-'));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  for (const one of ['', 'a', 'a/b']) chmodSync(join(folder, one), 0o755);
  writeFileSync(join(folder, 'a/b/secret'), 'x');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each<[string, number, [string, number], boolean]>([
  ['by its mode, in folders that everyone may pass', 0o644, ['a', 0o755], true],
  ['not without the mode', 0o640, ['a', 0o755], false],
  ['not in a folder that others cannot pass', 0o644, ['a/b', 0o700], false],
  ['not beneath one either', 0o644, ['a', 0o750], false],
  ['in a folder that can be passed and not listed', 0o644, ['a', 0o711], true],
])('a file is readable by everyone: %s', (_title, mode, [name, folderMode], open) => {
  chmodSync(join(folder, 'a/b/secret'), mode);
  chmodSync(join(folder, name), folderMode);
  expect(openToEveryone(modeOf(join(folder, 'a/b/secret')))).toBe(open);
});
