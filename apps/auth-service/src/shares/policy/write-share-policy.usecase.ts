import { Injectable } from '@nestjs/common';
import { type FieldFault, invalidInput } from '../../platform/errors/domain-error.js';
import { Clock } from '../../platform/time/clock.js';
import type { SharePolicyDocument } from './share-policy-document.js';
import { SharePolicyInForce } from './share-policy-in-force.js';
import { type SharePolicyChange, SharePolicyStore, type SharePolicyVersion } from './share-policy.store.js';
import { ShareTypes } from './share-types.js';

export type SharePolicyAuthor = Omit<SharePolicyChange, 'madeAt'>;

/** Puts a whole policy in force, here at once and on every replica by the change feed. Links that were minted stay as they are. */
@Injectable()
export class WriteSharePolicy {
  constructor(
    private readonly store: SharePolicyStore,
    private readonly inForce: SharePolicyInForce,
    private readonly types: ShareTypes,
    private readonly clock: Clock,
  ) {}

  /** Throws `invalid-input` for types that the installation does not have: a misspelt one would be limited by nothing. */
  async execute(document: SharePolicyDocument, author: SharePolicyAuthor): Promise<SharePolicyVersion> {
    const faults = this.unknownTypes(document);
    if (faults.length > 0) throw invalidInput(faults);
    const made = await this.store.append(document, { ...author, madeAt: this.clock.now() });
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
