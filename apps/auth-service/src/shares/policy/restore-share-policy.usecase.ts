import { Injectable } from '@nestjs/common';
import { noSuchSharePolicyVersion } from './share-policy.errors.js';
import { SharePolicyStore, type SharePolicyVersion } from './share-policy.store.js';
import { type SharePolicyAuthor, WriteSharePolicy } from './write-share-policy.usecase.js';

/** Puts an old policy in force again, as a further version: the history only grows. */
@Injectable()
export class RestoreSharePolicy {
  constructor(
    private readonly store: SharePolicyStore,
    private readonly write: WriteSharePolicy,
  ) {}

  async execute(version: number, author: SharePolicyAuthor): Promise<SharePolicyVersion> {
    const old = await this.store.find(version);
    if (old === null) throw noSuchSharePolicyVersion();
    const told = author.reason === null ? '' : `: ${author.reason}`;
    return this.write.execute(old.document, { ...author, reason: `restored version ${version}${told}` });
  }
}
