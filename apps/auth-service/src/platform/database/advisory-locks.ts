/**
 * Numbers of PostgreSQL's advisory locks: one room of numbers for a whole database, so they stand together. Those of functions
 * of the schema are in migrations, which do not change:
 *
 * - 7_241_912, `audit_seal()`: one replica seals at a time, the others leave it to that one.
 */
export const advisoryLocks = {
  /** Whoever migrates holds it, everyone else waits. */
  migrating: 7_241_905,
  /** The writers of roles, so that versions follow one another. */
  roles: 7_241_906,
  /** The writers of the share policy, so that versions follow one another. */
  sharePolicy: 7_241_907,
  /** One replica makes a checkpoint, the others leave it to that one. */
  checkpoint: 7_241_913,
  /** One erasure at a time: two that want the same events in different orders would stop each other. */
  erasure: 7_241_914,
} as const;

/** First of two numbers, which PostgreSQL keeps apart from the single ones; the second is a hash of what is locked. */
export const advisoryLockSpaces = {
  /** Delivery of the record to a target, by its name: one replica delivers, and a cursor is not set back meanwhile. */
  auditDelivery: 6514,
} as const;
