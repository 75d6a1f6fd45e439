import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import ts from 'typescript';
import { MakeCheckpoint } from '../../apps/auth-service/src/audit/proof/make-checkpoint.usecase.js';
import { SealEvents } from '../../apps/auth-service/src/audit/sealing/seal-events.usecase.js';
import { type Told, asAdministrator, runWarden } from '../support/run-warden.js';
import { type TestService, adminCredentials, basic, startTestService } from '../support/test-service.js';

let service: TestService;
let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warden-proof-'));
  service = await startTestService({ env: { AUDIT_CHECKPOINT_FILE: file('checkpoints'), AUDIT_ORIGIN: 'hospital' } });
  for (let round = 0; round < 3; round++) {
    const created = await service.call(
      'POST',
      '/api/v1/shares',
      { type: 'stone-viewer-publication', resources: [{ level: 'study', dicomUid: `1.2.${round}` }] },
      { authorization: adminCredentials },
    );
    expect(created.status).toBe(201);
  }
  await service.app.get(SealEvents).execute();
  await service.app.get(MakeCheckpoint).execute();
  writeFileSync(file('log'), service.lines.join('\n'));
  writeFileSync(
    file('verify-export.mjs'),
    ts.transpileModule(readFileSync('apps/warden/src/audit/verify-export.ts', 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    }).outputText,
  );
});
afterAll(async () => {
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

const warden = (args: string[], env: Record<string, string> = {}, stdin = ''): Promise<Told> =>
  runWarden(args, { folder, env: { ...asAdministrator(service.url), ...env }, stdin });

/** By an auditor who has this one file, and node. */
function alone(...args: string[]): Told {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file('verify-export.mjs'), ...args], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 15_000,
  });
  return { code: status ?? -1, out: stdout, err: stderr };
}

const keyId = (): string => {
  const line = service.lines.find((one) => one.includes('"audit-checkpoint"')) ?? '';
  return JSON.parse(JSON.parse(line).checkpoint).key;
};

describe('warden audit', () => {
  it('verifies what it asks the service for, with checkpoints from the log and the key that it is told', async () => {
    const told = await warden(['audit', 'verify', '--checkpoint', 'log', '--key', keyId()]);
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toContain('The record is whole.');
    expect(told.out).toMatch(/Checkpoints +1 of the export itself, 1 from outside/);
    expect(told.out).toContain(`${keyId()}, as given`);
    expect(told.out).toMatch(/^Record +hospital, exported/m);
    expect(await warden(['audit', 'verify', '--checkpoint', 'checkpoints'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 from outside'),
    });
  });

  it('exports to a file that nobody else reads, and verifies that', async () => {
    expect(await warden(['audit', 'export', '--out', 'record'])).toEqual({ code: 0, out: '', err: '' });
    expect(statSync(file('record')).mode & 0o777).toBe(0o600);
    expect(await warden(['audit', 'verify', 'record'])).toMatchObject({ code: 0, err: '' });
    const text = readFileSync(file('record'), 'utf8');
    expect(await warden(['audit', 'verify', '-'], {}, text)).toMatchObject({ code: 0, err: '' });
    expect((await warden(['audit', 'export', '--out', '-'])).out).toContain('"proof":1');
  });

  it('tells by the exit code whether it was tampered with, or cannot be told', async () => {
    await warden(['audit', 'export', '--out', 'record']);
    const text = readFileSync(file('record'), 'utf8');
    writeFileSync(file('edited'), text.replaceAll('basic:admin', 'basic:nimda'));
    const told = await warden(['audit', 'verify', 'edited']);
    expect(told.code).toBe(1);
    expect(told.out).toMatch(/^THE RECORD WAS TAMPERED WITH\.[^]*record-changed[^]*management, \d{4}-\d\d, number \d/);
    writeFileSync(file('cut'), text.slice(0, -50));
    expect(await warden(['audit', 'verify', 'cut'])).toMatchObject({
      code: 2,
      out: expect.stringContaining('cut-short'),
    });
    expect((await warden(['audit', 'verify', 'nothing-there'])).code).toBe(2);
    expect((await warden(['audit', 'verify'], { WARDEN_PASSWORD: 'wrong' })).code).toBe(2);
    expect((await warden(['audit', 'verify'], { WARDEN_URL: 'http://127.0.0.1:9' })).code).toBe(2);
  });

  it.each([
    [['--from', '2026-13']],
    [['--to', 'today']],
    [['--key', 'nobody']],
    [['--checkpoint', 'verify-export.mjs']],
    [['--checkpoint', 'nothing-there']],
    [['record', '--from', '2026-01']],
  ])('refuses %j as wrong usage', async (more) => {
    expect((await warden(['audit', 'verify', ...more])).code).toBe(2);
  });

  it('takes months', async () => {
    const month = new Date().toISOString().slice(0, 7);
    const told = await warden(['audit', 'verify', '--from', month, '--to', month]);
    expect(told.code).toBe(0);
    expect(told.out).toContain(`of the months ${month} to ${month}`);
  });
});

describe('the one file that verifies', () => {
  it('needs node alone', async () => {
    await warden(['audit', 'export', '--out', 'record']);
    const told = alone('record', '--checkpoint', 'log', '--key', keyId());
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toContain('The record is whole.');
  });

  it('tells by its exit code', async () => {
    await warden(['audit', 'export', '--out', 'record']);
    const text = readFileSync(file('record'), 'utf8');
    writeFileSync(file('edited'), text.replaceAll('basic:admin', 'basic:nimda'));
    writeFileSync(file('cut'), text.slice(0, -50));
    expect(alone('edited').code).toBe(1);
    expect(alone('cut').code).toBe(2);
    expect(alone('nothing-there').code).toBe(2);
    expect(alone().code).toBe(2);
    expect(alone('record', '--key', 'AAAAAAAAAAAA').code).toBe(1);
  });
});

describe('GET /api/v1/audit/proof', () => {
  it('is for those who may read the record, and is itself in it', async () => {
    expect((await service.call('GET', '/api/v1/audit/proof', undefined, { authorization: 'Basic eDp5' })).status).toBe(
      401,
    );
    const sharer = basic('sharer', 'sharer-pwd');
    expect((await service.call('GET', '/api/v1/audit/proof', undefined, { authorization: sharer })).status).toBe(403);
    const month = new Date().toISOString().slice(0, 7);
    const answer = await service.call('GET', `/api/v1/audit/proof?from=${month}`, undefined, {
      authorization: adminCredentials,
    });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-disposition': 'attachment; filename="record.ndjson"',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
    });
    const told = answer.text.split('\n').filter((line) => line.includes('"name":"audit.exported"'));
    expect(told.at(-1)).toContain(`from=${month}`);
    expect(answer.text.trimEnd().split('\n').at(-1)).toMatch(/^\{"end":\{"chains":4,"events":\d+,"checkpoints":1\}\}$/);
  });

  it.each(['from=2026', 'to=2026-00', 'month=2026-01'])('refuses %s', async (query) => {
    const answer = await service.call('GET', `/api/v1/audit/proof?${query}`, undefined, {
      authorization: adminCredentials,
    });
    expect(answer.status).toBe(400);
  });

  it('ends without its end when the database goes, and says so in the log', async () => {
    const admin = new pg.Client(service.database.adminUrl);
    await admin.connect();
    try {
      await admin.query('ALTER TABLE audit_personal RENAME TO audit_gone');
      const told = await warden(['audit', 'verify']);
      expect(told.code).toBe(2);
    } finally {
      await admin.query('ALTER TABLE audit_gone RENAME TO audit_personal');
      await admin.end();
    }
  });
});
