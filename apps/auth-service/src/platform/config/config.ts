import type { Secret } from '../observability/secret.js';
import type { CheckpointsConfig } from './audit-settings.js';
import type { Mailbox } from './mail-address.js';
import type { AuditSourceConfig, SyslogConfig } from './syslog-settings.js';

/** What the service was told, read once at start, checked as a whole and frozen. */
export interface Config {
  readonly mode: 'standard' | 'production';
  readonly http: HttpConfig;
  /** For the record: what was set, and what of it is weak, by the names of the settings. */
  readonly told: { readonly given: readonly string[]; readonly weaknesses: readonly string[] };
  readonly dataDir: string;
  readonly database: DatabaseConfig;
  readonly keys: KeysConfig;
  readonly decisions: DecisionsConfig;
  readonly edge: EdgeConfig;
  readonly feed: { readonly pollMs: number; readonly staleAfterMs: number; readonly listen: boolean };
  readonly shares: SharesConfig;
  /** Null: Orthanc's REST API is not asked. */
  readonly orthanc: OrthancConfig | null;
  /** Null: no mail is sent. */
  readonly emails: EmailsConfig | null;
  readonly audit: AuditConfig;
  readonly links: LinksConfig;
  readonly callers: CallersConfig;
  readonly identity: IdentityConfig;
  readonly roles: { readonly seed: unknown; readonly seedFrom: string };
  readonly anonymousProfile: Profile;
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  readonly swaggerUi: boolean;
  /** Whose X-Forwarded-For is believed: addresses and ranges. */
  readonly trustedProxies: readonly string[];
}

export interface DatabaseConfig {
  /** Null: the embedded PostgreSQL is started. */
  readonly url: Secret | null;
  readonly ownerUrl: Secret | null;
  readonly autoMigrate: boolean;
}

export interface KeysConfig {
  readonly signing: Secret;
  /** `until`: milliseconds since the epoch, null for no end. */
  readonly previous: readonly {
    readonly key: Secret;
    readonly until: number | null;
    readonly registeredOnly: boolean;
  }[];
}

export interface DecisionsConfig {
  readonly serverId: string | null;
  /** The server that serves anonymized images. */
  readonly anonymizedServerId: string | null;
  /** Seconds for which the plugin may keep an answer. */
  readonly grantValidity: number;
  readonly sharePost: 'compatible' | 'edge-only' | 'refuse';
  readonly acceptUnregistered: boolean;
  /** No share opens a study that carries one of these. */
  readonly labelsThatStopShares: readonly string[];
}

export interface EdgeConfig {
  /** Paths beneath which a proxy has Orthancs that it asks about, each with slashes at both ends; the longest first. */
  readonly roots: readonly string[];
  /** A proxy asks about every request before Orthanc gets it: what only the guard can tell apart may be promised. */
  readonly guarded: boolean;
}

export interface SharesConfig {
  /** Seconds. */
  readonly maxDuration: number;
  readonly overlong: 'clamp' | 'refuse';
  /** Whether the plugin, which names no user, may mint. */
  readonly pluginMint: 'allow' | 'refuse';
  /** Wrong attempts at the gate of one share before it is locked. */
  readonly gateAttempts: number;
}

export interface OrthancConfig {
  /** Ends with a slash. */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: Secret } | null;
}

export interface EmailsConfig {
  readonly sender: Mailbox;
  readonly replyTo: Mailbox;
  readonly smtp: SmtpConfig;
}

export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS from the first byte; `starttls`: nothing but the greeting goes in clear. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Null: a relay that asks for no login. */
  readonly credentials: { readonly username: string; readonly password: Secret } | null;
  /** For each of: connecting, the greeting, an answer. */
  readonly timeoutMs: number;
}

export interface AuditConfig {
  /** As what the service tells of itself in messages to others. */
  readonly source: AuditSourceConfig;
  /** What the plugin asks is recorded. */
  readonly access: boolean;
  /** What cannot be recorded is refused. */
  readonly strict: boolean;
  readonly checkpoints: CheckpointsConfig;
  /** Null: no messages are sent. */
  readonly syslog: SyslogConfig | null;
}

export interface LinksConfig {
  readonly orthancRoot: string | null;
  readonly landingRoot: string | null;
  /** Our own landing page, where gated links are exchanged; ends with a slash. */
  readonly shareRoot: string | null;
  /** What publications are handed out as, unless the sharer says. */
  readonly shareLinks: 'token' | 'opaque';
  readonly ohifRoot: string | null;
  readonly ohifDataSource: 'dicom-web' | 'dicom-json';
  readonly meddreamRoot: string | null;
  readonly meddreamTokenService: string | null;
  readonly extraTypes: ReadonlyMap<string, ExtraTokenType>;
}

/** A token type of the installation's own: `url` holds `{token}` where the token goes. */
export interface ExtraTokenType {
  readonly url: string | null;
  readonly permissions: readonly string[];
}

export interface CallersConfig {
  readonly allowUnauthenticated: boolean;
  /** Users whose password is in the settings. */
  readonly users: readonly BasicUser[];
  /** Users whose password is known by its hash alone. No name is in both lists. */
  readonly hashedUsers: readonly HashedUser[];
}

/**
 * A user of HTTP Basic. `plugin` scope reaches the plugin's routes and nothing else; `decode` and `exchange` are the
 * landing page's; permissions open the management API.
 */
export interface BasicUser extends UserRights {
  readonly password: Secret;
}

export interface HashedUser extends UserRights {
  /** PHC text, checked by `parsePasswordHash`. */
  readonly passwordHash: Secret;
}

export interface UserRights {
  readonly name: string;
  readonly scopes: readonly CallerScope[];
  readonly permissions: readonly string[];
}

/** Where identities come from, beside USERS. */
export interface IdentityConfig {
  /** Trusted issuers of bearer tokens, Keycloak first. Names are unique. */
  readonly issuers: readonly IssuerConfig[];
  /** Milliseconds for which the last good keys are used while the issuer does not answer. */
  readonly jwksMaxAgeMs: number;
  /** Keycloak's admin REST; null: not configured. */
  readonly directory: DirectoryConfig | null;
  /** The users' attribute `api-key` in Keycloak is looked at. */
  readonly keycloakApiKeys: boolean;
}

export interface IssuerConfig {
  /** In ids and log lines: `keycloak`, or the name given in OIDC_ISSUERS. */
  readonly name: string;
  readonly kind: 'keycloak' | 'oidc';
  /** Where discovery is asked, without `.well-known/…`, ending with a slash. */
  readonly url: string;
  /** Accepted values of `iss`; empty: what discovery says. */
  readonly issuers: readonly string[];
  /** One of them must be in `aud`, or be the `azp`. */
  readonly audiences: readonly string[];
  /** Signature algorithms, of RS, PS and ES. */
  readonly algorithms: readonly string[];
  /** For tokens that carry no roles; null: they are refused. */
  readonly introspection: { readonly clientId: string; readonly clientSecret: Secret } | null;
  readonly claims: ClaimPaths;
  readonly roleRules: readonly RoleRule[];
  /** `dept-{department}`: a label for each value of the claim path. */
  readonly labelTemplates: readonly string[];
}

/** Each a list of paths, the first that is there counts; of `roles`, all count. A path is a list of member names. */
export interface ClaimPaths {
  readonly name: readonly ClaimPath[];
  readonly userId: readonly ClaimPath[];
  readonly groups: readonly ClaimPath[];
  readonly roles: readonly ClaimPath[];
}

export type ClaimPath = readonly string[];

/** The role is held by whoever's claim is, or contains, the value. */
export interface RoleRule {
  readonly claim: ClaimPath;
  readonly value: string;
  readonly role: string;
}

export interface DirectoryConfig {
  /** KEYCLOAK_ADMIN_URI, ending with a slash. */
  readonly adminUrl: string;
  /** The realm, ending with a slash: its token endpoint is `protocol/openid-connect/token`. */
  readonly realmUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

export const callerScopes = ['plugin', 'decode', 'exchange'] as const;
export type CallerScope = (typeof callerScopes)[number];

/** The answer of get-profile, in the plugin's own spelling. `validity` is in seconds, never 0. */
export interface Profile {
  readonly name: string;
  readonly 'user-id': string | null;
  readonly permissions: readonly string[];
  readonly 'authorized-labels': readonly string[];
  readonly groups: readonly string[] | null;
  readonly validity: number;
}
