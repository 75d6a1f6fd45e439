// `npm run -s password-hash`: asks for a password twice without showing it, or reads it from stdin, and prints its hash
// for the setting USERS: {"name": {"password-hash": "$scrypt$…", "permissions": […]}}.
import { randomBytes, scryptSync } from 'node:crypto';

// OWASP's least cost for scrypt with 32 MiB of memory. What the service accepts: platform/config/password-hash.ts.
const cost = { ln: 15, r: 8, p: 3 };
/** Bytes; the same as WARDEN_MODE=production asks of a password that it can see. */
const shortest = 12;

const password = process.stdin.isTTY ? await askTwice() : withoutLineEnd(await readAll());
const problem = problemOf(password);
if (problem !== null) {
  console.error(`The password ${problem}.`);
  process.exit(1);
}
console.log(hashOf(password));

function hashOf(text) {
  const { ln, r, p } = cost;
  const salt = randomBytes(16);
  const digest = scryptSync(text, salt, 32, { N: 2 ** ln, r, p, maxmem: 2 * 128 * r * 2 ** ln });
  const base64 = (bytes) => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(digest)}`;
}

function problemOf(text) {
  if (text === null) return 'was not the same twice';
  if (/\p{Cc}/u.test(text)) return 'holds a control character, which HTTP Basic cannot send (RFC 7617 section 2)';
  if (Buffer.byteLength(text) < shortest) return `is shorter than ${shortest} bytes; choose a longer one`;
  return null;
}

async function readAll() {
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

function withoutLineEnd(text) {
  return text.replace(/\r?\n$/, '');
}

/** Null: not the same twice. */
async function askTwice() {
  const first = await ask('Password: ');
  return first === (await ask('Again: ')) ? first : null;
}

/** Asks on stderr, so that stdout holds the hash alone. Nothing that is typed is shown. */
function ask(question) {
  const { stdin, stderr } = process;
  stderr.write(question);
  return new Promise((resolve) => {
    let typed = '';
    const listen = (text) => {
      for (const character of text) {
        if (character === '\r' || character === '\n') return end();
        if (character === '\u0003' || character === '\u0004') leave();
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else typed += character;
      }
    };
    const quiet = (on) => {
      stdin.setRawMode(on);
      if (on) stdin.setEncoding('utf8').on('data', listen).resume();
      else stdin.off('data', listen).pause();
      if (!on) stderr.write('\n');
    };
    const end = () => {
      quiet(false);
      resolve(typed);
    };
    const leave = () => {
      quiet(false);
      process.exit(130);
    };
    quiet(true);
  });
}
