import { Injectable } from '@nestjs/common';
import { type FieldFault, invalidInput } from '../../platform/errors/domain-error.js';
import { Acts, actOf, differenceOf, originOf } from '../../audit/index.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import type { SharePolicyDocument } from './share-policy-document.js';
import { SharePolicyInForce } from './share-policy-in-force.js';
import { SharePolicyStore, type SharePolicyVersion } from './share-policy.store.js';
import { ShareTypes } from './share-types.js';

/** Who changes the policy, and why. */
export interface SharePolicyAuthor {
  readonly caller: Caller;
  readonly reason: string | null;
  /** The version that the author has seen, 0 for the one that is built in; null: whichever is in force. */
  readonly expected: number | null;
}

/** Puts a whole policy in force, here at once and on every replica by the change feed. Links that were minted stay as they are. */
@Injectable()
export class WriteSharePolicy {
  constructor(
    private readonly store: SharePolicyStore,
    private readonly inForce: SharePolicyInForce,
    private readonly types: ShareTypes,
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  /** Throws `invalid-input` for types that the installation does not have: a misspelt one would be limited by nothing. */
  async execute(document: SharePolicyDocument, author: SharePolicyAuthor): Promise<SharePolicyVersion> {
    const faults = this.unknownTypes(document);
    if (faults.length > 0) throw invalidInput(faults);
    const { caller, reason, expected } = author;
    const madeAt = this.clock.now();
    let before: SharePolicyVersion | undefined;
    const made = await this.acts.do(
      async () => {
        const appended = await this.store.append(document, { madeBy: caller.id, madeAt, reason, expected });
        [before] = await this.store.page({ limit: 1, before: appended.version });
        return appended;
      },
      ({ version }) => {
        const difference = differenceOf(before === undefined ? [] : linesOf(before.document), linesOf(document));
        return actOf('share-policy.changed', originOf(caller), madeAt, {
          version,
          before: expected,
          difference,
          why: reason,
        });
      },
    );
    this.inForce.take(made);
    return made;
  }

  private unknownTypes({ rules }: SharePolicyDocument): FieldFault[] {
    const { names } = this.types;
    const remedy = `send ${names.join(', ')}`;
    const unknown = (list: readonly string[], field: string, others: readonly string[]) =>
      list.flatMap((name, index) =>
        names.includes(name) || others.includes(name)
          ? []
          : [{ field: `${field}[${index}]`, problem: 'is not a type of token of this installation', remedy }],
      );
    return rules.flatMap(({ types, viewers }, index) => [
      ...unknown(types, `policy.rules[${index}].types`, ['*']),
      ...unknown(viewers ?? [], `policy.rules[${index}].viewers`, []),
    ]);
  }
}

function linesOf({ overLimit, rules }: SharePolicyDocument): string[] {
  return [`over limit: ${overLimit}`, ...rules.map((rule) => JSON.stringify(rule))];
}
