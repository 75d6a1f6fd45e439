import { Injectable } from '@nestjs/common';
import {
  type EventActor,
  type EventDetail,
  type EventName,
  type EventSource,
  type WardenEvent,
  itself,
  noSource,
} from '@warden/events';
import { UnitOfWork } from '../platform/database/database.js';
import type { Caller } from '../platform/http/caller.js';
import { actorOf } from './actor-of.js';
import { eventId } from './event-id.js';
import { EventLog } from './event-log.js';

/** Does things and tells of them: both are kept, or neither. */
@Injectable()
export class Acts {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly events: EventLog,
  ) {}

  /** Null: nothing was done that is to be told. */
  do<T>(act: () => Promise<T>, tell: (done: T) => WardenEvent | null): Promise<T> {
    return this.unitOfWork.run(async () => {
      const done = await act();
      const event = tell(done);
      if (event !== null) await this.events.append([event]);
      return done;
    });
  }
}

/** Who did it, and where from. */
export interface EventOrigin {
  readonly actor: EventActor;
  readonly source: EventSource;
}

/** Where from is known of whoever asked our own API. */
export function originOf(caller: Caller): EventOrigin {
  return { actor: actorOf(caller), source: caller.source ?? noSource };
}

export const byItself: EventOrigin = Object.freeze({ actor: itself, source: noSource });

/** Of what was done, with success, that is about no single share. */
export function actOf<Name extends EventName>(
  name: Name,
  origin: EventOrigin,
  at: number,
  detail: EventDetail<Name>,
): WardenEvent {
  return { id: eventId(at), at, name, ...origin, share: null, outcome: 'success', reason: null, detail } as WardenEvent;
}

/** What two documents differ in, line by line: what is gone, then what is new. */
export function differenceOf(before: readonly string[], after: readonly string[]): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
