import { Injectable } from '@nestjs/common';
import { Log, messageOf } from '../platform/observability/log.js';
import { Clock } from '../platform/time/clock.js';
import { type RealmRole, RealmRoles } from './realm-roles.js';

/** Milliseconds for which an answer, or its absence, is kept: OE2 asks on every page load. */
const keptMs = 5_000;
/** Milliseconds after which a directory that is silent is taken for one that is down; the plugin waits 10 s for us. */
const patienceMs = 2_000;

/** What the directory answered last. One question at a time, whoever waits for it. */
@Injectable()
export class KnownRealmRoles {
  private last: { readonly roles: readonly RealmRole[] | null; readonly at: number } | null = null;
  private lastGood: readonly RealmRole[] | null = null;
  private flight: Promise<void> | null = null;
  private down = false;

  constructor(
    private readonly realm: RealmRoles,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Whether a stored role that the directory lacks is hidden. */
  get hides(): boolean {
    return this.realm.configured && this.realm.exhaustive;
  }

  /** The roles as the directory has them, some seconds old at most. Null: there is no directory, or it is down. */
  async now(): Promise<readonly RealmRole[] | null> {
    if (!this.realm.configured) return null;
    if (this.last === null || this.clock.monotonic() - this.last.at >= keptMs) {
      this.flight ??= this.ask().finally(() => (this.flight = null));
      await this.flight;
    }
    return this.last?.roles ?? null;
  }

  /** As `now`; while the directory is down, its last good answer, however old. Null when it never gave one. */
  async lastKnown(): Promise<readonly RealmRole[] | null> {
    return (await this.now()) ?? (this.realm.configured ? this.lastGood : null);
  }

  private async ask(): Promise<void> {
    let roles: readonly RealmRole[] | null = null;
    try {
      roles = await inTime(this.realm.names());
      this.lastGood = roles;
      if (this.down) this.log.info('realm-roles-answer-again');
      this.down = false;
    } catch (error) {
      if (!this.down) {
        this.log.warn('realm-roles-unavailable', {
          cause: messageOf(error),
          detail: 'roles are listed as stored until Keycloak answers',
        });
      }
      this.down = true;
    }
    this.last = { roles, at: this.clock.monotonic() };
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs / 1000} s`)), patienceMs);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
