import { Injectable } from '@nestjs/common';
import type { Profile } from '../platform/config/config.js';
import type { Caller } from '../platform/http/caller.js';
import { Clock } from '../platform/time/clock.js';
import { isIdentified } from './callers.js';
import { ProfileSettings, profileValidity } from './resolve-profile.usecase.js';

/** The profile of whoever calls, in the form of get-profile. */
@Injectable()
export class CallerProfile {
  constructor(
    private readonly settings: ProfileSettings,
    private readonly clock: Clock,
  ) {}

  execute(caller: Caller): Profile {
    const identity = isIdentified(caller) ? caller.identity : null;
    return {
      name: caller.name,
      'user-id': identity?.userId ?? null,
      permissions: caller.permissions,
      'authorized-labels': caller.labels,
      groups: identity?.groups ?? null,
      validity: profileValidity(identity?.expiresAt ?? null, this.settings.validity, this.clock.now()),
    };
  }
}
