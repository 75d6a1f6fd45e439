import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed, WrongUsage } from '../failures.js';
import type { Surroundings } from '../surroundings.js';
import { nginxCommand } from './nginx.command.js';
import { renderNginx } from './render-nginx.js';

describe('warden nginx', () => {
  let userDir: string;
  let said: string;
  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'warden-nginx-command-'));
    said = '';
  });
  afterEach(() => rmSync(userDir, { recursive: true }));

  const run = async (...args: string[]) =>
    nginxCommand.execute(args, { userDir, out: (text: string) => (said += text) } as unknown as Surroundings);

  it('writes the files of the choice, and names them', async () => {
    await expect(run('--out', 'etc', '--set', 'ENABLE_HTTPS=true', '--set', 'PROXY_READ_TIMEOUT=600')).resolves.toBe(0);

    const files = renderNginx({ ENABLE_HTTPS: 'true', PROXY_READ_TIMEOUT: '600' });
    for (const { path, text } of files) expect(readFileSync(join(userDir, 'etc', path), 'utf8')).toBe(text);
    expect(said).toBe(files.map(({ path }) => `etc/${path}\n`).join(''));
  });

  it('takes away what an earlier choice wrote', async () => {
    await run('--out', 'etc', '--set', 'ENABLE_KEYCLOAK=true');
    expect(existsSync(join(userDir, 'etc/warden/routes/keycloak.conf'))).toBe(true);
    await run('--out', 'etc', '--set', 'ENABLE_HTTPS=true');

    expect(existsSync(join(userDir, 'etc/warden/routes/keycloak.conf'))).toBe(false);
    expect(existsSync(join(userDir, 'etc/warden/servers/http.conf'))).toBe(false);
  });

  it('leaves an nginx.conf of somebody else alone unless told', async () => {
    writeFileSync(join(userDir, 'nginx.conf'), '# mine\n');

    await expect(run('--out', '.')).rejects.toThrow(CommandFailed);
    expect(readFileSync(join(userDir, 'nginx.conf'), 'utf8')).toBe('# mine\n');
    await expect(run('--out', '.', '--force')).resolves.toBe(0);
    await expect(run('--out', '.')).resolves.toBe(0);
  });

  it.each([
    [['--set', 'ENABLE_HTTPS']],
    [['--set', 'enable=true']],
    [['--set', 'ENABLE_HTTPS=true', '--set', 'ENABLE_HTTPS=false']],
    [['--set', 'HTTP_PORT=80;']],
    [['--set', 'NO_SUCH=1']],
  ])('writes nothing for %j, and never repeats a value', async (args) => {
    const failure = await run('--out', 'etc', ...args).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(WrongUsage);
    expect((failure as Error).message).not.toMatch(/80;/);
    expect(existsSync(join(userDir, 'etc'))).toBe(false);
  });

  it('says so when nginx.conf is no file', async () => {
    mkdirSync(join(userDir, 'etc/nginx.conf'), { recursive: true });

    await expect(run('--out', 'etc')).rejects.toThrow('etc/nginx.conf cannot be read (EISDIR).');
  });

  it('says so when the folder cannot be written', async () => {
    writeFileSync(join(userDir, 'file'), '');

    await expect(run('--out', 'file/etc')).rejects.toThrow('file/etc cannot be written (ENOTDIR).');
  });
});
