import { scrypt } from 'node:crypto';

/** A password hash of USERS, read from its PHC text: `$scrypt$ln=15,r=8,p=3$<salt>$<digest>`, base64 without padding. */
export interface ScryptHash {
  /** RFC 7914: `N` is 2 to the power of `ln`. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

const mebibyte = 1024 * 1024;
/**
 * Bytes of memory, and bytes gone through (memory times `p`). The upper bounds keep two verifications at once below the
 * memory that the service is given, and one below a second or so; the lower ones refuse a hash that guards nothing.
 */
const bounds = {
  memory: { least: 16 * mebibyte, most: 64 * mebibyte },
  work: { least: 32 * mebibyte, most: 256 * mebibyte },
};
/** Bytes. */
const lengths = { salt: { least: 16, most: 64 }, digest: { least: 32, most: 64 } };

const form = /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Reads the PHC text. `problem` is the end of a sentence and never repeats what was given. */
export function parsePasswordHash(text: string): { hash: ScryptHash } | { problem: string } {
  const match = form.exec(text);
  if (match === null) return { problem: 'must be $scrypt$ln=…,r=…,p=…$salt$hash, as npm run password-hash prints it' };
  const [ln = 0, r = 0, p = 0] = match.slice(1, 4).map(Number);
  const memory = memoryOf({ ln, r });
  if (!isWithin(memory, bounds.memory))
    return { problem: 'must need 16 to 64 MiB of memory, which is 128 * r * 2^ln bytes' };
  if (!isWithin(memory * p, bounds.work)) return { problem: 'must go through 32 to 256 MiB, which is memory times p' };
  const salt = decoded(match[4] ?? '');
  const digest = decoded(match[5] ?? '');
  if (salt === null || digest === null) return { problem: 'has a salt or hash that is not base64 without padding' };
  if (!isWithin(salt.length, lengths.salt)) return { problem: 'must have a salt of 16 to 64 bytes' };
  if (!isWithin(digest.length, lengths.digest)) return { problem: 'must have a hash of 32 to 64 bytes' };
  return { hash: { ln, r, p, salt, digest } };
}

/** Bytes that one verification holds. */
export function memoryOf({ ln, r }: Pick<ScryptHash, 'ln' | 'r'>): number {
  return 128 * r * 2 ** ln;
}

/** The PHC text that `parsePasswordHash` reads. */
export function formatPasswordHash({ ln, r, p, salt, digest }: ScryptHash): string {
  const [saltText, digestText] = [salt, digest].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$scrypt$ln=${ln},r=${r},p=${p}$${saltText}$${digestText}`;
}

/** Computes in a thread of the pool; `length` in bytes. */
export function deriveByScrypt(password: Buffer, hash: Omit<ScryptHash, 'digest'>, length: number): Promise<Buffer> {
  const { ln, r, p, salt } = hash;
  return new Promise((resolve, reject) => {
    // Twice the memory: the library counts its small buffers too, and refuses at the bound itself.
    const options = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf({ ln, r }) };
    scrypt(password, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

function isWithin(value: number, { least, most }: { least: number; most: number }): boolean {
  return value >= least && value <= most;
}

/** Null: not what an encoder would have written. */
function decoded(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text ? bytes : null;
}
