import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** The system user that PostgreSQL runs as when the service itself is root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface ToolRun {
  readonly limitMs: number;
  readonly account?: Account | undefined;
}

export interface ToolResult {
  /** Exit code; null when a signal or the time limit ended it. */
  readonly code: number | null;
  readonly output: string;
}

const KEPT_OUTPUT = 16_384;

/**
 * Runs one of PostgreSQL's programs to its end. Resolves for any exit code, rejects only when the program cannot be started.
 * It gets a session of its own, so that a Ctrl-C in the terminal reaches node alone, which then stops PostgreSQL in order.
 */
export function runTool(program: string, args: readonly string[], run: ToolRun): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/', // the one folder that every account can enter
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(run.account && { uid: run.account.uid, gid: run.account.gid }),
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);

    let lateClose: NodeJS.Timeout | undefined;
    const timeLimit = setTimeout(() => {
      output += `\n(ended after ${run.limitMs / 1000} s)`;
      killGroup(child.pid);
    }, run.limitMs);
    const finish = (code: number | null): void => {
      clearTimeout(timeLimit);
      clearTimeout(lateClose);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code, output: output.trim() });
    };
    child.once('error', (error) => {
      clearTimeout(timeLimit);
      reject(new Error(`${program} could not be run: ${error.message}`, { cause: error }));
    });
    // A server that inherited the pipe would hold "close" back for as long as it lives.
    child.once('exit', (code) => (lateClose = setTimeout(() => finish(code), 500)));
    child.once('close', (code) => finish(code));
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/**
 * Replaces a file as a whole, so that a crash leaves the old text or the new one. As root in a folder of another account
 * this also never writes through a symbolic link that the account may have planted there.
 */
export async function replaceFile(path: string, text: string, mode: number, account?: Account): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.chmod(mode);
      if (account) await file.chown(account.uid, account.gid);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Not by instanceof: jest gives tests an Error of their own, which node's file system does not throw. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

/** Turns "there is no such file" into undefined and lets every other fault through. */
export async function ifPresent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
