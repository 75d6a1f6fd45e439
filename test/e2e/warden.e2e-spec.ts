import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Told, asAdministrator, runWarden } from '../support/run-warden.js';
import { type TestService, basic, plainSettings, startTestService } from '../support/test-service.js';

const stone = 'stone-viewer-publication';
let service: TestService;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warden-command-line-'));
  service = await startTestService({ env: { PUBLIC_SHARE_ROOT: 'https://share.example.org/', GATE_ATTEMPTS: '3' } });
});
afterAll(async () => {
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One command, as somebody with the administrator's password writes it, or with the API key that is given. */
function warden(args: string[], stdin = '', env: Record<string, string> = {}): Promise<Told> {
  const known = 'WARDEN_API_KEY' in env ? { WARDEN_URL: service.url } : asAdministrator(service.url);
  return runWarden(args, { folder, env: { ...known, SECRET_KEY: plainSettings.SECRET_KEY, ...env }, stdin });
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

const create = (...more: string[]) => ['share', 'create', '--type', stone, '--study', '1.2.7', ...more];
/** Of someone who has one of USERS, and shares only. */
const sharer = { WARDEN_USERNAME: 'sharer', WARDEN_PASSWORD: 'sharer-pwd' };
/** As the landing does for a recipient. */
const exchange = async (url: string, secret: string | null): Promise<{ status: number; json: any }> => {
  const link = new URL(url).searchParams.get('token') ?? url.split('/s/')[1];
  const session = randomBytes(32).toString('base64url');
  const headers = { authorization: basic('landing', 'landing-pwd') };
  return service.call('POST', '/api/v1/links/exchange', { link, secret, session }, headers);
};
const granted = async (token: string): Promise<boolean> => {
  const asked = { method: 'get', level: 'study', 'dicom-uid': '1.2.7', 'token-key': 'token', 'token-value': token };
  return (await service.call('POST', '/tokens/validate', asked)).json.granted;
};

describe('warden share create and change', () => {
  it('prints the link to stdout, and the PIN that was made beside it', async () => {
    const told = await warden(create('--days', '7', '--gate', 'pin', '--recipient-name', 'Jan Peeters'));
    expect(told).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^https:\/\/share\.example\.org\/\?token=ey\S+\n$/),
    });
    const pin = /PIN is (\d{6}):/.exec(told.err)?.[1] ?? '';
    expect(told.err).toMatch(/Its id is [0-9a-f-]{36}\.\nIt expires 20\d\d-/);
    expect(told.out).not.toContain(pin);
    expect((await exchange(told.out.trim(), pin)).status).toBe(200);
  });

  it('takes a PIN from stdin, and tells it to nobody', async () => {
    const told = await warden(create('--gate', 'pin', '--pin-stdin'), '739158\n');
    expect(told.code).toBe(0);
    const json = await warden(create('--gate', 'pin', '--pin-stdin', '--json'), '739158\n');
    expect(JSON.parse(json.out)).toMatchObject({ pin: null, share: { gate: 'pin' } });
    expect(told.out + told.err + json.out + json.err).not.toContain('739158');
    expect((await exchange(told.out.trim(), '739158')).status).toBe(200);
    const weak = await warden(create('--gate', 'pin', '--pin-stdin'), '123456');
    expect(weak).toMatchObject({ code: 1, out: '' });
    expect(weak.err).toMatch(/^- gate\.pin is among the first that anybody tries: choose another one/m);
    expect(weak.err).not.toContain('123456');
  });

  it('says everything that can be said', async () => {
    const more = [
      '--study',
      '1.2.71',
      '--recipient-name',
      'Jan',
      '--recipient-email',
      'jan@example.org',
      '--language',
      'fr',
    ];
    const terms = ['--reason', 'second opinion', '--purpose', 'TREAT', '--max-opens', '3', '--label', 'order 1'];
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const [begin, end] = [inDays(1), inDays(2)];
    const times = ['--not-before', begin, '--expires', end];
    const { share, url, pin } = await doneJson(create(...more, ...terms, ...times, '--opaque'));
    expect(url).toMatch(/^https:\/\/share\.example\.org\/s\/\S{22}$/);
    expect(pin).toBeNull();
    expect(share).toMatchObject({
      state: 'scheduled',
      resources: [
        { level: 'study', dicomUid: '1.2.7', orthancId: null, url: null },
        { level: 'study', dicomUid: '1.2.71', orthancId: null, url: null },
      ],
      recipient: { name: 'Jan', email: 'jan@example.org' },
      language: 'fr',
      reason: 'second opinion',
      purposeOfUse: 'TREAT',
      maxOpens: 3,
      label: 'order 1',
      notBefore: begin,
      expiresAt: end,
      link: 'opaque',
    });
    const sheet = await done(['share', 'show', share.id]);
    expect(sheet).toMatch(/^For +Jan <jan@example\.org>$/m);
    expect(sheet).toMatch(/^Openings +0 of 3$/m);
    expect(sheet).not.toContain('eyJ');
  });

  it('gives the same share to the same idempotency key', async () => {
    const twice = [1, 2].map(() => create('--days', '3', '--gate', 'pin', '--idempotency-key', 'order-4711'));
    const [first, second] = [await doneJson(twice[0] ?? []), await doneJson(twice[1] ?? [])];
    expect(first.pin).toMatch(/^\d{6}$/);
    expect(second).toEqual(first);
  });

  it('names what is wrong and what to do, all of it, and ends with 1', async () => {
    const told = await warden(create('--gate', 'email-code', '--purpose', 'NOTHING', '--language', 'xx', '--download'));
    expect(told).toMatchObject({ code: 1, out: '' });
    expect(told.err).toMatch(/^- purposeOfUse is not one of those known: send one of TREAT/m);
    expect(told.err).toMatch(/^- language is not one of those known: send one of en/m);
    const download = await warden(create('--download'));
    expect(download.err).toMatch(/^- download can be offered for one study .*: share one study by its Orthanc id/m);
    const mail = await warden(create('--gate', 'email-code', '--recipient-email', 'jan@example.org'));
    expect(mail.err).toMatch(/^- gate\.kind needs e-mail: set ENABLE_EMAILS/m);
  });

  it('changes what is named and keeps the rest, the half of a recipient too', async () => {
    const named = ['--recipient-name', 'Jan', '--recipient-email', 'jan@example.org', '--reason', 'because'];
    const { share, url } = await doneJson(create('--days', '2', '--opaque', '--gate', 'pin', ...named));
    const later = await doneJson(['share', 'change', share.id, '--days', '9', '--recipient-email', 'piet@example.org']);
    expect(later).toMatchObject({ link: null, pin: null, share: { id: share.id, gate: 'pin', reason: 'because' } });
    expect(later.share.recipient).toEqual({ name: 'Jan', email: 'piet@example.org' });
    expect(Date.parse(later.share.expiresAt)).toBeGreaterThan(Date.now() + 8.9 * 86_400_000);

    const open = await done(['share', 'change', share.id, '--no-gate', '--no-expiry', '--if-match', '2']);
    expect(open).toMatch(/^Expires +never$/m);
    expect((await exchange(url, null)).status).toBe(200);
    const late = await warden(['share', 'change', share.id, '--reason', 'x', '--if-match', '2']);
    expect(late).toMatchObject({ code: 1, out: '' });
    expect(await doneJson(['share', 'show', share.id])).toMatchObject({ revision: 3, reason: 'because' });
  });

  it('prints the new link where the old one had to end', async () => {
    const { share, url, token } = await doneJson(create('--days', '2'));
    expect(url).toMatch(/^http:\/\/localhost\/shares\//);
    expect(await granted(token)).toBe(true);
    const told = await warden(['share', 'change', share.id, '--gate', 'pin', '--pin-stdin'], '739158');
    expect(told).toMatchObject({ code: 0, err: 'This is another share with another link: hand it out.\n' });
    expect(told.out).toMatch(new RegExp(`^Replaces +${share.id}$`, 'm'));
    expect(told.out + told.err).not.toContain('739158');
    expect(await granted(token)).toBe(false);
    const other = told.out.trimEnd().split('\n').at(-1) ?? '';
    expect((await exchange(other, '739158')).status).toBe(200);
  });
});

describe('warden share unlock, link, qr, list and revoke', () => {
  it('finds a share that wrong attempts have locked, tells its history, and unlocks it', async () => {
    const { share, url } = await doneJson(create('--gate', 'pin', '--pin-stdin'), '739158');
    for (let count = 0; count < 3; count++) expect((await exchange(url, '000001')).status).toBe(403);
    const ids = async (state: string) =>
      (await doneJson(['share', 'list', '--state', state, '--all'])).map((one: any) => one.id);
    expect(await ids('closed')).toEqual([share.id]);
    expect(await done(['share', 'list', '--state', 'closed'])).toContain('closed (locked)');
    const history = await done(['share', 'show', share.id, '--history']);
    expect(history).toMatch(/share\.locked +recipient .*attempts: 3/);
    expect(history.match(/share\.refused/g)).toHaveLength(3);
    expect((await doneJson(['share', 'show', share.id, '--history'])).history.at(-1).event).toBe('share.created');

    expect(await done(['share', 'unlock', share.id])).toMatch(/^State +live$/m);
    expect(await ids('closed')).toEqual([]);
    expect(await ids('live')).toContain(share.id);
    expect((await exchange(url, '739158')).status).toBe(200);
  });

  it('prints the link again, and writes it as a picture that is one', async () => {
    const { share, url } = await doneJson(create('--opaque', '--viewer', stone));
    expect(share.viewers).toEqual([stone]);
    expect(await done(['share', 'link', share.id])).toBe(`${url}\n`);
    expect(await done(['share', 'qr', share.id, '--out', 'code.png'])).toBe('');
    expect(readFileSync(join(folder, 'code.png')).subarray(0, 8)).toEqual(Buffer.from('89504e470d0a1a0a', 'hex'));
    await done(['share', 'qr', share.id, '--out', 'code.SVG']);
    expect(readFileSync(join(folder, 'code.SVG'), 'utf8')).toMatch(/^<svg [^>]*>.*<\/svg>\s*$/s);
    expect(await warden(['share', 'qr', share.id, '--out', 'none/code.svg'])).toMatchObject({
      code: 1,
      err: 'none/code.svg cannot be written (ENOENT).\n',
    });
    await done(['share', 'revoke', share.id, '--reason', 'over']);
    const dead = await warden(['share', 'link', share.id]);
    expect(dead).toMatchObject({ code: 1, out: '' });
  });

  it('ends all of one recipient, after a trial that ends none', async () => {
    const email = 'leaving@example.org';
    for (const days of ['1', '2']) await done(create('--days', days, '--recipient-email', email, '--json'));
    const revoke = ['share', 'revoke', '--recipient', 'Leaving@Example.org', '--reason', 'has left'];
    const states = async () => (await doneJson(['share', 'list', '--recipient', email])).map((one: any) => one.state);
    expect(await done([...revoke, '--dry-run'])).toBe('2 live shares would end.\n');
    expect(await states()).toEqual(['live', 'live']);
    expect(await done(revoke)).toBe('2 live shares ended.\n');
    expect(await states()).toEqual(['revoked', 'revoked']);
    expect(await warden([...revoke], '', sharer)).toMatchObject({ code: 1, out: '' });
  });

  it('has the service do the filtering', async () => {
    const shared = await doneJson(create('--label', 'filtered', '--study', '1.2.8'), '', sharer);
    const filters = [
      ['--study', '1.2.8'],
      ['--label', 'filtered'],
      ['--sharer', 'basic:sharer'],
    ];
    for (const filter of filters)
      expect((await doneJson(['share', 'list', ...filter])).map((one: any) => one.id)).toEqual([shared.share.id]);
    for (const filter of [
      ['--patient', 'nobody'],
      ['--minted-before', '2020-01-01T00:00:00Z'],
      ['--type', 'none'],
    ])
      expect(await doneJson(['share', 'list', '--label', 'filtered', ...filter])).toEqual([]);
    // Nobody tells here what is shared: there is no ORTHANC_URL.
    expect(await doneJson(['share', 'list', '--label', 'filtered', '--images', 'resolved'])).toEqual([]);
    const studies = await doneJson(['share', 'show', shared.share.id, '--studies']);
    expect(studies.studies).toMatchObject({ items: [], state: 'waiting' });
  });
});

describe('warden policy', () => {
  const policy = { overLimit: 'clamp', rules: [{ roles: ['*'], types: ['*'], maxLife: 604_800, gates: ['pin'] }] };
  afterAll(async () => {
    await done(['policy', 'put', '-'], '{"rules": []}');
  });

  it('puts a policy in force, tells each what applies, and goes back', async () => {
    writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy));
    const put = ['policy', 'put', 'policy.json', '--reason', 'meeting', '--if-version', '0'];
    expect(await done(put)).toBe('Version 1 is in force.\n');
    const shown = await warden(['policy', 'show']);
    expect(JSON.parse(shown.out)).toEqual(policy);
    expect(shown.err).toBe('Version 1, by basic:admin.\n');
    const again = await done(['policy', 'put', '-'], shown.out);
    expect(again).toBe('Version 2 is in force.\n');

    const mine = await done(['policy', 'mine', '--type', stone], '', sharer);
    expect(mine.split('\n')[1]).toMatch(/^stone-viewer-publication +yes +7 d +- +no +pin +all +-$/);
    const refused = await warden(create('--days', '30'), '', sharer);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/^- gate is required: choose pin/m);
    expect(refused.err).toMatch(/^- expiresAt is later than the share policy allows: send a moment within 604800/m);

    expect(await warden(put)).toMatchObject({ code: 1, out: '' });
    const restored = await done(['policy', 'restore', '1', '--reason', 'as it was']);
    expect(restored).toBe('Version 3 is in force.\n');
    const history = await doneJson(['policy', 'history', '--all']);
    expect(history.map((one: any) => [one.version, one.madeBy])).toEqual([
      [3, 'basic:admin'],
      [2, 'basic:admin'],
      [1, 'basic:admin'],
    ]);
    expect(await done(['policy', 'history'])).toMatch(/^1 +20\S+ \S+Z +basic:admin +meeting$/m);
  });

  it('names every fault of a policy, and puts nothing in force', async () => {
    const before = await done(['policy', 'show', '--json']);
    const faulty = { rules: [{ roles: ['*'], types: ['*'], maxlife: 5, gates: ['door'] }] };
    const told = await warden(['policy', 'put', '-'], JSON.stringify(faulty));
    expect(told).toMatchObject({ code: 1, out: '' });
    expect(told.err).toMatch(/^- policy\.rules\[0\]\.maxlife is not known here: leave it out$/m);
    expect(told.err).toMatch(/^- policy\.rules\[0\]\.gates\[0\] is not a known gate: send pin/m);
    expect(await warden(['policy', 'put', '-'], '{')).toMatchObject({
      code: 1,
      err: 'What was read is not valid JSON.\n',
    });
    const forbidden = await warden(['policy', 'put', '-'], '{"rules": []}', sharer);
    expect(forbidden).toMatchObject({ code: 1, out: '' });
    expect(await done(['policy', 'show', '--json'])).toBe(before);
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

it('no token, key, PIN or password that the commands sent is in the log of the service', () => {
  const lines = service.lines.join('\n');
  for (const secret of ['admin-pwd', 'eyJ', 'token=ey', '739158']) expect(lines).not.toContain(secret);
});
