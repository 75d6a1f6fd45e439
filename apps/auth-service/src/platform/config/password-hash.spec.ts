import { execFileSync } from 'node:child_process';
import { scryptSync } from 'node:crypto';
import { join } from 'node:path';
import { deriveByScrypt, formatPasswordHash, parsePasswordHash } from './password-hash.js';

const salt = Buffer.alloc(16, 7).toString('base64').replace(/=+$/, '');
const digest = Buffer.alloc(32, 9).toString('base64').replace(/=+$/, '');
const phc = (cost: string, parts = `${salt}$${digest}`) => `$scrypt$${cost}$${parts}`;
const problemOf = (text: string) => {
  const parsed = parsePasswordHash(text);
  return 'problem' in parsed ? parsed.problem : null;
};

it('reads cost, salt and digest', () => {
  expect(parsePasswordHash(phc('ln=15,r=8,p=1'))).toEqual({
    hash: { ln: 15, r: 8, p: 1, salt: Buffer.alloc(16, 7), digest: Buffer.alloc(32, 9) },
  });
});

it.each(['ln=14,r=8,p=5', 'ln=15,r=8,p=1', 'ln=15,r=8,p=3', 'ln=16,r=8,p=1', 'ln=16,r=8,p=4', 'ln=12,r=32,p=2'])(
  'takes %s',
  (cost) => expect(problemOf(phc(cost))).toBeNull(),
);

it.each<[string, string]>([
  ['needs more memory than the service has for it', 'ln=17,r=8,p=1'],
  ['needs gigabytes', 'ln=30,r=32,p=1'],
  ['needs more than a number holds', 'ln=99,r=99,p=99'],
  ['needs no memory to speak of', 'ln=10,r=8,p=16'],
  ['guards too little', 'ln=14,r=8,p=1'],
  ['takes too long', 'ln=16,r=8,p=5'],
  ['says a cost of 0', 'ln=15,r=8,p=0'],
  ['says a cost with a leading 0', 'ln=015,r=8,p=1'],
  ['says costs in another order', 'r=8,ln=15,p=1'],
  ['leaves out a cost', 'ln=15,r=8'],
])('refuses a hash that %s', (_name, cost) => expect(problemOf(phc(cost))).toMatch(/^must /));

it.each<[string, string]>([
  ['nothing', ''],
  ['a password', 'correct horse'],
  ['bcrypt', '$2b$12$abcdefghijklmnopqrstuv'],
  ['argon2', phc('ln=15,r=8,p=1').replace('scrypt', 'argon2id')],
  ['a short salt', phc('ln=15,r=8,p=1', `c2FsdA$${digest}`)],
  ['a short digest', phc('ln=15,r=8,p=1', `${salt}$c2FsdA`)],
  ['padding', phc('ln=15,r=8,p=1', `${salt}==$${digest}=`)],
  ['base64url', phc('ln=15,r=8,p=1', `${salt}$${'-_'.repeat(21)}-`)],
  ['bits that no encoder writes', phc('ln=15,r=8,p=1', `${salt.slice(0, -1)}x$${digest}`)],
  ['a line break behind it', `${phc('ln=15,r=8,p=1')}\n`],
  ['a part too many', `${phc('ln=15,r=8,p=1')}$x`],
])('refuses %s, and does not repeat it', (_name, text) => {
  expect(problemOf(text)).toMatch(/^(must|has) /);
  if (text !== '') expect(problemOf(text)).not.toContain(text);
});

describe('npm run password-hash', () => {
  const run = (input: string) =>
    execFileSync(process.execPath, [join(__dirname, '../../../../../scripts/password-hash.mjs')], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });

  it('prints a hash that the setting takes, of the password without the end of its line', () => {
    const printed = run('schlüssel-患者 7\n');
    expect(printed).toMatch(/^\$scrypt\$[^\n]+\n$/);
    const parsed = parsePasswordHash(printed.trimEnd());
    if ('problem' in parsed) throw new Error(parsed.problem);
    const { ln, r, p, salt: own, digest: found } = parsed.hash;
    const options = { N: 2 ** ln, r, p, maxmem: 2 ** 27 };
    expect(scryptSync('schlüssel-患者 7', own, found.length, options)).toEqual(found);
    expect(run('schlüssel-患者 7')).not.toBe(printed);
  });

  it.each(['', '\n', 'short\n', 'long enough but\u0007 rings\n', 'two lines of\npassword\n'])('refuses %j', (input) => {
    expect(() => run(input)).toThrow(/The password /);
  });
});

it('writes what it reads, without padding, whatever the bytes', () => {
  for (const [saltBytes, digestBytes] of [
    [16, 32],
    [17, 33],
    [18, 64],
    [64, 32],
  ] as const) {
    const hash = { ln: 15, r: 8, p: 1, salt: Buffer.alloc(saltBytes, 0xfb), digest: Buffer.alloc(digestBytes, 0xff) };
    const text = formatPasswordHash(hash);
    expect(text).not.toContain('=$');
    expect(parsePasswordHash(text)).toEqual({ hash });
  }
  expect(formatPasswordHash({ ln: 15, r: 8, p: 3, salt: Buffer.alloc(16, 7), digest: Buffer.alloc(32, 9) })).toBe(
    phc('ln=15,r=8,p=3'),
  );
});

it('derives what scrypt derives (RFC 7914), as long as it is asked for', async () => {
  const cost = { ln: 14, r: 8, p: 2, salt: Buffer.alloc(16, 7) };
  const options = { N: 2 ** 14, r: 8, p: 2, maxmem: 64 * 1024 * 1024 };
  for (const length of [32, 64])
    expect(await deriveByScrypt(Buffer.from('secret'), cost, length)).toEqual(
      scryptSync('secret', cost.salt, length, options),
    );
});
