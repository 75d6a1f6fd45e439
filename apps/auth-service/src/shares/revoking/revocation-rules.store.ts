import type { RevocationRule } from '../../tokens/index.js';
import type { Revocation } from '../share.js';

/** A rule, and who made it when and why. */
export interface RecordedRule {
  readonly rule: RevocationRule;
  readonly made: Revocation;
}

/** The rules that end links never seen here. Fails with `database-unavailable`, and has then changed nothing. */
export abstract class RevocationRulesStore {
  /**
   * Stores the rule and tells every replica, in one transaction. The id of an earlier rule with the same members is
   * returned instead of a second one: rules are looked through at each decision.
   */
  abstract add(recorded: RecordedRule): Promise<string>;
  /** Newest first; at most `limit`, those made before the one with the id `before`. */
  abstract list(limit: number, before: string | null): Promise<RecordedRule[]>;
}
