import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { type EventOrigin, actOf } from '../acts.js';
import { EventLog } from '../event-log.js';
import { ChainsStore } from '../sealing/chains.store.js';
import { CheckpointSigner } from './checkpoint-signer.js';
import { signedLine } from './checkpoint.js';
import { ProofSettings } from './proof-settings.js';
import { ProofStore, type ProofSnapshot, type ProvenChain } from './proof.store.js';

/** Lines in one statement, so that none takes long. */
const batch = 1_000;
const sealingBatch = 2_000;
const sealingTries = 40;
const sealingPauseMs = 50;
const monthMs = 31 * 86_400_000;

/** Months as `2026-11`, UTC, both included. Null: from the first on, to the last. */
export interface ProofRange {
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Exports the record so that it can be verified without this service. Where it ends is fixed beforehand, by the ends of the
 * chains; it is read in short statements, so that a slow reader holds nothing up.
 */
@Injectable()
export class ExportProof {
  constructor(
    private readonly store: ProofStore,
    private readonly chains: ChainsStore,
    private readonly signer: CheckpointSigner,
    private readonly events: EventLog,
    private readonly settings: ProofSettings,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The export is an event itself, and holds it. Resolves with its pieces, of many lines each. */
  async execute(range: ProofRange, origin: EventOrigin): Promise<AsyncIterable<string>> {
    const at = this.clock.now();
    const filter = [range.from === null ? '' : `from=${range.from}`, range.to === null ? '' : `to=${range.to}`];
    await this.events.append([
      actOf('audit.exported', origin, at, { format: 'proof', filter: filter.filter((one) => one !== '').join(' ') }),
    ]);
    await this.sealWhatWaits();
    return this.pieces(range, at, await this.store.snapshot());
  }

  private async sealWhatWaits(): Promise<void> {
    for (let tries = 0; tries < sealingTries; tries++) {
      const sealed = await this.chains.seal(sealingBatch);
      if (sealed !== null && sealed < sealingBatch) return;
      // Another replica is at it.
      if (sealed === null) await pause(sealingPauseMs);
    }
  }

  private async *pieces(range: ProofRange, at: number, snapshot: ProofSnapshot): AsyncGenerator<string> {
    const { chains, newestCheckpoint: newest } = snapshot;
    const counts = { chains: 0, events: 0, checkpoints: 0 };
    try {
      yield line({
        proof: 1,
        origin: this.settings.origin,
        at,
        from: range.from,
        to: range.to,
        positions: chains.reduce((sum, { end }) => sum + (end?.size ?? 0), 0),
        newest,
        key: this.signer.keyId,
        keys: this.signer.publicKeys,
      });
      // Before the chains, so that these can be compared with them while they are read.
      for await (const lines of this.checkpoints(range, newest)) {
        counts.checkpoints += lines.length;
        yield lines.join('');
      }
      for (const chain of chains) {
        if ((range.from !== null && chain.month < range.from) || (range.to !== null && chain.month > range.to))
          continue;
        counts.chains++;
        const { size = null, head = null, previous = null, droppedAt = null } = chain.end ?? {};
        yield line({ chain: chain.class, month: chain.month, size, head, previous, dropped: droppedAt });
        if (droppedAt !== null) continue;
        for await (const lines of this.eventsOf(chain)) {
          counts.events += lines.length;
          yield `${lines.join('\n')}\n`;
        }
      }
      yield line({ end: counts });
    } catch (error) {
      this.log.warn('export-broken-off', { cause: messageOf(error) });
      throw error;
    }
  }

  private async *checkpoints({ from, to }: ProofRange, newest: number | null): AsyncGenerator<string[]> {
    if (newest === null) return;
    const since = from === null ? 0 : Date.parse(`${from}-01T00:00:00Z`);
    // They tell of the month before theirs too.
    const until = to === null ? newest : Math.min(newest, Date.parse(`${to}-01T00:00:00Z`) + 2 * monthMs);
    for (let after: string | null = null; ;) {
      const found = await this.store.checkpoints(since, until, after, batch);
      if (found.length > 0)
        yield found.map(({ text, signature, keyId }) => {
          const publicKey = this.signer.publicKeys[keyId] ?? null;
          return publicKey === null
            ? line({ checkpoint: text, signature, publicKey })
            : `${signedLine({ checkpoint: text, signature, publicKey })}\n`;
        });
      if (found.length < batch) return;
      after = found.at(-1)?.id ?? null;
    }
  }

  private async *eventsOf(chain: ProvenChain): AsyncGenerator<readonly string[]> {
    let told = 0;
    for (let after: string | null = null; ;) {
      const { lines, next }: Awaited<ReturnType<ProofStore['lines']>> = await this.store.lines(chain, after, batch);
      told += lines.length;
      if (lines.length > 0) yield lines;
      if (next === null) break;
      after = next;
    }
    // Its time came meanwhile: what is missing was not taken out by anybody.
    if (told < (chain.end?.size ?? 0) && (await this.store.isDropped(chain)))
      throw new Error(`the chain ${chain.class} ${chain.month} was dropped while it was exported`);
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
