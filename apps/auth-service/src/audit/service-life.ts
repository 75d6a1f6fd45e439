import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/time/clock.js';
import { actOf, byItself } from './acts.js';
import { EventLog } from './event-log.js';

export interface ServiceFacts {
  /** Of the service. */
  readonly version: string;
  /** Of Node. */
  readonly node: string;
  /** Names of settings: what was given, and what of it is weak. */
  readonly given: readonly string[];
  readonly weaknesses: readonly string[];
}

/** Tells when the service came and went, and with which settings. */
@Injectable()
export class ServiceLife {
  constructor(
    private readonly events: EventLog,
    private readonly clock: Clock,
  ) {}

  async started({ version, node, given, weaknesses }: ServiceFacts): Promise<void> {
    const now = this.clock.now();
    await this.events.append([
      actOf('service.started', byItself, now, { version, node }),
      actOf('settings.loaded', byItself, now, { given, weaknesses }),
    ]);
  }

  async stopped(): Promise<void> {
    await this.events.append([actOf('service.stopped', byItself, this.clock.now(), {})]);
  }
}
