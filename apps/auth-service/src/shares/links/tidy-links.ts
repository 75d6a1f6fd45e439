import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/time/clock.js';
import { AttemptsStore } from '../gates/attempts.store.js';
import { GateCodesStore } from '../gates/gate-codes.store.js';
import { OpeningsStore } from './openings.store.js';

/** Drops what recipients left behind and nothing depends on any more. */
@Injectable()
export class TidyLinks {
  constructor(
    private readonly attempts: AttemptsStore,
    private readonly codes: GateCodesStore,
    private readonly openings: OpeningsStore,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<void> {
    const now = this.clock.now();
    await this.attempts.forgetOld(now);
    await this.codes.forgetOld(now);
    await this.openings.forgetOld(now);
  }
}
