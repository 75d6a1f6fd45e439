import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/time/clock.js';
import { Directory, DirectoryUnavailable, type DirectoryUser } from './directory.js';
import { type Identity, type IdentityVerdict, nothingOfItsOwn, refused } from './identity.js';
import { isKeycloakApiKey } from './keycloak-api-key.js';

/** Milliseconds for which an answer is kept: so long does a key live on that was taken away in Keycloak. */
const keepFound = 10_000;
const keepRefused = 5_000;
/** Of each kind: found keys have a room of their own, which unknown ones cannot fill. */
const mostKept = 1_000;
/** Look-ups at once, and those that wait for their turn: a flood of invented keys must not become a flood on Keycloak. */
const mostAtOnce = 8;
const mostWaiting = 64;
/** Milliseconds. Whoever waited longer for a turn gets no look-up: the plugin has given up by then. */
const longestWait = 2_000;

interface Kept {
  readonly verdict: IdentityVerdict;
  /** By the monotonic clock. */
  readonly until: number;
}

/**
 * API keys that are an attribute of a user in Keycloak. Answers are kept for some seconds under the SHA-256 of the key;
 * "cannot tell" is never kept. Who asks for a key that is being looked up gets that answer.
 */
@Injectable()
export class KeycloakApiKeys {
  private readonly found = new Map<string, Kept>();
  private readonly refusals = new Map<string, Kept>();
  private readonly flights = new Map<string, Promise<IdentityVerdict>>();
  private readonly waiting: (() => void)[] = [];
  private atOnce = 0;

  constructor(
    private readonly directory: Directory,
    private readonly clock: Clock,
  ) {}

  /** Never throws for a bad key or a directory that does not answer. */
  async find(key: string): Promise<IdentityVerdict> {
    if (!this.directory.configured)
      return refused(
        'not-configured',
        'API keys of Keycloak are asked for with KEYCLOAK_CLIENT_SECRET, which is not set',
      );
    if (!isKeycloakApiKey(key))
      return refused('malformed-key', 'an API key of Keycloak is 8 to 256 letters, digits, "-", "_" and "."');
    const digest = hash('sha256', key, 'hex');
    const kept = this.found.get(digest) ?? this.refusals.get(digest);
    if (kept !== undefined && this.clock.monotonic() < kept.until) return kept.verdict;
    const known = this.flights.get(digest);
    if (known !== undefined) return known;
    const flight = this.lookUp(key, digest).finally(() => this.flights.delete(digest));
    this.flights.set(digest, flight);
    return flight;
  }

  private async lookUp(key: string, digest: string): Promise<IdentityVerdict> {
    if (!(await this.turn())) {
      return refused('unavailable', 'too many API keys are being looked up in Keycloak at once');
    }
    try {
      // Counted from the question: what changes in Keycloak meanwhile is seen no later for it.
      const asked = this.clock.monotonic();
      const verdict = await this.judge(key);
      this.keep(digest, verdict, asked);
      return verdict;
    } catch (error) {
      if (error instanceof DirectoryUnavailable) return refused('unavailable', error.message);
      throw error;
    } finally {
      this.pass();
    }
  }

  private async judge(key: string): Promise<IdentityVerdict> {
    const users = await this.directory.usersByApiKey(key);
    const [user, another] = users;
    if (user === undefined)
      return refused('unknown-api-key', 'no user of Keycloak has it as the attribute api-key, in this spelling');
    if (another !== undefined)
      return refused(
        'ambiguous-api-key',
        `${users.length} users of Keycloak have this API key; give each a key of its own`,
      );
    if (!user.enabled) return refused('user-disabled', `keycloak:${user.id} is disabled in Keycloak`);
    if (user.notBefore !== null && user.notBefore > this.clock.now())
      return refused('user-disabled', `keycloak:${user.id} is not valid yet: its "not before" in Keycloak is to come`);
    return { ok: true, identity: identityOf(user, await this.directory.rolesOf(user.id)) };
  }

  /** True: it is our turn, and `pass` must follow. False: there are too many, or it took too long. */
  private async turn(): Promise<boolean> {
    if (this.atOnce < mostAtOnce) {
      this.atOnce += 1;
      return true;
    }
    if (this.waiting.length >= mostWaiting) return false;
    const since = this.clock.monotonic();
    await new Promise<void>((go) => this.waiting.push(go));
    if (this.clock.monotonic() - since <= longestWait) return true;
    this.pass();
    return false;
  }

  /** The place goes to the next in the row, or is free. */
  private pass(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.atOnce -= 1;
    else next();
  }

  private keep(digest: string, verdict: IdentityVerdict, asked: number): void {
    const [room, age] = verdict.ok ? [this.found, keepFound] : [this.refusals, keepRefused];
    // Taken out first: a key that changed its kind has one answer, and a new answer goes to the end of the row.
    this.found.delete(digest);
    this.refusals.delete(digest);
    room.set(digest, { verdict, until: asked + age });
    if (room.size <= mostKept) return;
    const [oldest] = room.keys();
    if (oldest !== undefined) room.delete(oldest);
  }
}

function identityOf({ id, username }: DirectoryUser, roles: readonly string[]): Identity {
  return {
    id: `keycloak:${id}`,
    source: 'keycloak-api-key',
    name: username,
    userId: id,
    groups: null,
    roles,
    own: nothingOfItsOwn,
    expiresAt: null,
  };
}
