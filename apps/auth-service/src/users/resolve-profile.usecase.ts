import { Injectable } from '@nestjs/common';
import type { LinksConfig, Profile } from '../platform/config/config.js';
import { Clock } from '../platform/time/clock.js';
import { TokenJudge } from '../tokens/index.js';

export interface ProfileQuestion {
  /** Text of the token without `Bearer `; empty when there is none. */
  readonly token: string;
  readonly serverId: string | null;
}

export abstract class ProfileSettings {
  abstract readonly anonymous: Profile;
  abstract readonly extraTypes: LinksConfig['extraTypes'];
}

/**
 * Says who a token stands for. Whoever is not known gets the anonymous profile, so that the plugin can keep the answer.
 * A live token of a type that the installation named itself carries that type's permissions.
 */
@Injectable()
export class ResolveProfile {
  constructor(
    private readonly settings: ProfileSettings,
    private readonly judge: TokenJudge,
    private readonly clock: Clock,
  ) {}

  execute({ token, serverId }: ProfileQuestion): Profile {
    const { anonymous, extraTypes } = this.settings;
    if (token === '' || extraTypes.size === 0) return anonymous;
    const now = this.clock.now();
    const judged = this.judge.judge(token, now, { labels: null, serverId });
    const type = judged.ok ? extraTypes.get(judged.token.type ?? '') : undefined;
    if (!judged.ok || type === undefined || type.permissions.length === 0) return anonymous;
    const left = judged.token.expiresAt === null ? Infinity : Math.floor((judged.token.expiresAt - now) / 1000);
    return {
      name: judged.token.label ?? 'Guest',
      'user-id': null,
      permissions: type.permissions,
      'authorized-labels': [],
      groups: [],
      validity: Math.max(1, Math.min(anonymous.validity, left)),
    };
  }
}
