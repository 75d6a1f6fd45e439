import { Injectable } from '@nestjs/common';
import { Acts, actOf, originOf } from '../../audit/index.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { ApiKeysInForce } from './api-keys-in-force.js';
import { apiKeyEnded } from './api-keys.errors.js';
import { ApiKeysStore } from './api-keys.store.js';
import { BrowseApiKeys } from './browse-api-keys.usecase.js';
import type { ShownApiKey } from './create-api-key.usecase.js';
import { refuseMoreThanCaller } from './key-scope.js';
import { newKeyText } from './key-text.js';

/** Gives a key another secret. At most two work at a time: the new one, and the one before during the overlap. */
@Injectable()
export class RotateApiKey {
  constructor(
    private readonly browse: BrowseApiKeys,
    private readonly store: ApiKeysStore,
    private readonly inForce: ApiKeysInForce,
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, id: string, overlapSeconds: number): Promise<ShownApiKey> {
    const key = await this.browse.find(id);
    // The caller is shown a text of this key, as if they had made it.
    refuseMoreThanCaller(caller, key);
    const at = this.clock.now();
    const { text, digest } = newKeyText(key.publicPart);
    const rotation = { at, by: caller.id, previousUntil: at + overlapSeconds * 1000 };
    const rotated = await this.acts.do(
      () => this.store.rotate(id, rotation, digest),
      (done) => (done === null ? null : actOf('api-key.rotated', originOf(caller), at, { keyId: id })),
    );
    if (rotated === null) throw apiKeyEnded();
    this.inForce.take(rotated);
    return { key: rotated.key, text };
  }
}
