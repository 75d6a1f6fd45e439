import {
  type KeyObject,
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Claims = Readonly<Record<string, unknown>>;

/** What is counted and what faults are made for. `other`: whatever is not served, and so answered 404. */
export type RealmEndpoint =
  'realm' | 'discovery' | 'certs' | 'token' | 'introspection' | 'roles' | 'users' | 'user' | 'user-roles' | 'other';
export const realmEndpoints: readonly RealmEndpoint[] = [
  'realm',
  'discovery',
  'certs',
  'token',
  'introspection',
  'roles',
  'users',
  'user',
  'user-roles',
  'other',
];

export type RealmFault =
  /** No answer ever. */
  | 'hang'
  /** Head and half a body, then nothing. */
  | 'stall'
  /** 200 and a page of HTML. */
  | 'garbage'
  /** 200 and an endless JSON list. */
  | 'endless'
  /** The connection is reset before an answer. */
  | 'reset'
  | { readonly status: number }
  | { readonly redirect: string }
  /** The right answer, that many milliseconds late. */
  | { readonly slow: number }
  /** 200 and this JSON. */
  | { readonly answer: unknown };

export interface RealmUser {
  readonly id: string;
  readonly username: string;
  /** Absent: enabled. */
  readonly enabled?: boolean;
  /** Seconds since the epoch, as in Keycloak; absent or 0: none. */
  readonly notBefore?: number;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** Effective realm roles. A name that the realm lacks counts as a role that is not composite. */
  readonly roles?: readonly string[];
}

export interface RealmRole {
  readonly name: string;
  readonly composite?: boolean;
}

/** What the service account of `admin-cli` may do. */
export type RealmRight = 'view-users' | 'query-users' | 'view-realm';

export interface RealmOptions {
  readonly users?: readonly RealmUser[];
  readonly roles?: readonly RealmRole[];
  /** Where the issuer lives; default `/realms/orthanc`. A slash at the end is part of the issuer, as Authentik has it. */
  readonly issuerPath?: string;
  /** Value of `iss` and of discovery's `issuer`; default: origin and `issuerPath`. */
  readonly issuer?: string | ((origin: string) => string);
  /** Default as Keycloak has it below `issuerPath`. */
  readonly jwksPath?: string;
  readonly tokenPath?: string;
  readonly introspectionPath?: string;
  /** Keycloak's JWKs name their `alg`; those of Entra ID do not. */
  readonly keysNameAlgorithm?: boolean;
  /** Further members of the discovery document, or others in their place. */
  readonly discovery?: Claims;
}

/** Options of `startRealm` for issuers that are not Keycloak. */
export const entraLike: RealmOptions = {
  issuerPath: '/11111111-2222-3333-4444-555555555555/v2.0',
  jwksPath: '/11111111-2222-3333-4444-555555555555/discovery/v2.0/keys',
  tokenPath: '/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token',
  keysNameAlgorithm: false,
};
export const authentikLike: RealmOptions = {
  issuerPath: '/application/o/orthanc/',
  jwksPath: '/application/o/orthanc/jwks/',
  tokenPath: '/application/o/token/',
  introspectionPath: '/application/o/introspect/',
};
export const oktaLike: RealmOptions = {
  issuerPath: '/oauth2/default',
  jwksPath: '/oauth2/default/v1/keys',
  tokenPath: '/oauth2/default/v1/token',
  introspectionPath: '/oauth2/default/v1/introspect',
};

export interface TokenOptions {
  /** Key of the realm that signs, withdrawn and `enc` ones too; default: the active one. */
  readonly signWith?: string;
  /** A private key that is not the realm's, or a secret for HS*. The `kid` stays the realm's unless `kid` says otherwise. */
  readonly key?: KeyObject | string;
  /** `kid` of the header, whoever signs; null: none. */
  readonly kid?: string | null;
  /** Default: that of the signing key. `none` is not signed. */
  readonly alg?: string;
  /** `typ` of the header; null: none. */
  readonly typ?: string | null;
  /** Further members of the header. */
  readonly header?: Claims;
  /** Claims of the usual ones that are left out. */
  readonly omit?: readonly string[];
  /** Only iss, sub, iat and exp, as of an issuer that is not Keycloak. */
  readonly bare?: boolean;
}

export interface RealmKey {
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256' | 'RSA-OAEP';
  readonly use: 'sig' | 'enc';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface RealmRequest {
  readonly endpoint: RealmEndpoint;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export const realmClientSecret = 'TEST-ONLY-client-secret';
const adminPath = '/admin/realms/orthanc/';

/** A Keycloak look-alike on a free port of loopback: discovery, keys, tokens, introspection and a part of the admin REST. */
export async function startRealm(options: RealmOptions = {}): Promise<RealmDouble> {
  const realm = new RealmDouble(options);
  await realm.up();
  return realm;
}

export class RealmDouble {
  /** Data, read at each request: a test changes them as it goes. */
  users: RealmUser[];
  roles: RealmRole[];
  rights = new Set<RealmRight>(['view-users', 'query-users', 'view-realm']);
  clients = new Map<string, string>([['admin-cli', realmClientSecret]]);
  /** Seconds; `expires_in` of the token endpoint. */
  accessTokenLife = 60;
  /** Values of `api-key` for which `users` answers 500. */
  readonly failingApiKeys = new Set<string>();
  /** As Keycloak: a token whose `aud` lacks the asking client is inactive. */
  introspectionChecksAudience = true;
  /** Requests since the start or `forgetRequests`, counted when they arrive, whatever becomes of them. */
  counts: Record<RealmEndpoint, number> = noCounts();
  requests: RealmRequest[] = [];

  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly faults = new Map<RealmEndpoint, RealmFault>();
  private readonly keys: RealmKey[];
  private readonly withdrawn = new Set<string>();
  private readonly lent: RsaPair[] = [];
  private activeKid: string;
  /** Text → milliseconds since the epoch. */
  private readonly accessTokens = new Map<string, number>();
  private readonly ended = new Set<string>();
  private port = 0;

  constructor(private readonly options: RealmOptions) {
    this.users = [...(options.users ?? [])];
    this.roles = [...(options.roles ?? [])];
    const sig = this.newRsa();
    this.keys = [sig, encryptionKey()];
    this.activeKid = sig.kid;
    this.server = createServer((request, response) => void this.receive(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Value of `iss`. */
  get issuer(): string {
    const { issuer } = this.options;
    return typeof issuer === 'function' ? issuer(this.origin) : (issuer ?? `${this.origin}${this.issuerPath}`);
  }

  /** Address below which discovery is, without a slash at the end. */
  get url(): string {
    return `${this.origin}${this.base}`;
  }

  get jwksUri(): string {
    return `${this.origin}${this.paths.certs}`;
  }

  get activeKey(): RealmKey {
    return this.key(this.activeKid);
  }

  /** The key for encryption: listed, and never to be used for signatures. */
  get encKid(): string {
    return this.keys.find(({ use }) => use === 'enc')?.kid ?? '';
  }

  key(kid: string): RealmKey {
    const found = this.keys.find((one) => one.kid === kid);
    if (found === undefined) throw new Error(`the realm never had a key ${kid}`);
    return found;
  }

  /** A new active key, whose kid is given back; the former stays listed. */
  rotate(): string {
    const next = this.newRsa();
    this.keys.unshift(next);
    this.activeKid = next.kid;
    return next.kid;
  }

  /** The key is listed no more; tokens can still be made with it by `signWith`. */
  withdraw(kid: string): void {
    this.withdrawn.add(this.key(kid).kid);
  }

  /** A listed ES256 key, whose kid is given back; it signs what names it in `signWith`. */
  addEc(): string {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key: RealmKey = { kid: newKid(), alg: 'ES256', use: 'sig', ...pair };
    this.keys.push(key);
    return key.kid;
  }

  /** Access token of a user, in the shape of Keycloak 26. Times are seconds; undefined claims are left out. */
  token(claims: Claims = {}, options: TokenOptions = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const common = { exp: now + 300, iat: now, iss: this.issuer, sub: '6f1c2a3e-0000-4000-8000-000000000001' };
    const usual = options.bare
      ? common
      : {
          ...common,
          jti: randomUUID(),
          aud: 'account',
          typ: 'Bearer',
          azp: 'orthanc',
          sid: randomUUID(),
          acr: '1',
          realm_access: { roles: ['offline_access', 'uma_authorization', 'doctor-role', 'default-roles-orthanc'] },
          resource_access: { account: { roles: ['manage-account', 'manage-account-links', 'view-profile'] } },
          scope: 'profile email',
          preferred_username: 'doctor',
        };
    const kept = Object.entries(usual).filter(([name]) => !options.omit?.includes(name));
    return this.sign({ ...Object.fromEntries(kept), ...claims }, options);
  }

  /** Any claims, signed as the options say. */
  sign(claims: Claims, { signWith, key, kid, alg, typ = 'JWT', header = {} }: TokenOptions = {}): string {
    const own = this.key(signWith ?? this.activeKid);
    const algorithm = alg ?? (own.alg === 'RSA-OAEP' ? 'RS256' : own.alg);
    const named = kid === undefined ? own.kid : kid;
    const head = {
      alg: algorithm,
      ...(typ === null ? {} : { typ }),
      ...(named === null ? {} : { kid: named }),
      ...header,
    };
    const signed = `${encoded(head)}.${encoded(claims)}`;
    return `${signed}.${signatureOf(signed, algorithm, key ?? own.privateKey)}`;
  }

  /** The next answers of these endpoints, all when none is named, are faulty until `mend`. */
  fail(fault: RealmFault, ...endpoints: RealmEndpoint[]): void {
    for (const endpoint of endpoints.length > 0 ? endpoints : realmEndpoints) this.faults.set(endpoint, fault);
  }

  mend(...endpoints: RealmEndpoint[]): void {
    for (const endpoint of endpoints.length > 0 ? endpoints : realmEndpoints) this.faults.delete(endpoint);
  }

  /** Access tokens of clients are worth nothing from now on: the next calls get 401. */
  forgetAccessTokens(): void {
    this.accessTokens.clear();
  }

  /** As after a logout: introspection calls the token inactive; its signature stays good. */
  endSession(token: string): void {
    this.ended.add(token);
  }

  forgetRequests(): void {
    this.counts = noCounts();
    this.requests = [];
  }

  /** Settings for `startTestService`. */
  settings(): Record<string, string> {
    return {
      ENABLE_KEYCLOAK: 'true',
      KEYCLOAK_URI: `${this.url}/`,
      KEYCLOAK_ADMIN_URI: `${this.origin}${adminPath}`,
      KEYCLOAK_CLIENT_SECRET: realmClientSecret,
      ENABLE_KEYCLOAK_API_KEYS: 'true',
    };
  }

  /** An entry of OIDC_ISSUERS; `discovery-url` where discovery is not below the issuer. */
  issuerEntry(name: string, audience: string | readonly string[], more: Claims = {}): Record<string, unknown> {
    const elsewhere = this.issuer.replace(/\/$/, '') === this.url ? {} : { 'discovery-url': this.url };
    return { name, issuer: this.issuer, audience, ...elsewhere, ...more };
  }

  /** Cuts every connection, idle ones too; the next request may still take one for open. */
  cutConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** The port is closed and every connection cut; `up` opens the same port again. */
  async down(): Promise<void> {
    const closed = new Promise<void>((done) => this.server.close(() => done()));
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.cutConnections();
    await closed;
    // Those who hold a connection see its end before the port is open again: what fails later failed for another reason.
    await new Promise((done) => setTimeout(done, 10));
  }

  async up(): Promise<void> {
    await new Promise<void>((listening, failed) => {
      this.server.once('error', failed);
      this.server.listen(this.port, '127.0.0.1', () => {
        this.server.off('error', failed);
        listening();
      });
    });
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Ends at once, whatever hangs. The RSA keys go to the next realm of this process, under other kids. */
  async stop(): Promise<void> {
    await this.down();
    spareRsa.push(...this.lent.splice(0));
  }

  private get issuerPath(): string {
    return this.options.issuerPath ?? '/realms/orthanc';
  }

  private get base(): string {
    return this.issuerPath.replace(/\/$/, '');
  }

  private get paths(): Record<'realm' | 'discovery' | 'certs' | 'token' | 'introspection', string> {
    const { jwksPath, tokenPath, introspectionPath } = this.options;
    return {
      realm: this.base,
      discovery: `${this.base}/.well-known/openid-configuration`,
      certs: jwksPath ?? `${this.base}/protocol/openid-connect/certs`,
      token: tokenPath ?? `${this.base}/protocol/openid-connect/token`,
      introspection: introspectionPath ?? `${this.base}/protocol/openid-connect/token/introspect`,
    };
  }

  private newRsa(): RealmKey {
    const pair = spareRsa.pop() ?? generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.lent.push(pair);
    return { kid: newKid(), alg: 'RS256', use: 'sig', ...pair };
  }

  private endpointOf(path: string): RealmEndpoint {
    const fixed = Object.entries(this.paths).find(([, one]) => one === path || `${one}/` === path);
    if (fixed !== undefined) return fixed[0] as RealmEndpoint;
    if (!path.startsWith(adminPath)) return 'other';
    const rest = path.slice(adminPath.length);
    if (rest === 'roles' || rest === 'users') return rest;
    if (/^users\/[^/]+$/.test(rest)) return 'user';
    return /^users\/[^/]+\/role-mappings\/realm\/composite$/.test(rest) ? 'user-roles' : 'other';
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://realm');
    const endpoint = this.endpointOf(url.pathname);
    this.counts[endpoint] += 1;
    const body = await bodyOf(request);
    const { method = '', headers } = request;
    this.requests.push({ endpoint, method, url: request.url ?? '', headers, body });
    const answer = () => {
      const { status, json } = this.answer(endpoint, { method, url, headers, body });
      send(response, status, json, endpoint === 'certs' ? { 'cache-control': 'no-cache' } : {});
    };
    const fault = this.faults.get(endpoint);
    if (fault === undefined) answer();
    else this.misbehave(fault, request, response, answer);
  }

  private misbehave(fault: RealmFault, request: IncomingMessage, response: ServerResponse, answer: () => void): void {
    if (fault === 'hang') return;
    if (fault === 'reset') {
      request.socket.resetAndDestroy();
    } else if (fault === 'stall') {
      response.writeHead(200, { 'content-type': 'application/json' }).write('[{"id":');
    } else if (fault === 'garbage') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome</body></html>');
    } else if (fault === 'endless') {
      response.writeHead(200, { 'content-type': 'application/json' }).write('[""');
      const piece = `,"${'x'.repeat(65_536)}"`.repeat(4);
      const more = () => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    } else if ('status' in fault) {
      send(response, fault.status, { error: 'unknown_error' });
    } else if ('redirect' in fault) {
      response.writeHead(302, { location: fault.redirect }).end();
    } else if ('answer' in fault) {
      send(response, 200, fault.answer);
    } else {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        answer();
      }, fault.slow);
      this.timers.add(timer);
    }
  }

  private answer(endpoint: RealmEndpoint, asked: Asked): Answer {
    const posts = endpoint === 'token' || endpoint === 'introspection';
    if (endpoint === 'other') return { status: 404, json: { error: 'HTTP 404 Not Found' } };
    if (asked.method !== (posts ? 'POST' : 'GET'))
      return { status: 405, json: { error: 'HTTP 405 Method Not Allowed' } };
    switch (endpoint) {
      case 'realm':
        return ok({
          realm: 'orthanc',
          public_key: this.activeKey.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
          'token-service': `${this.url}/protocol/openid-connect`,
          'account-service': `${this.url}/account`,
          'tokens-not-before': 0,
        });
      case 'discovery':
        return ok({
          issuer: this.issuer,
          authorization_endpoint: `${this.url}/protocol/openid-connect/auth`,
          token_endpoint: `${this.origin}${this.paths.token}`,
          introspection_endpoint: `${this.origin}${this.paths.introspection}`,
          userinfo_endpoint: `${this.url}/protocol/openid-connect/userinfo`,
          jwks_uri: this.jwksUri,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256', 'ES256'],
          ...this.options.discovery,
        });
      case 'certs':
        return ok({ keys: this.keys.filter(({ kid }) => !this.withdrawn.has(kid)).map((one) => this.jwkOf(one)) });
      case 'token':
        return this.grant(asked);
      case 'introspection':
        return this.introspect(asked);
      case 'roles':
        return this.guarded(asked, ['view-realm'], () => {
          const first = Number(asked.url.searchParams.get('first') ?? 0);
          const max = Number(asked.url.searchParams.get('max') ?? Infinity);
          const sorted = [...this.roles].sort((one, other) => (one.name < other.name ? -1 : 1));
          return ok(sorted.slice(first, first + max).map(roleJson));
        });
      case 'users':
        return this.guarded(asked, ['view-users', 'query-users'], () => this.search(asked.url.searchParams));
      case 'user':
        return this.guarded(asked, ['view-users'], () =>
          this.withUser(asked, (user) => ok(userJson(user, asked.url.searchParams))),
        );
      case 'user-roles':
        return this.guarded(asked, ['view-users'], () =>
          this.withUser(asked, (user) =>
            ok((user.roles ?? []).map((name) => roleJson(this.roles.find((one) => one.name === name) ?? { name }))),
          ),
        );
    }
  }

  private jwkOf({ kid, alg, use, publicKey }: RealmKey): Claims {
    const jwk = publicKey.export({ format: 'jwk' });
    return { kid, kty: jwk.kty, ...(this.options.keysNameAlgorithm === false ? {} : { alg }), use, ...jwk };
  }

  private grant(asked: Asked): Answer {
    const form = new URLSearchParams(asked.body);
    const client = this.clientOf(asked, form);
    if (client === null) return invalidClient;
    if (form.get('grant_type') !== 'client_credentials')
      return { status: 400, json: { error: 'unsupported_grant_type', error_description: 'Unsupported grant_type' } };
    const text = this.token(
      {
        aud: ['realm-management', 'account'],
        azp: client,
        exp: Math.floor(Date.now() / 1000) + Math.ceil(this.accessTokenLife),
        sub: `service-account-${client}`,
        preferred_username: `service-account-${client}`,
        client_id: client,
      },
      { omit: ['sid'] },
    );
    this.accessTokens.set(text, Date.now() + this.accessTokenLife * 1000);
    return ok({
      access_token: text,
      expires_in: this.accessTokenLife,
      refresh_expires_in: 0,
      token_type: 'Bearer',
      'not-before-policy': 0,
      scope: 'profile email',
    });
  }

  /** Adds what a lightweight token lacks, from the user whose id is `sub`. */
  private introspect(asked: Asked): Answer {
    const form = new URLSearchParams(asked.body);
    const client = this.clientOf(asked, form);
    if (client === null) return invalidClient;
    const text = form.get('token') ?? '';
    const claims = this.verified(text);
    if (claims === null || this.ended.has(text)) return ok({ active: false });
    const audiences = [claims['aud']].flat();
    if (this.introspectionChecksAudience && !audiences.includes(client)) return ok({ active: false });
    const user = this.users.find(({ id }) => id === claims['sub']);
    if (user?.enabled === false) return ok({ active: false });
    const fromUser =
      user === undefined ? {} : { preferred_username: user.username, realm_access: { roles: user.roles ?? [] } };
    return ok({ ...fromUser, ...claims, active: true, client_id: claims['azp'], token_type: 'Bearer' });
  }

  /** Claims of a token of this realm that has not ended; null of any other. */
  private verified(text: string): Record<string, unknown> | null {
    const [head = '', payload = '', signature = ''] = text.split('.');
    try {
      const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
      const key = this.key(kid);
      const good = verify(
        'sha256',
        Buffer.from(`${head}.${payload}`),
        { key: key.publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      );
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
      return good && !this.withdrawn.has(kid) && Number(claims['exp']) * 1000 > Date.now() ? claims : null;
    } catch {
      return null;
    }
  }

  /** Credentials in the form or as HTTP Basic; null: not those of a confidential client. */
  private clientOf({ headers }: Asked, form: URLSearchParams): string | null {
    const credentials = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
    const [id, secret] =
      credentials === undefined
        ? [form.get('client_id'), form.get('client_secret')]
        : Buffer.from(credentials, 'base64').toString().split(':').map(decodeURIComponent);
    return id !== null && id !== undefined && secret !== null && this.clients.get(id) === secret ? id : null;
  }

  private guarded({ headers }: Asked, rights: readonly RealmRight[], answer: () => Answer): Answer {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if ((this.accessTokens.get(token) ?? 0) <= Date.now())
      return { status: 401, json: { error: 'HTTP 401 Unauthorized' } };
    if (!rights.every((one) => this.rights.has(one))) return { status: 403, json: { error: 'HTTP 403 Forbidden' } };
    return answer();
  }

  private withUser({ url }: Asked, answer: (user: RealmUser) => Answer): Answer {
    const id = decodeURIComponent(url.pathname.slice(`${adminPath}users/`.length).split('/')[0] ?? '');
    const user = this.users.find((one) => one.id === id);
    return user === undefined ? { status: 404, json: { error: 'User not found' } } : answer(user);
  }

  /**
   * `q` is read as Keycloak reads it: terms are parted by spaces, of a name said twice the last value counts, no term
   * means everybody. Values are compared without regard to case; without `exact` as a pattern with `%` and `_`.
   */
  private search(query: URLSearchParams): Answer {
    const terms = new Map<string, string>();
    for (const match of (query.get('q') ?? '').matchAll(searchTerm)) {
      terms.set(match[1] ?? match[2] ?? '', match[3] ?? match[4] ?? '');
    }
    if (this.failingApiKeys.has(terms.get('api-key') ?? '')) return { status: 500, json: { error: 'unknown_error' } };
    const exact = query.get('exact') === 'true';
    const found = this.users.filter(
      (user) =>
        [...terms].every(([name, wanted]) => (user.attributes?.[name] ?? []).some((has) => same(has, wanted, exact))) &&
        (query.get('enabled') === null || String(user.enabled ?? true) === query.get('enabled')),
    );
    const first = Number(query.get('first') ?? 0);
    const max = Number(query.get('max') ?? 100);
    return ok(found.slice(first, first + max).map((user) => userJson(user, query)));
  }
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

interface RsaPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** RSA keys are slow to make: those of realms that ended serve again. Two realms at once never share one. */
const spareRsa: RsaPair[] = [];
let encryption: RsaPair | undefined;

const invalidClient: Answer = {
  status: 401,
  json: { error: 'unauthorized_client', error_description: 'Invalid client or Invalid client credentials' },
};

/** As Keycloak has it: `name:value`, either of them in quotes if need be. */
const searchTerm = /\s*(?:([^"][^: ]+)|"((?:\\.|[^\\"])+)"):(?:([^"][^ ]*)|"((?:\\.|[^\\"])+)")\s*/g;

function same(has: string, wanted: string, exact: boolean): boolean {
  const [one, other] = [has.toLowerCase(), wanted.toLowerCase()];
  if (exact) return one === other;
  const pattern = other
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(pattern, 's').test(one);
}

function encryptionKey(): RealmKey {
  encryption ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid: newKid(), alg: 'RSA-OAEP', use: 'enc', ...encryption };
}

/** 43 characters, as Keycloak's. */
function newKid(): string {
  return createHash('sha256').update(randomBytes(16)).digest('base64url');
}

/** HS* is signed with a text: a secret, or a public key as PEM, as the known attack does. */
function signatureOf(signed: string, algorithm: string, key: KeyObject | string): string {
  if (algorithm === 'none') return '';
  const hash = `sha${algorithm.slice(2)}`;
  const data = Buffer.from(signed);
  if (algorithm.startsWith('HS')) {
    if (typeof key !== 'string') throw new Error('HS* needs a text in `key`');
    return createHmac(hash, key).update(data).digest('base64url');
  }
  const padding = algorithm.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};
  return sign(hash, data, { key: key as KeyObject, dsaEncoding: 'ieee-p1363', ...padding }).toString('base64url');
}

function encoded(json: Claims): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

function roleJson({ name, composite = false }: RealmRole): Claims {
  return { id: idOf(name), name, description: '', composite, clientRole: false, containerId: idOf('orthanc') };
}

function userJson(user: RealmUser, query: URLSearchParams): Claims {
  const { id, username, enabled = true, notBefore = 0, attributes } = user;
  const brief = { id, username, enabled, emailVerified: false, createdTimestamp: 1_767_225_600_000 };
  if (query.get('briefRepresentation') === 'true') return brief;
  return {
    ...brief,
    ...(attributes === undefined ? {} : { attributes }),
    totp: false,
    disableableCredentialTypes: [],
    requiredActions: [],
    notBefore,
    access: { manage: true },
  };
}

/** The same for the same text, in the form of a UUID. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

function ok(json: unknown): Answer {
  return { status: 200, json };
}

function send(response: ServerResponse, status: number, json: unknown, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const chunk of request) body += String(chunk);
  } catch {
    // The asker hung up: there is nobody to answer.
  }
  return body;
}

function noCounts(): Record<RealmEndpoint, number> {
  return Object.fromEntries(realmEndpoints.map((one) => [one, 0])) as Record<RealmEndpoint, number>;
}
