import { Injectable } from '@nestjs/common';
import { AccessRecorder } from '../audit/index.js';
import type { LinksConfig, Profile } from '../platform/config/config.js';
import { Clock } from '../platform/time/clock.js';
import { RolesInForce } from '../roles/index.js';
import { TokenJudge } from '../tokens/index.js';
import { Directory, DirectoryUnavailable } from './directory.js';
import { Identify } from './identify.usecase.js';
import type { Identity } from './identity.js';
import { rightsOf } from './rights.js';
import { identityUnavailable } from './users.errors.js';

export interface ProfileQuestion {
  /** Name of the header or parameter that carries the token; empty or null: there is no token. */
  readonly tokenKey: string | null;
  /** Text of the token without `Bearer `; empty when there is none. */
  readonly token: string;
  /** Asks for the name of a user, when there is no token. */
  readonly userId: string | null;
  readonly serverId: string | null;
}

export abstract class ProfileSettings {
  abstract readonly anonymous: Profile;
  abstract readonly extraTypes: LinksConfig['extraTypes'];
  /** Seconds for which the plugin may keep a profile. */
  abstract readonly validity: number;
}

/**
 * Says who a token stands for. Whoever is not known gets the anonymous profile, so that the plugin can keep the answer;
 * only "cannot tell now" is an error. A live token of a type that the installation named itself carries that type's permissions.
 */
@Injectable()
export class ResolveProfile {
  constructor(
    private readonly settings: ProfileSettings,
    private readonly identify: Identify,
    private readonly roles: RolesInForce,
    private readonly directory: Directory,
    private readonly judge: TokenJudge,
    private readonly recorder: AccessRecorder,
    private readonly clock: Clock,
  ) {}

  /** Null: a user id that the directory does not have. */
  async execute(question: ProfileQuestion): Promise<Profile | null> {
    const { tokenKey, token, userId } = question;
    if (token === '' || tokenKey === null || tokenKey === '') {
      return userId === null || !this.directory.configured ? this.settings.anonymous : this.nameOf(userId);
    }
    // The browser's own credentials for Orthanc, which are no business of ours.
    if (/^basic /i.test(token)) return this.settings.anonymous;
    if (tokenKey === 'api-key') return this.profileOf({ kind: 'api-key', text: token });
    return this.profileOfShare(question) ?? this.profileOf({ kind: 'bearer', text: token });
  }

  private async profileOf(credential: { kind: 'bearer' | 'api-key'; text: string }): Promise<Profile> {
    const verdict = await this.identify.execute(credential);
    if (verdict.ok) {
      const { id, name, source, roles } = verdict.identity;
      const kind = source === 'api-key' ? 'api-key' : 'user';
      this.recorder.profileResolved({ kind, id, name }, credential.kind, roles, this.clock.now());
      return this.profile(verdict.identity);
    }
    if (verdict.reason === 'unavailable') throw identityUnavailable();
    return this.settings.anonymous;
  }

  private profile(identity: Identity): Profile {
    const { document } = this.roles.require();
    const { permissions, labels } = rightsOf(identity, document);
    return {
      name: identity.name,
      'user-id': identity.userId,
      permissions,
      'authorized-labels': labels,
      groups: identity.groups,
      validity: this.validityUntil(identity.expiresAt, this.settings.validity),
    };
  }

  /** Null: the token is none that a key of ours signed. */
  private profileOfShare({ token, serverId }: ProfileQuestion): Profile | null {
    const { anonymous, extraTypes } = this.settings;
    const judged = this.judge.judge(token, this.clock.now(), { labels: null, serverId });
    if (!judged.ok) return judged.token === null && notOurs.has(judged.reason) ? null : anonymous;
    const type = extraTypes.get(judged.token.type ?? '');
    if (type === undefined || type.permissions.length === 0) return anonymous;
    return {
      name: judged.token.label ?? 'Guest',
      'user-id': null,
      permissions: type.permissions,
      'authorized-labels': [],
      groups: [],
      validity: this.validityUntil(judged.token.expiresAt, anonymous.validity),
    };
  }

  /** For lists of events: a name for an id, and no rights. */
  private async nameOf(userId: string): Promise<Profile | null> {
    try {
      const user = await this.directory.userById(userId);
      if (user === null) return null;
      const { validity } = this.settings;
      return {
        name: user.username,
        'user-id': user.id,
        permissions: [],
        'authorized-labels': [],
        groups: null,
        validity,
      };
    } catch (error) {
      if (error instanceof DirectoryUnavailable) throw identityUnavailable();
      throw error;
    }
  }

  private validityUntil(expiresAt: number | null, longest: number): number {
    return profileValidity(expiresAt, longest, this.clock.now());
  }
}

/** Seconds for which a profile may be kept. Never 0: the plugin would keep it for ever. Times in milliseconds. */
export function profileValidity(expiresAt: number | null, longest: number, now: number): number {
  const left = expiresAt === null ? Infinity : Math.floor((expiresAt - now) / 1000);
  return Math.max(1, Math.min(longest, left));
}

/** Refusals that say nothing of who signed a token: it may be somebody else's. */
const notOurs = new Set(['absent', 'too-long', 'malformed', 'unsupported-algorithm', 'bad-signature']);
