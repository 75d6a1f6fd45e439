import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../apps/warden/src/run.js';
import { type TestService, plainSettings, startTestService } from '../support/test-service.js';

const stone = 'stone-viewer-publication';
let service: TestService;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warden-command-line-'));
  service = await startTestService();
});
afterAll(async () => {
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  code: number;
  out: string;
  err: string;
}

/** One command, as somebody with the administrator's password writes it. */
async function warden(args: string[], stdin = '', env: Record<string, string> = {}): Promise<Told> {
  const told: Told = { code: -1, out: '', err: '' };
  told.code = await run(args, {
    env: {
      WARDEN_URL: service.url,
      ...('WARDEN_API_KEY' in env ? {} : { WARDEN_USERNAME: 'admin', WARDEN_PASSWORD: 'admin-pwd' }),
      SECRET_KEY: plainSettings.SECRET_KEY,
      ...env,
    },
    secretsDir: join(folder, 'none'),
    workingDir: folder,
    userDir: folder,
    stdin: Readable.from([stdin]),
    stdinIsTerminal: false,
    fetch,
    now: Date.now,
    out: (text) => (told.out += text),
    err: (text) => (told.err += text),
    migrate: () => Promise.resolve(0),
  });
  return told;
}

const done = async (...args: Parameters<typeof warden>): Promise<string> => {
  const { code, out, err } = await warden(...args);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return out;
};
const doneJson = async (args: string[], ...more: [string?, Record<string, string>?]): Promise<any> =>
  JSON.parse(await done([...args, '--json'], ...more));

const mint = (...more: string[]) => ['token', 'mint', '--type', stone, '--study', '1.2.3', ...more];

/** A link as orthanc-auth-service mints it. */
function incumbentToken(payload: object, key: string = plainSettings.SECRET_KEY): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({
    resources: [{ dicom_uid: '1.2.3', orthanc_id: null, url: null, level: 'study' }],
    type: stone,
    expiration_date: '2099-01-01T00:00:00+00:00',
    validity_duration: null,
    ...payload,
  })}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

describe('warden token and share', () => {
  it('mints a link, finds it in the list, shows it and ends it', async () => {
    const minted = await warden(mint('--label', 'by hand', '--for', '7d'));
    expect(minted).toMatchObject({ code: 0, err: expect.stringMatching(/^It expires 20\d\d-/) });
    expect(minted.out).toMatch(/^http:\/\/localhost\/shares\/\S+\n$/);

    const list = await done(['share', 'list']);
    expect(list).toMatch(/^ID +STATE +TYPE/);
    expect(list).toContain('by hand');
    expect(list).not.toContain('eyJ');
    const share = (await doneJson(['share', 'list', '--state', 'live'])).find((one: any) => one.label === 'by hand');
    expect(share.resources).toEqual([{ level: 'study', dicomUid: '1.2.3', orthancId: null, url: null }]);
    expect(await done(['share', 'show', share.id])).toMatch(/State +live\n/);

    expect(await done(['share', 'revoke', share.id, '--reason', 'wrong address'])).toMatch(/State +revoked\n/);
    expect(await doneJson(['share', 'list', '--state', 'revoked'])).toEqual([
      expect.objectContaining({ id: share.id, revokeReason: 'wrong address', revokedBy: 'basic:admin' }),
    ]);
  });

  it('shows as many as it is told, and says when there are more', async () => {
    for (const label of ['one', 'two', 'three']) await done(mint('--label', label));
    const two = await warden(['share', 'list', '--limit', '2', '--json']);
    expect(JSON.parse(two.out).map((one: any) => one.label)).toEqual(['three', 'two']);
    const told = await warden(['share', 'list', '--limit', '2']);
    expect(told.err).toContain('There are more');
    expect((await warden(['share', 'list', '--all'])).err).toBe('');
  });

  it('verifies a link offline: valid, of another key, expired', async () => {
    const { token, url } = await doneJson(mint('--label', 'offline'));
    expect(await done(['token', 'verify'], `${url}\n`)).toMatch(/^Valid\.\nType +stone-viewer-publication\n/);
    writeFileSync(join(folder, 'token'), `Bearer ${token}\n`);
    expect(await doneJson(['token', 'verify', '--token-file', 'token'])).toMatchObject({
      valid: true,
      label: 'offline',
    });

    const foreign = await warden(['token', 'verify'], token, { SECRET_KEY: 'another' });
    expect(foreign).toMatchObject({ code: 1, out: 'Not valid: none of the keys signed it.\n' });
    const rotated = {
      SECRET_KEY: 'another',
      SECRET_KEYS_PREVIOUS: JSON.stringify([{ key: plainSettings.SECRET_KEY }]),
    };
    expect(await done(['token', 'verify'], token, rotated)).toMatch(/^Valid/);
    const expired = incumbentToken({ expiration_date: '2020-01-01T00:00:00+00:00' });
    expect(await warden(['token', 'verify'], expired)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^Not valid: it has expired\.\n/),
    });
    expect(await warden(['token', 'verify'], 'no token')).toMatchObject({ code: 1, out: '' });
    expect(await warden(['token', 'verify'], `${token} ${expired}`)).toMatchObject({ code: 1, out: '' });
    expect(await warden(['token', 'verify'], token, { SECRET_KEY: '' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('give SECRET_KEY'),
    });
  });

  it('decodes a token, and calls verified only what a key of ours signed', async () => {
    const token = incumbentToken({ id: 'claims\u001b[2J' });
    const decoded = await doneJson(['token', 'decode'], token);
    expect(decoded).toMatchObject({ verified: true, header: { alg: 'HS256' }, claims: { type: stone } });
    const unknown = await done(['token', 'decode'], token, { SECRET_KEY: '' });
    expect(unknown).toMatch(/^not verified: SECRET_KEY is not given\n/);
    expect(unknown).not.toContain('\u001b');
    const foreign = await doneJson(['token', 'decode'], token, { SECRET_KEY: 'another' });
    expect(foreign).toMatchObject({ verified: false, standing: 'not verified: none of the keys signed it' });
  });
});

describe('warden roles', () => {
  it('exports what import takes back, keeps the versions, and refuses what is not valid', async () => {
    await done(['roles', 'export', 'permissions.json']);
    const document = JSON.parse(readFileSync(join(folder, 'permissions.json'), 'utf8'));
    expect(JSON.parse(await done(['roles', 'export']))).toEqual(document);

    document.roles.nurse = { permissions: ['view'], 'authorized-labels': ['*'] };
    writeFileSync(join(folder, 'permissions.json'), `// ours\n${JSON.stringify(document)}`);
    expect(await done(['roles', 'import', 'permissions.json'])).toMatch(/^Version \d+ is in force\. added nurse\.\n/);
    const [newest, before] = await doneJson(['roles', 'history']);
    expect(newest).toMatchObject({ madeBy: 'basic:admin', changes: { added: ['nurse'] } });
    expect(await done(['roles', 'history'])).toContain('added nurse.');

    const late = ['roles', 'import', 'permissions.json', '--if-version', String(before.version)];
    expect(await warden(late)).toMatchObject({ code: 1, err: expect.stringContaining('Another version') });
    const faulty = await warden(['roles', 'import', '-'], '{"roles": {"x": {"permissions": "all"}}}');
    expect(faulty).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^- roles/m) });
    expect(await warden(['roles', 'import', 'none.json'])).toMatchObject({
      code: 1,
      err: 'none.json cannot be read (ENOENT).\n',
    });
  });
});

describe('warden api-key', () => {
  it('makes a key, which works until it is revoked', async () => {
    const create = ['api-key', 'create', '--name', 'nightly', '--service', 'exporter', '--permission', 'share'];
    const made = await warden([...create, '--label', '*', '--expires', '2090-01-01T00:00:00Z']);
    expect(made.out).toMatch(/^owk_[a-z2-9]{12}_\S{43}\n$/);
    const key = { WARDEN_API_KEY: made.out.trim() };
    const [listed] = await doneJson(['api-key', 'list', '--state', 'live']);
    expect(made.err).toContain(listed.id);
    expect(listed).toMatchObject({ name: 'nightly', owner: { kind: 'service', name: 'exporter' }, labels: ['*'] });
    const list = await done(['api-key', 'list']);
    expect(list).toContain(`${listed.publicPart}…`);
    expect(list).not.toContain(made.out.trim());

    expect(await done(['share', 'list'], '', key)).toMatch(/^ID/);
    expect(await warden(['api-key', 'list'], '', key)).toMatchObject({
      code: 1,
      err: expect.stringContaining('The credentials came from WARDEN_API_KEY; use others that may do this.'),
    });
    await done(['api-key', 'revoke', listed.id, '--reason', 'only a test']);
    const refused = await warden(['share', 'list'], '', key);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('they are not known at') });
    expect(refused.err).not.toContain(key.WARDEN_API_KEY);
  });
});

describe('warden import', () => {
  const live = [1, 2, 3].map((index) => incumbentToken({ id: `imported ${index}` }));
  const untyped = incumbentToken({ id: 'untyped', type: null });
  const log = [
    `2024-01-01 10:00:00 INFO validating token, method='get', token_value='${live[0]}'`,
    `2024-01-01 10:00:01 INFO GET /orthanc/ui/app/token-landing.html?token=${live[1]}&x=1`,
    `2024-01-01 10:00:02 INFO validating token, method='get', token_value='${live[0]}'`,
    `{"token": "${live[2]}", "again": "${live[2]}="}`,
    untyped,
    incumbentToken({ id: 'over', expiration_date: '2020-01-01T00:00:00+00:00' }),
    incumbentToken({ id: 'foreign' }, 'the key of somebody else'),
  ].join('\n');

  it('enters live links of the incumbent once, tells the others apart, and prints no token', async () => {
    const known = (await doneJson(mint('--label', 'known'))).token;
    writeFileSync(join(folder, 'incumbent.log'), `${log}\n${known}\n`);
    const first = await warden(['import', 'incumbent.log']);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(
      Object.fromEntries(
        first.out
          .trimEnd()
          .split('\n')
          .map((line) => line.split(/ {2,}/)),
      ),
    ).toEqual({
      'Links found': '7',
      Registered: '4',
      'Already known': '1',
      Expired: '1',
      'Not ours': '1',
      'Not accepted': '0',
      'Not confirmed': '0',
    });
    expect(first.out).not.toContain('eyJ');
    const adopted = (await doneJson(['share', 'list', '--all'])).filter((one: any) => one.origin === 'adopted');
    expect(adopted.map((one: any) => one.label).sort()).toEqual(['imported 1', 'imported 2', 'imported 3', 'untyped']);

    expect(await doneJson(['import', '-'], log)).toEqual({
      found: 6,
      registered: 0,
      alreadyKnown: 4,
      expired: 1,
      notOurs: 1,
      notAccepted: 0,
      notConfirmed: 0,
    });
  });

  it('enters more links than the service lets wait', async () => {
    const many = Array.from({ length: 1_200 }, (_, index) => incumbentToken({ id: `many ${index}` })).join('\n');
    expect(await doneJson(['import', '-'], many)).toMatchObject({ found: 1200, registered: 1200, notConfirmed: 0 });
  });

  it('says so when the service does not take a link', async () => {
    const odd = incumbentToken({ id: 'odd', type: 'a-type-of-another-service' });
    const told = await warden(['import', '-', '--json'], odd);
    expect(JSON.parse(told.out)).toMatchObject({ found: 1, registered: 0, notAccepted: 1 });
    expect(told).toMatchObject({ code: 1, err: expect.stringContaining('the type of the link is not known') });
  });

  it('needs the key', async () => {
    expect(await warden(['import', '-'], log, { SECRET_KEY: '' })).toMatchObject({ code: 1, out: '' });
  });
});

it('no token, key or password that the commands sent is in the log of the service', () => {
  const lines = service.lines.join('\n');
  for (const secret of ['admin-pwd', 'eyJ', 'token=ey']) expect(lines).not.toContain(secret);
});
