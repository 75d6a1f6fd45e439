/** Whose, or from where: all that is given must match. */
export interface ToErase {
  /** PatientID of any of the patients an event is about, and of whoever was asked for by a reading of the record. */
  readonly patient?: string | undefined;
  /** Id of who caused it. */
  readonly actor?: string | undefined;
  /** Network address as it was recorded. */
  readonly address?: string | undefined;
  /** Filed at this moment or later, milliseconds since the epoch. */
  readonly from?: number | undefined;
  /** Filed before this moment. */
  readonly to?: number | undefined;
}

/** Halves of events that can be erased. What is not sealed yet is not seen; sealing takes a second at most. */
export abstract class ErasuresStore {
  /** Events that match and have something to erase. */
  abstract count(wanted: ToErase): Promise<number>;
  /**
   * Erases what they have, for good, and joins the transaction of the caller. Of two at once, each event is counted by
   * one.
   * @param toldBy id of the event that tells of it, which is recorded in the same transaction with this count.
   */
  abstract erase(wanted: ToErase, toldBy: string): Promise<number>;
}
