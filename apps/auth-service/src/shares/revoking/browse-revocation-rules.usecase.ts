import { Injectable } from '@nestjs/common';
import { type RecordedRule, RevocationRulesStore } from './revocation-rules.store.js';

/** Reads the rules that are in force: one that was made stays. */
@Injectable()
export class BrowseRevocationRules {
  constructor(private readonly store: RevocationRulesStore) {}

  /** One page, newest first; `next` is the id to pass as `before` for the page after it, null on the last one. */
  async execute(limit: number, before: string | null): Promise<{ rules: RecordedRule[]; next: string | null }> {
    const found = await this.store.list(limit + 1, before);
    const rules = found.slice(0, limit);
    return { rules, next: found.length > limit ? (rules.at(-1)?.rule.id ?? null) : null };
  }
}
