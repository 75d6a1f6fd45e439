import type { EventActor } from '@warden/events';
import { Gathered } from './access-lane.js';

/** What may be gathered in one entry; what the questions do not agree on is not told. */
export interface Asked {
  readonly level: string | null;
  readonly method: string | null;
  /** Study Instance UID; Orthanc's id where the UID is not told. */
  readonly study: string | null;
  readonly serverId: string | null;
  /** Of Orthanc's routes; null: the plugin asked. */
  readonly route: string | null;
}

/** Where a request came from that the guard saw: the plugin does not tell. */
export interface AccessOrigin {
  /** Null: from more places than are told apart. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Of Orthanc's routes; null: it is none of the table. */
  readonly route: string | null;
}

/** Where an open entry is found again. */
export interface Home {
  /** Does nothing when another one took its place. */
  remove(entry: Gathered): void;
}

export class GatheredAccess extends Gathered implements Asked {
  level: string | null;
  method: string | null;
  study: string | null;
  serverId: string | null;
  route: string | null;

  constructor(
    at: number,
    readonly name: 'access.disclosed' | 'access.granted' | 'access.denied',
    readonly reason: string | null,
    /** What it is gathered by: the token, and where it came from as far as that is seen. */
    readonly key: string,
    /** Identity of the share; empty: the token was signed by no key of ours. */
    readonly share: string,
    /** The caller that asked. */
    readonly asker: string,
    asked: Asked,
    readonly origin: AccessOrigin | null,
    private readonly home: Home | null,
  ) {
    super(at);
    this.level = asked.level;
    this.method = asked.method;
    this.study = asked.study;
    this.serverId = asked.serverId;
    this.route = asked.route;
  }

  agree(
    level: string | null,
    method: string | null,
    study: string | null,
    serverId: string | null,
    route: string | null,
  ): void {
    if (this.level !== level) this.level = null;
    if (this.method !== method) this.method = null;
    if (this.study !== study) this.study = null;
    if (this.serverId !== serverId) this.serverId = null;
    if (this.route !== route) this.route = null;
  }

  close(): void {
    this.home?.remove(this);
  }
}

export type Use =
  | { readonly name: 'profile.resolved'; readonly via: string; readonly roles: readonly string[] }
  | { readonly name: 'api-key.used'; readonly keyId: string };

/** A profile that was asked for, or a key that was used, again and again. */
export class GatheredUse extends Gathered {
  constructor(
    at: number,
    readonly key: string,
    readonly actor: EventActor,
    readonly use: Use,
    private readonly home: Home,
  ) {
    super(at);
  }

  close(): void {
    this.home.remove(this);
  }
}

export type GatheredEntry = GatheredAccess | GatheredUse;

/** Open entries by their key. */
export class OpenEntries<Entry extends Gathered & { readonly key: string }> implements Home {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly emptied: () => void = () => undefined) {}

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  add(entry: Entry): void {
    this.entries.set(entry.key, entry);
  }

  remove(entry: Entry): void {
    if (this.entries.get(entry.key) !== entry) return;
    this.entries.delete(entry.key);
    if (this.entries.size === 0) this.emptied();
  }
}
