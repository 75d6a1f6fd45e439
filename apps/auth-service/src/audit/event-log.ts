import type { WardenEvent } from '@warden/events';

/** What happened, for good. */
export abstract class EventLog {
  /**
   * Records events in the order given, with one statement however many they are; one more where the archive knows whose
   * the studies are, and the events do not. Joins the transaction of the caller
   * (`UnitOfWork`): they are recorded if their cause is stored, and not otherwise.
   */
  abstract append(events: readonly WardenEvent[]): Promise<void>;
}
