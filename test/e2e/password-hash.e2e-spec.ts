import { randomBytes, scryptSync } from 'node:crypto';
import { type TestService, basic, startTestService } from '../support/test-service.js';

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
function hashOf(password: string): string {
  const salt = randomBytes(16);
  const digest = scryptSync(password, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
  return `$scrypt$ln=15,r=8,p=1$${base64(salt)}$${base64(digest)}`;
}
const question = { method: 'get', level: 'study' };

let service: TestService;
beforeAll(async () => {
  service = await startTestService({
    env: {
      USERS: JSON.stringify({
        'plain-user': 'plain-pwd',
        'hashed-plugin': { 'password-hash': hashOf('hashed-plugin-pwd'), scopes: ['plugin'] },
        'hashed-admin': { 'password-hash': hashOf('hashed-admin-pwd'), permissions: ['admin-permissions'] },
      }),
    },
  });
});
afterAll(() => service?.close());

const validate = (name: string, password: string) =>
  service.call('POST', '/tokens/validate', question, { authorization: basic(name, password) });

it('a plugin whose password is known by its hash alone is answered, at first and from then on', async () => {
  for (let times = 0; times < 3; times++) {
    const { status, json } = await validate('hashed-plugin', 'hashed-plugin-pwd');
    expect([status, json]).toEqual([200, { granted: false, validity: 10 }]);
  }
  expect((await validate('plain-user', 'plain-pwd')).status).toBe(200);
});

it('rights are those of the entry', async () => {
  const authorization = basic('hashed-admin', 'hashed-admin-pwd');
  const me = await service.call('GET', '/api/v1/me', undefined, { authorization });
  expect(me.json).toMatchObject({ id: 'basic:hashed-admin', via: 'basic', permissions: ['admin-permissions'] });
  expect((await validate('hashed-admin', 'hashed-admin-pwd')).status).toBe(403);
});

it('wrong passwords and unknown names are refused alike', async () => {
  for (const [name, password] of [
    ['hashed-plugin', 'wrong'],
    ['plain-user', 'wrong'],
    ['eve', 'hashed-plugin-pwd'],
  ] as const) {
    const { status, json } = await validate(name, password);
    expect([status, json.code]).toEqual([401, 'not-signed-in']);
  }
});

it('a storm of wrong passwords is answered with 401 or 503, and known users do not wait for it', async () => {
  await validate('hashed-plugin', 'hashed-plugin-pwd');
  const storm = Promise.all(Array.from({ length: 60 }, (_, number) => validate('eve', `wrong-${number}`)));
  // The storm is under way: known users are answered from memory.
  for (let times = 0; times < 5; times++) {
    expect((await validate('hashed-plugin', 'hashed-plugin-pwd')).status).toBe(200);
    expect((await validate('plain-user', 'plain-pwd')).status).toBe(200);
  }
  const answers = await storm;
  const busy = answers.filter(({ status }) => status === 503);
  expect(answers.filter(({ status }) => status === 401).length + busy.length).toBe(60);
  expect(busy.length).toBeGreaterThan(0);
  for (const { json, headers } of busy) expect([json.code, headers.get('retry-after')]).toEqual(['sign-in-busy', '5']);
  expect((await validate('hashed-plugin', 'hashed-plugin-pwd')).status).toBe(200);
}, 60_000);

it('no hash and no password is in the log', () => {
  expect(service.lines.join('\n')).not.toMatch(/scrypt|hashed-plugin-pwd|wrong-1/);
});
