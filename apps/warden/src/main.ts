import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { run } from './run.js';

// eslint-disable-next-line no-restricted-properties -- this file is the command line's one reader of the environment
const env = process.env;

// Somebody has read enough of a list (`| head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(process.argv.slice(2), {
  env,
  secretsDir: '/run/secrets',
  workingDir: process.cwd(),
  // npm goes to the folder of package.json first; the user's files are where the user is.
  userDir: (env['npm_lifecycle_event'] === 'warden' ? env['INIT_CWD'] : undefined) ?? process.cwd(),
  stdin: process.stdin,
  stdinIsTerminal: process.stdin.isTTY,
  fetch,
  now: Date.now,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  migrate,
});

/** The service's migrator in a process of its own: it reads its settings itself, and nothing of it is loaded here. */
function migrate(): Promise<number> {
  const script = fileURLToPath(new URL('../../auth-service/src/migrate.js', import.meta.url));
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
