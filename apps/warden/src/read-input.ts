import { createReadStream, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CommandFailed, WrongUsage } from './failures.js';
import { findTokens } from './find-tokens.js';
import type { Surroundings } from './surroundings.js';

/** Bytes. Far more than the longest token, its address and what an editor adds. */
const largestTokenInput = 1024 * 1024;
/** Bytes. What is longer is some other file. */
const largestPinInput = 1024;

/** Lines of a file, or of stdin for `-`. A log may be far larger than the memory. */
export async function* readLines(file: string, surroundings: Surroundings): AsyncGenerator<string> {
  const input = file === '-' ? surroundings.stdin : createReadStream(resolve(surroundings.userDir, file));
  const lines = createInterface({ input, crlfDelay: Infinity });
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => undefined);
  try {
    const iterator = lines[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([iterator.next(), failed]);
      if (next.done) break;
      yield next.value;
    }
  } catch (error) {
    throw unreadable(error, file);
  } finally {
    lines.close();
  }
}

/** The whole text of a file, or of stdin for `-`. */
export async function readText(file: string, surroundings: Surroundings): Promise<string> {
  if (file === '-') return readAll(surroundings.stdin, Infinity);
  try {
    return readFileSync(resolve(surroundings.userDir, file), 'utf8');
  } catch (error) {
    throw unreadable(error, file);
  }
}

/** The one token in a file or on stdin: bare, after `Bearer`, or in an address. */
export async function readToken(file: string | undefined, surroundings: Surroundings): Promise<string> {
  if (file === undefined && surroundings.stdinIsTerminal)
    throw new WrongUsage('Send the token or its address to stdin, or name a file with --token-file.');
  const text =
    file === undefined || file === '-'
      ? await readAll(surroundings.stdin, largestTokenInput)
      : await readText(file, surroundings);
  const tokens = [...new Set(findTokens(text))];
  const [token] = tokens;
  if (token === undefined) throw new CommandFailed('There is no token in what was read.');
  if (tokens.length > 1) throw new CommandFailed('There is more than one token in what was read; send one.');
  return token;
}

/** A PIN on stdin. Whether it will do, the service says. */
export async function readPin(surroundings: Surroundings): Promise<string> {
  if (surroundings.stdinIsTerminal)
    throw new WrongUsage('Send the PIN to stdin, or leave out --pin-stdin to have one made.');
  const pin = (await readAll(surroundings.stdin, largestPinInput, 'a PIN')).trim();
  if (pin === '') throw new CommandFailed('There is no PIN in what was read.');
  return pin;
}

async function readAll(input: Readable, most: number, what = 'a token'): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of input) {
    const bytes = Buffer.from(piece as Uint8Array | string);
    size += bytes.length;
    if (size > most) throw new CommandFailed(`What was read is too long for ${what}.`);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function unreadable(error: unknown, file: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error as Error;
  return new CommandFailed(file === '-' ? `stdin cannot be read (${code}).` : `${file} cannot be read (${code}).`);
}
