import { createReadStream, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Schemas } from '@warden/auth-service-api';
import { connect, jsonBody } from '../api.js';
import { defineCommand, jsonOption } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { jsonText } from '../output.js';
import { readText } from '../read-input.js';
import type { Surroundings } from '../surroundings.js';
import { type Months, downloadProof } from './download-proof.js';
import {
  ExportVerifier,
  type PinnedKey,
  type SignedCheckpoint,
  exitCodes,
  pieceBytes,
  readCheckpoints,
  readKey,
} from './verify-export.js';

const monthOptions = {
  from: { type: 'string', value: 'YYYY-MM', help: 'the first month; from the beginning unless told' },
  to: { type: 'string', value: 'YYYY-MM', help: 'the last month; to the end unless told' },
} as const;

export const verifyRecord = defineCommand({
  name: 'audit verify',
  summary: 'Tells whether the record is whole: nothing changed, removed, added or cut off.',
  notes: [
    'Exit code 0: it is whole. 1: it was tampered with. 2: it cannot be told.',
    'EXPORT is a file of audit export, or - for stdin; without it the service is asked.',
    'Only checkpoints that left the host prove the end of the record: give the file of AUDIT_CHECKPOINT_FILE, or lines',
    'of the log with "audit-checkpoint". An auditor without this program runs the one file verify-export.js on an export.',
  ],
  operands: ['[EXPORT]'],
  options: {
    ...monthOptions,
    checkpoint: { type: 'string', multiple: true, value: 'FILE', help: 'checkpoints that had left the host' },
    key: { type: 'string', multiple: true, value: 'FILE|ID', help: 'the key that must have signed them, or its id' },
  },
  async run({ from, to, checkpoint, key }, [file], surroundings) {
    const months = readMonths({ from, to });
    if (file !== undefined && (from !== undefined || to !== undefined))
      throw new WrongUsage('--from and --to go with what the service is asked for, not with a file.');
    const keys = key.map((one) => readPinned(one, surroundings));
    // Before the record is asked for: what comes later says nothing of it.
    const checkpoints: SignedCheckpoint[] = [];
    for (const one of checkpoint) checkpoints.push(...(await readGiven(one, surroundings)));
    const verifier = new ExportVerifier(checkpoints, keys);
    const pieces = file === undefined ? downloadProof(months, surroundings) : readExport(file, surroundings);
    try {
      for await (const piece of pieces) verifier.take(piece);
    } catch (error) {
      surroundings.err(`${error instanceof CommandFailed ? error.message : `Failed: ${String(error)}`}\n`);
      return exitCodes.unknown;
    }
    const { outcome, text } = verifier.end();
    surroundings.out(text);
    return exitCodes[outcome];
  },
});

export const exportRecord = defineCommand({
  name: 'audit export',
  summary: 'Writes the record with its proof to a file, for audit verify or for an auditor.',
  options: { ...monthOptions, out: { type: 'string', required: true, value: 'FILE', help: 'where to; - for stdout' } },
  async run({ from, to, out }, _operands, surroundings) {
    const pieces = downloadProof(readMonths({ from, to }), surroundings);
    if (out === '-') {
      const decoder = new TextDecoder();
      for await (const piece of pieces) surroundings.out(decoder.decode(piece, { stream: true }));
      return 0;
    }
    let file: FileHandle | null = null;
    try {
      for await (const piece of pieces) {
        // Not made before something came, and read by nobody else: it tells of patients.
        file ??= await open(resolve(surroundings.userDir, out), 'w', 0o600);
        await file.appendFile(piece);
      }
      await file?.sync();
    } catch (error) {
      if (error instanceof CommandFailed) throw error;
      throw new CommandFailed(`${out} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
    } finally {
      await file?.close();
    }
    return 0;
  },
});

export const eraseEvents = defineCommand({
  name: 'audit erase',
  summary: 'Erases from the record, for good, who somebody is. What happened stays, and so does the proof.',
  notes: [
    'At least one of --patient, --actor and --address; events that match all that is given lose every name, address,',
    'PatientID and word of a person, those of other patients too. Try it with --dry-run, which counts. What left by',
    'export or over syslog is out of reach. Needs admin-permissions.',
  ],
  options: {
    reason: { type: 'string', required: true, help: 'why; kept in the record for good, so name nobody in it' },
    patient: { type: 'string', value: 'ID', help: 'events that name this PatientID, and readings that asked for it' },
    actor: { type: 'string', value: 'WHO', help: 'caused by, such as basic:doctor; the id itself stays' },
    address: { type: 'string', help: 'from this network address' },
    from: { type: 'string', value: 'TIME', help: 'at this moment or later' },
    to: { type: 'string', value: 'TIME', help: 'before this moment' },
    'dry-run': { type: 'boolean', help: 'counts, and erases nothing' },
    json: jsonOption,
  },
  async run({ 'dry-run': dryRun, json, ...asked }, _operands, surroundings) {
    if (asked.patient === undefined && asked.actor === undefined && asked.address === undefined)
      throw new WrongUsage('Say whose events: --patient, --actor or --address.');
    const body: Schemas['EraseEventsBody'] = { ...asked, dryRun };
    const done = await connect(surroundings).json<Schemas['ErasureDto']>(
      { method: 'POST', path: '/api/v1/audit/erasures', body: jsonBody(body) },
      'erased',
    );
    if (json) surroundings.out(jsonText(done));
    else
      surroundings.out(
        `${done.erased} ${done.erased === 1 ? 'event' : 'events'} ${dryRun ? 'would be' : 'were'} erased.\n`,
      );
    if (!json && done.eventId !== null) surroundings.err(`The event ${done.eventId} tells of it.\n`);
    return 0;
  },
});

function readMonths(months: Months): Months {
  for (const option of ['from', 'to'] as const) {
    const text = months[option];
    if (text !== undefined && !/^20\d\d-(0[1-9]|1[0-2])$/.test(text))
      throw new WrongUsage(`--${option} must be a year and a month, such as 2026-11.`);
  }
  return months;
}

/** Exit code 1 is for a record that was tampered with, and for nothing else. */
async function readGiven(file: string, surroundings: Surroundings): Promise<SignedCheckpoint[]> {
  const text = await readText(file, surroundings).catch((error: unknown) => {
    throw new WrongUsage(`--checkpoint: ${(error as Error).message}`);
  });
  const found = readCheckpoints(text);
  if (found.length === 0) throw new WrongUsage(`--checkpoint: ${file} holds no checkpoint.`);
  return found;
}

function readPinned(given: string, { userDir }: Surroundings): PinnedKey {
  const known = readKey(given);
  if (known !== null) return known;
  const key = readKey(textOf(resolve(userDir, given)));
  if (key === null) throw new WrongUsage('--key must be the id of a key, or a file with an Ed25519 key in PEM.');
  return key;
}

/** Empty: it cannot be read, and is no key either. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function* readExport(file: string, { stdin, userDir }: Surroundings): AsyncGenerator<Uint8Array> {
  const input = file === '-' ? stdin : createReadStream(resolve(userDir, file), { highWaterMark: pieceBytes });
  try {
    for await (const piece of input) yield Buffer.from(piece as Uint8Array | string);
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
