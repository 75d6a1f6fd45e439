// How fast an export of the record is verified, on one core: the verifier that an auditor runs, on a file.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goal, heading, say } from './report.mjs';

const events = 1_000_000;
/** Events written at once. */
const slice = 20_000;
/** Bytes read at once. */
const chunk = 1 << 20;
const chain = { class: 'access', month: '2026-11' };

export async function verifyExports({ dist }) {
  const module = pathToFileURL(join(dist, 'apps/warden/src/audit/verify-export.js')).href;
  const { ExportVerifier } = await import(module);
  heading(`Verifying an export of ${events.toLocaleString('en')} events`);
  const folder = mkdtempSync(join(tmpdir(), 'warden-export-'));
  const file = await open(join(folder, 'events'), 'w+');
  try {
    const writer = new ExportWriter();
    for (let made = 0; made < events; made += slice) await file.write(writer.events(slice));
    const { size } = await file.stat();
    const verifier = new ExportVerifier();
    verifier.take(writer.head());
    const buffer = Buffer.alloc(chunk);
    const began = performance.now();
    const cpu = process.cpuUsage();
    for (let at = 0, read = 1; read > 0; at += read) {
      ({ bytesRead: read } = await file.read(buffer, 0, chunk, at));
      verifier.take(buffer.subarray(0, read));
    }
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - began) / 1000;
    verifier.take(Buffer.from('{"end":{}}\n'));
    const verdict = verifier.end();
    const faults = [...verdict.counts.keys()].filter((fault) => fault !== 'chain-missing');
    if (faults.length > 0 || verdict.events !== events) throw new Error(`not verified: ${verdict.text}`);
    const perSecond = events / ((user + system) / 1e6);
    say(
      `${Math.round(size / events)} bytes an event; ${seconds.toFixed(2)} s, ${((user + system) / events).toFixed(2)} µs of CPU an event`,
    );
    goal('events verified a second of CPU, at least 200000', 200_000, perSecond, Math.round(perSecond));
  } finally {
    await file.close();
    rmSync(folder, { recursive: true });
  }
}

/** Writes an export as the service does. */
class ExportWriter {
  number = 0;
  hash = sha256(['orthanc-warden audit chain', chain.class, chain.month, ''].join('\n'));

  /** To be called last: it tells where the chain ends. */
  head() {
    const header = {
      proof: 1,
      origin: 'bench',
      at: Date.now(),
      from: null,
      to: null,
      positions: events,
      key: 'k',
      keys: {},
      newest: null,
    };
    const told = {
      chain: chain.class,
      month: chain.month,
      size: this.number,
      head: this.hash.toString('hex'),
      previous: null,
      dropped: null,
    };
    return Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify(told)}\n`);
  }

  events(count) {
    return Buffer.from(Array.from({ length: count }, () => this.event()).join(''));
  }

  event() {
    const number = ++this.number;
    const [id, share] = [randomUUID(), randomUUID()];
    const at = Date.UTC(2026, 10, 1) + number;
    const study = `1.2.840.113619.2.55.3.${number}`;
    const salt = randomBytes(16);
    const half = JSON.stringify({ share: { patients: [`PAT-${number}`] } });
    const actor = { id: 'pPZ1VVnlD1pKFBz5bbyL5w', kind: 'recipient' };
    const record = JSON.stringify({
      actor,
      at,
      detail: { count: 12, level: 'study', method: 'get', serverId: 'orthanc-1', study, until: at + 9_000 },
      erasable: sha256(salt, half).toString('base64url'),
      id,
      name: 'access.granted',
      outcome: 'success',
      reason: null,
      share: { id: share, identity: actor.id, studies: [study], type: 'stone-viewer-publication' },
      source: { requestId: null },
      version: 2,
    });
    const count = Buffer.alloc(8);
    count.writeBigInt64BE(BigInt(number));
    this.hash = sha256(Buffer.from([0]), this.hash, count, record);
    const columns = JSON.stringify([at, id, 'access.granted', actor.id, share, study, 'success', null]);
    return `{"n":${number},"p":${number},"h":"${this.hash.toString('hex')}","c":${columns},"s":"${salt.toString('hex')}","x":null,"t":["PAT-${number}",null],"u":null,"l":${Buffer.byteLength(half)},"e":${half},"r":${record}}\n`;
  }
}

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
