import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPresent, isErrno } from './embedded-tools.js';

interface Holder {
  readonly path: string;
  /** Digest of the file's text, which carries a random part: names this one holder for ever. */
  readonly id: string;
  readonly pid: number | undefined;
  readonly started: string | undefined;
}

/**
 * Takes `warden.lock` in a folder, so that one process of ours works on it at a time. Returns the function that gives it back.
 * Throws when a living process holds it. Guards processes of one machine (one pid namespace), not a folder shared by several.
 *
 * A dead holder is succeeded without a gap in which two can win: whoever first creates `warden.lock.after-<id of the dead>`
 * is the successor; it checks that the dead one is still the last of the line, then moves its file over `warden.lock`.
 * An id never comes back, so a successor to somebody who is no longer in the line finds out and starts again.
 */
export async function acquireLock(folder: string): Promise<() => Promise<void>> {
  const root = join(folder, 'warden.lock');
  const random = randomBytes(12).toString('hex');
  const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid) ?? null, random });
  const draft = `${root}.draft-${random}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (await take(root, draft, idOf(text))) return () => release(root, idOf(text));
    }
    throw new Error(`The lock ${root} keeps changing hands: is something starting the service in a loop?`);
  } finally {
    await rm(draft, { force: true });
  }
}

async function take(root: string, draft: string, mine: string): Promise<boolean> {
  const line = await readLine(root);
  const last = line.at(-1);
  if (!last) return linkIfAbsent(draft, root);
  if (isAlive(last)) throw new Error(heldMessage(root, last));

  const claim = `${root}.after-${last.id}`;
  if (!(await linkIfAbsent(draft, claim))) return false;
  if ((await readLine(root)).at(-1)?.id !== mine) {
    await rm(claim, { force: true });
    return false;
  }
  await rename(claim, root);
  await Promise.all(line.slice(1).map(({ path }) => rm(path, { force: true })));
  return true;
}

/** The holder and, behind it, successors that died before they could move their file into its place. */
async function readLine(root: string): Promise<Holder[]> {
  const line: Holder[] = [];
  for (let path = root; ; path = `${root}.after-${line.at(-1)?.id}`) {
    const text = await ifPresent(readFile(path, 'utf8'));
    if (text === undefined) return line;
    line.push({ path, id: idOf(text), ...parse(text) });
  }
}

function parse(text: string): Pick<Holder, 'pid' | 'started'> {
  // An unreadable file is what a power cut leaves: nobody alive wrote it, since a lock appears with its full text.
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return {
    pid: Number.isSafeInteger(fields['pid']) && Number(fields['pid']) > 0 ? Number(fields['pid']) : undefined,
    started: typeof fields['started'] === 'string' ? fields['started'] : undefined,
  };
}

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

async function linkIfAbsent(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function release(root: string, mine: string): Promise<void> {
  const text = await ifPresent(readFile(root, 'utf8'));
  if (text !== undefined && idOf(text) === mine) await rm(root, { force: true });
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === undefined || !processExists(holder.pid)) return false;
  const started = startOf(holder.pid);
  return started === undefined || holder.started === undefined || started === holder.started;
}

/** True for a running process of any user; a zombie counts as gone. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isErrno(error, 'EPERM')) return false;
  }
  const state = statFields(pid)?.[0];
  return state !== 'Z' && state !== 'X';
}

/** What tells this process from a later one with the same pid; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  const ticks = statFields(pid)?.[19]; // field 22 of proc_pid_stat(5), counted from the state, field 3
  if (ticks === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
}

function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name in parentheses may hold anything
  } catch {
    return undefined;
  }
}

const heldMessage = (root: string, holder: Holder): string =>
  `Another orthanc-warden (process ${holder.pid}) is using this data folder: ${root}. ` +
  `Stop that process first, or give this one a DATA_DIR of its own; several replicas need one DATABASE_URL.`;
