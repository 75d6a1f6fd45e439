import type { WardenEvent } from '@warden/events';

export interface EventsPage {
  readonly events: readonly WardenEvent[];
  /** Id to pass as `before` for the page after it; null on the last one. */
  readonly next: string | null;
}

/** What was recorded of one share. */
export abstract class ShareEventsStore {
  /**
   * Newest first, by the moment of recording. Events that a later release recorded and this one does not know are left
   * out, so that a page may hold fewer than `limit`; those of a share that is not in the registry are there all the same.
   */
  abstract page(shareId: string, limit: number, before: string | null): Promise<EventsPage>;
}
