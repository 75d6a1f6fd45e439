import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandFailed, WrongUsage } from '../failures.js';

export interface NewFile {
  /** Below the folder. */
  readonly path: string;
  readonly content: string | Buffer;
  /** A key or a password: 0600, or 0640 with the group. */
  readonly secret?: boolean;
  /** No group gets this one, nor its folder. */
  readonly ownerOnly?: boolean;
}

export interface WrittenFile {
  readonly path: string;
  readonly mode: string;
}

interface Options {
  readonly folder: string;
  readonly force: boolean;
  /** Whose service reads the keys. */
  readonly gid: number | undefined;
}

/** What is there already is replaced with --force only. */
export function refuseTaken(files: readonly NewFile[], { folder, force }: Pick<Options, 'folder' | 'force'>): void {
  const taken = files.map(({ path }) => join(folder, path)).filter((path) => existsSync(path));
  if (taken.length > 0 && !force)
    throw new CommandFailed(`${taken.join(', ')}: already there. Nothing was written; --force replaces.`);
}

/**
 * Writes all or, when one of them is there already, none. Each file appears whole, with its mode from the first byte on.
 * Folders are made with 0700, or 0750 where the group has to pass.
 */
export function writeFolder(files: readonly NewFile[], { folder, force, gid }: Options): WrittenFile[] {
  refuseTaken(files, { folder, force });
  return files.map((file) => {
    const group = file.ownerOnly ? undefined : gid;
    const mode = modeOf(file, group);
    const target = join(folder, file.path);
    prepareFolder(folder, gid);
    orSay(target, group, () => {
      makeFolder(dirname(target), group);
      writeWhole(target, file.content, mode, group);
    });
    return { path: target, mode: `0${mode.toString(8)}` };
  });
}

/** Makes the folder, for the group to pass. */
export function prepareFolder(folder: string, gid: number | undefined): void {
  orSay(folder, gid, () => makeFolder(folder, gid));
}

function orSay(target: string, group: number | undefined, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandFailed(
      code === 'EPERM' && group !== undefined
        ? `${target} cannot be given to the group. Be root, or one of the group.`
        : `${target} cannot be written (${code}).`,
    );
  }
}

function modeOf({ secret, ownerOnly }: NewFile, gid: number | undefined): number {
  if (!secret) return ownerOnly ? 0o600 : 0o644;
  return gid === undefined ? 0o600 : 0o640;
}

/** One that is there keeps its mode: it is somebody else's business. */
function makeFolder(folder: string, gid: number | undefined): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(resolve(folder)), gid);
  mkdirSync(folder, { mode: 0o700 });
  if (gid === undefined) return;
  chownSync(folder, -1, gid);
  chmodSync(folder, 0o750);
}

function writeWhole(target: string, content: string | Buffer, mode: number, gid: number | undefined): void {
  const beside = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(beside, content, { flag: 'wx', mode: 0o600 });
    if (gid !== undefined) chownSync(beside, -1, gid);
    chmodSync(beside, mode);
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** The number of a group that is given by name or by number. */
export function readGroup(text: string | undefined, groupFile = '/etc/group'): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const line = existsSync(groupFile)
    ? readFileSync(groupFile, 'utf8')
        .split('\n')
        .find((one) => one.startsWith(`${text}:`))
    : undefined;
  const gid = line?.split(':')[2];
  if (text === '' || gid === undefined)
    throw new WrongUsage('--group names no group of this machine. Give its number, if the files go to another one.');
  return Number(gid);
}
