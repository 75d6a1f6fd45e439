import { Injectable } from '@nestjs/common';
import { invalidInput } from '../../platform/errors/domain-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { Acts, actOf, originOf } from '../acts.js';
import { ErasuresStore, type ToErase } from './erasures.store.js';

export interface Erasure {
  /** Events that were erased, or would be. */
  readonly erased: number;
  /** The event that tells of it. Null: nothing was erased. */
  readonly eventId: string | null;
}

/**
 * Erases from the record who somebody is. All of it is erased and told of, or nothing is. A second time there is nothing
 * left to erase, and nothing to tell.
 */
@Injectable()
export class EraseEvents {
  constructor(
    private readonly store: ErasuresStore,
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, asked: ToErase, why: string, dryRun: boolean): Promise<Erasure> {
    requireMeaning(asked);
    const now = this.clock.now();
    // What is recorded while this runs is left: it would have no end.
    const wanted = { ...asked, to: Math.min(asked.to ?? Infinity, now + 1) };
    if (dryRun) return { erased: await this.store.count(wanted), eventId: null };
    const event = (count: number) => actOf('audit.erased', originOf(caller), now, { count, why });
    const { id } = event(0);
    const erased = await this.acts.do(
      () => this.store.erase(wanted, id),
      (count) => (count === 0 ? null : { ...event(count), id }),
    );
    return { erased, eventId: erased === 0 ? null : id };
  }
}

/** A time alone would erase the record. */
function requireMeaning({ patient, actor, address }: ToErase): void {
  if (patient !== undefined || actor !== undefined || address !== undefined) return;
  throw invalidInput([
    { field: 'body', problem: 'does not say whose events', remedy: 'give patient, actor or address' },
  ]);
}
