import { Injectable } from '@nestjs/common';
import { OneRun } from '../../platform/concurrency/one-run.js';
import { UnitOfWork } from '../../platform/database/database.js';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { actOf, byItself } from '../acts.js';
import { eventId } from '../event-id.js';
import { EventLog } from '../event-log.js';
import { type ChainEnd, ChainsStore } from '../sealing/chains.store.js';
import { CheckpointOutlets } from './checkpoint-outlet.js';
import { CheckpointSigner } from './checkpoint-signer.js';
import { type SignedCheckpoint, checkpointText, newestChains, readCheckpoint } from './checkpoint.js';
import { CheckpointsStore, type StoredCheckpoint } from './checkpoints.store.js';
import { ProofSettings } from './proof-settings.js';

/** Signs how far the record has come and lets it out of this host. Every replica calls it, and one of them does it. */
@Injectable()
export class MakeCheckpoint {
  private readonly run = new OneRun();

  constructor(
    private readonly chains: ChainsStore,
    private readonly store: CheckpointsStore,
    private readonly signer: CheckpointSigner,
    private readonly outlets: CheckpointOutlets,
    private readonly events: EventLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly settings: ProofSettings,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Makes one when something was sealed since the last one. Never rejects; a call while one runs joins it. */
  execute(): Promise<void> {
    return this.run.start(() => this.work());
  }

  /** Resolves when nothing is under way; nothing more is begun. */
  stop(): Promise<void> {
    return this.run.stop();
  }

  private async work(): Promise<void> {
    try {
      const signed = await this.unitOfWork.run(() => this.make());
      if (signed !== null) await this.letOut(signed);
    } catch (error) {
      this.log.warn('checkpoint-postponed', { cause: messageOf(error) });
    }
  }

  private async make(): Promise<SignedCheckpoint | null> {
    if (!(await this.store.takeTurn())) return null;
    const last = await this.store.newest();
    const now = this.clock.now();
    // Another replica has just made one: their timers run side by side.
    if (last !== null && now >= last.at && now - last.at < this.settings.everyMs / 2) return null;
    const ends = await this.chains.ends();
    if (!(await this.hasNews(ends, last))) return null;
    // Later than the one before it, whatever the clocks say: an export ends with the newest that it has.
    const at = Math.max(now, (last?.at ?? 0) + 1);
    const { keyId } = this.signer;
    const text = checkpointText({ at, chains: newestChains(ends), key: keyId, origin: this.settings.origin });
    const signed = this.signer.sign(text);
    await this.store.add({ id: eventId(at), at, text, signature: signed.signature, keyId });
    const size = await this.store.recordSize();
    await this.events.append([actOf('audit.checkpoint', byItself, now, { size, keyId })]);
    return signed;
  }

  /** A checkpoint is an event as well: it alone is no reason for another one. */
  private async hasNews(ends: readonly ChainEnd[], last: StoredCheckpoint | null): Promise<boolean> {
    if (last === null) return ends.some(({ size }) => size > 0);
    const seen = new Map(
      readCheckpoint(last.text).chains.map((chain) => [`${chain.class} ${chain.month}`, chain.size]),
    );
    for (const { class: name, month, size } of newestChains(ends)) {
      const before = seen.get(`${name} ${month}`) ?? 0;
      if (size === before) continue;
      if (name !== 'management' || size < before) return true;
      if (size - before > (await this.store.ownEvents(month, before, last.at))) return true;
    }
    return false;
  }

  private async letOut(signed: SignedCheckpoint): Promise<void> {
    const sent = this.outlets.list.map(async (outlet) => {
      try {
        await outlet.send(signed);
      } catch (error) {
        this.log.warn('checkpoint-not-sent', { outlet: outlet.name, cause: messageOf(error) });
      }
    });
    await Promise.all(sent);
  }
}
