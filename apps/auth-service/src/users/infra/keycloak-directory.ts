import { hash, timingSafeEqual } from 'node:crypto';
import type { DirectoryConfig } from '../../platform/config/config.js';
import { type Exchange, NoAnswer, fetchText } from '../../platform/http/fetch-json.js';
import type { Clock } from '../../platform/time/clock.js';
import { Directory, DirectoryUnavailable, type DirectoryUser } from '../directory.js';
import { isKeycloakApiKey } from '../keycloak-api-key.js';

export interface KeycloakDirectoryOptions {
  /** Milliseconds for one request, the body of the answer and a second attempt on a fresh connection included. */
  readonly timeLimit?: number;
  /** Roles asked for at once. */
  readonly pageSize?: number;
}

/** Beyond this a realm is not one that people gave rights in: an answer that never ends must end here. */
const mostRoles = 5_000;
/** Keycloak gives these two to every user. */
const builtInRoles = new Set(['uma_authorization', 'offline_access']);
/** Milliseconds before its end at which an access token is no longer used: a request is under way for a while. */
const tokenMargin = 10_000;

interface AccessToken {
  readonly text: string;
  /** By the monotonic clock. */
  readonly usableUntil: number;
}

interface Call {
  /** As the log names it; never the query, which holds a key. */
  readonly name: string;
  readonly path: string;
  /** By status, what the installer has to do. */
  readonly remedies?: Readonly<Record<number, string>>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Keycloak 24 to 26 over HTTP, as the service account of KEYCLOAK_CLIENT_ID. Nothing of an answer is kept but the access token. */
export class KeycloakDirectory extends Directory {
  readonly configured: boolean;
  private readonly timeLimit: number;
  private readonly pageSize: number;
  private token: AccessToken | null = null;
  private tokenFlight: Promise<AccessToken> | null = null;

  constructor(
    private readonly config: DirectoryConfig | null,
    private readonly clock: Clock,
    { timeLimit = 2_000, pageSize = 200 }: KeycloakDirectoryOptions = {},
  ) {
    super();
    this.configured = config !== null;
    this.timeLimit = timeLimit;
    this.pageSize = pageSize;
  }

  async usersByApiKey(key: string): Promise<readonly DirectoryUser[]> {
    if (!isKeycloakApiKey(key)) return [];
    const query = new URLSearchParams({ q: `api-key:${key}`, exact: 'true', briefRepresentation: 'false' });
    const call: Call = {
      name: 'users?q=api-key',
      path: `users?${query.toString()}`,
      remedies: { 403: `give ${this.account()} the roles view-users and query-users of realm-management` },
    };
    const found = listOf(call.name, await this.ask(call)).map((entry) => ({
      user: userOf(call.name, entry),
      keys: apiKeysOf(entry),
    }));
    if (found.length > 0 && found.every(({ keys }) => keys === null)) {
      throw new DirectoryUnavailable(
        `Keycloak found users by ${call.name} but shows no attribute api-key: declare it in the user profile of the realm, for administrators only, or set unmanaged attributes to "only administrators can write"`,
      );
    }
    return found.filter(({ keys }) => holds(keys ?? [], key)).map(({ user }) => user);
  }

  async rolesOf(userId: string): Promise<readonly string[]> {
    if (!isUserId(userId)) return [];
    const call: Call = {
      name: 'users/{id}/role-mappings/realm/composite',
      path: `users/${encodeURIComponent(userId)}/role-mappings/realm/composite`,
      remedies: { 403: `give ${this.account()} the role view-users of realm-management` },
    };
    const answer = await this.ask(call);
    if (isUnknownUser(answer)) return [];
    return listOf(call.name, answer)
      .map((entry) => roleOf(call.name, entry))
      .filter(({ name, composite }) => !composite && !builtInRoles.has(name))
      .map(({ name }) => name);
  }

  async userById(userId: string): Promise<DirectoryUser | null> {
    if (!isUserId(userId)) return null;
    const call: Call = {
      name: 'users/{id}',
      path: `users/${encodeURIComponent(userId)}`,
      remedies: { 403: `give ${this.account()} the role view-users of realm-management` },
    };
    const answer = await this.ask(call);
    if (isUnknownUser(answer)) return null;
    return userOf(call.name, parsed(call.name, accepted(call, answer)));
  }

  async realmRoles(): Promise<readonly { readonly name: string; readonly composite: boolean }[]> {
    const roles = new Map<string, { name: string; composite: boolean }>();
    for (let first = 0; first < mostRoles; first += this.pageSize) {
      const call: Call = {
        name: 'roles',
        path: `roles?first=${first}&max=${this.pageSize}&briefRepresentation=true`,
        remedies: { 403: `give ${this.account()} the role view-realm of realm-management` },
      };
      const page = listOf(call.name, await this.ask(call)).map((entry) => roleOf(call.name, entry));
      const before = roles.size;
      for (const role of page) roles.set(role.name, role);
      // A server that does not page answers the same again: nothing new is the end too.
      if (page.length < this.pageSize || roles.size === before) return [...roles.values()];
    }
    throw new DirectoryUnavailable(`Keycloak has more than ${mostRoles} realm roles; that many are not read`);
  }

  /** 200, or 404 where the call may find nothing; anything else is thrown. */
  private async ask(call: Call): Promise<Answer> {
    const { adminUrl } = this.settings();
    const once = async (token: AccessToken) =>
      this.send(call.name, 'KEYCLOAK_ADMIN_URI', `${adminUrl}${call.path}`, {
        headers: { authorization: `Bearer ${token.text}`, accept: 'application/json' },
      });
    const token = await this.accessToken();
    let answer = await once(token);
    if (answer.status === 401) {
      // Keycloak forgets tokens early: a restart, a logout of the client, a rotated key. Others may have renewed it by now.
      if (this.token === token) this.token = null;
      answer = await once(await this.accessToken());
    }
    if (answer.status === 404 && isUnknownUser(answer)) return answer;
    accepted(call, answer);
    return answer;
  }

  /** One flight at a time: whoever needs a token meanwhile waits for it. */
  private accessToken(): Promise<AccessToken> {
    if (this.token !== null && this.clock.monotonic() < this.token.usableUntil) return Promise.resolve(this.token);
    this.tokenFlight ??= this.fetchToken()
      .then((token) => (this.token = token))
      .finally(() => (this.tokenFlight = null));
    return this.tokenFlight;
  }

  private async fetchToken(): Promise<AccessToken> {
    const { realmUrl, clientId, clientSecret } = this.settings();
    const wrongClient = `KEYCLOAK_CLIENT_SECRET is wrong, or the client ${clientId} has no client authentication with service accounts`;
    const call: Call = {
      name: 'protocol/openid-connect/token',
      path: '',
      remedies: {
        400: wrongClient,
        401: wrongClient,
        403: `the client ${clientId} may not ask for tokens`,
        404: 'KEYCLOAK_URI must name the realm, such as http://keycloak:8080/realms/orthanc/',
      },
    };
    const asked = this.clock.monotonic();
    const answer = await this.send(call.name, 'KEYCLOAK_URI', `${realmUrl}${call.name}`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret.reveal(),
      }),
    });
    const body = parsed(call.name, accepted(call, answer));
    const { access_token: text, expires_in: seconds } = isObject(body) ? body : {};
    // What is no b64token (RFC 6750 section 2.1) cannot be a header, and fetch would print it in its error.
    if (typeof text !== 'string' || !/^[A-Za-z0-9._~+/=-]+$/.test(text)) throw unreadable(call.name);
    if (typeof seconds !== 'number' || !(seconds > 0)) throw unreadable(call.name);
    const life = seconds * 1000;
    return { text, usableUntil: asked + Math.max(life - tokenMargin, life / 2) };
  }

  /** In our words: the address holds the key. */
  private async send(name: string, setting: string, url: string, exchange: Exchange): Promise<Answer> {
    try {
      return await fetchText(url, { ...exchange, timeLimit: this.timeLimit });
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const remedies: Partial<Record<NoAnswer['kind'], string>> = {
        timeout: `; is ${setting} the address at which this service reaches it?`,
        redirect: `; give the final address in ${setting}`,
        unreachable: `; check ${setting} and that Keycloak runs`,
      };
      throw new DirectoryUnavailable(`Keycloak, ${name}: ${error.message}${remedies[error.kind] ?? ''}`);
    }
  }

  private settings(): DirectoryConfig {
    if (this.config === null) {
      throw new DirectoryUnavailable('Keycloak cannot be asked: KEYCLOAK_CLIENT_SECRET is not set');
    }
    return this.config;
  }

  private account(): string {
    return `the service account of ${this.config?.clientId ?? 'the client'}`;
  }
}

/** The text of a 200; for any other status the sentence for the installer. */
function accepted({ name, remedies = {} }: Call, { status, text }: Answer): string {
  if (status === 200) return text;
  const general: Record<number, string> = {
    401: 'it refuses a new access token; KEYCLOAK_URI and KEYCLOAK_ADMIN_URI must name the same realm by the same host',
    404: 'KEYCLOAK_ADMIN_URI must name the realm, such as http://keycloak:8080/admin/realms/orthanc/',
  };
  const remedy = remedies[status] ?? general[status] ?? (status >= 500 ? 'see its log' : 'that is not expected');
  throw new DirectoryUnavailable(`Keycloak, ${name}: answered ${status}; ${remedy}`);
}

/** A 404 of a wrong address reads otherwise: it must not pass for a user who is gone. */
function isUnknownUser({ status, text }: Answer): boolean {
  return status === 404 && /"user not found"/i.test(text);
}

/** What goes into a path: ids of Keycloak and of federated users, and nothing that a server on the way reads as a path. */
function isUserId(text: string): boolean {
  return /^[A-Za-z0-9_.:@+=~-]{1,255}$/.test(text) && !/^\.\.?$/.test(text);
}

/** Compared as digests, all of them, whatever was found before: nothing can be learnt by measuring. */
function holds(values: readonly string[], key: string): boolean {
  const wanted = digestOf(key);
  let found = false;
  for (const value of values) if (timingSafeEqual(digestOf(value), wanted)) found = true;
  return found;
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

function listOf(name: string, { text }: Answer): unknown[] {
  const value = parsed(name, text);
  if (!Array.isArray(value)) throw unreadable(name);
  return value;
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unreadable(name);
  }
}

function unreadable(name: string): DirectoryUnavailable {
  return new DirectoryUnavailable(`Keycloak, ${name}: the answer is not what Keycloak says; is something else there?`);
}

function userOf(name: string, value: unknown): DirectoryUser {
  if (!isObject(value)) throw unreadable(name);
  const { id, username, enabled, notBefore = null } = value;
  if (typeof id !== 'string' || id === '' || typeof username !== 'string' || typeof enabled !== 'boolean')
    throw unreadable(name);
  // Seconds there; 0 is "none".
  if (notBefore !== null && typeof notBefore !== 'number') throw unreadable(name);
  return { id, username, enabled, notBefore: notBefore === null || notBefore === 0 ? null : notBefore * 1000 };
}

/** Null: the attribute is not shown. */
function apiKeysOf(value: unknown): readonly string[] | null {
  const attributes = isObject(value) ? value.attributes : null;
  const keys = isObject(attributes) ? attributes['api-key'] : null;
  if (keys === null || keys === undefined) return null;
  return (Array.isArray(keys) ? (keys as unknown[]) : [keys]).filter((one) => typeof one === 'string');
}

function roleOf(name: string, value: unknown): { name: string; composite: boolean } {
  if (!isObject(value)) throw unreadable(name);
  const { name: role, composite } = value;
  if (typeof role !== 'string' || typeof composite !== 'boolean') throw unreadable(name);
  return { name: role, composite };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
