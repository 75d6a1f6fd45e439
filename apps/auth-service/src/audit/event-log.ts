import type { WardenEvent } from '@warden/events';

/** What happened, for good. */
export abstract class EventLog {
  /**
   * Records events in the order given, with one statement however many they are. Joins the transaction of the caller
   * (`UnitOfWork`): they are recorded if their cause is stored, and not otherwise.
   */
  abstract append(events: readonly WardenEvent[]): Promise<void>;
}
