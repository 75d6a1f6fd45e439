import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../apps/warden/src/run.js';

export interface Told {
  code: number;
  out: string;
  err: string;
}

export interface WardenRun {
  /** Where it works and keeps files. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly migrate?: () => Promise<number>;
}

/** What somebody with the administrator's password at this service is known by. */
export const asAdministrator = (url: string): Record<string, string> => ({
  WARDEN_URL: url,
  WARDEN_USERNAME: 'admin',
  WARDEN_PASSWORD: 'admin-pwd',
});

/** One command of the command line, in this process. */
export async function runWarden(
  args: readonly string[],
  { folder, env, stdin = '', migrate }: WardenRun,
): Promise<Told> {
  const told: Told = { code: -1, out: '', err: '' };
  told.code = await run(args, {
    env,
    secretsDir: join(folder, 'none'),
    workingDir: folder,
    userDir: folder,
    stdin: Readable.from([stdin]),
    stdinIsTerminal: false,
    fetch,
    now: Date.now,
    out: (text) => (told.out += text),
    err: (text) => (told.err += text),
    migrate: migrate ?? (() => Promise.resolve(0)),
  });
  return told;
}
