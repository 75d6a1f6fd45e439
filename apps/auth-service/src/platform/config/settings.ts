/** A setting as the documentation tells it. `docs/settings.md` is written from this list. */
export interface SettingDescription {
  readonly name: string;
  readonly fallback: string;
  readonly meaning: string;
}

const setting = (name: string, fallback: string, meaning: string): SettingDescription => ({ name, fallback, meaning });

/** Every setting that auth-service reads, in the order of the documentation. */
export const settings: readonly SettingDescription[] = [
  setting('HOST', '127.0.0.1', 'Address on which the service listens. In a container: 0.0.0.0.'),
  setting('PORT', '8000', 'Port of auth-service.'),
  setting(
    'TRUSTED_PROXIES',
    'none',
    'Proxies that may ask `/forward-auth`, and whose `X-Forwarded-For` is believed in the record of who did what: addresses and ranges, such as `10.0.0.7, 192.168.0.0/16`.',
  ),
  setting(
    'GUARDED_PATHS',
    'the path of PUBLIC_ORTHANC_ROOT',
    'Public paths of the Orthancs about which a proxy asks `/forward-auth`, such as `/orthanc/, /shares/`; each begins and ends with a slash.',
  ),
  setting('LANDING_PORT', '8001', 'Port of the landing page.'),
  setting('DATA_DIR', './data', 'Folder for what the service generates and keeps. Made with mode 0700.'),
  setting('WARDEN_MODE', 'standard', '`production` refuses to start with weak or well-known keys and passwords.'),
  setting('SWAGGER_UI', 'true', '`false` closes /docs; /openapi.json stays.'),
  setting(
    'DATABASE_URL',
    'embedded',
    'PostgreSQL 15 or later, as the application role. Without it an embedded PostgreSQL is started.',
  ),
  setting('DATABASE_OWNER_URL', 'DATABASE_URL', 'The role that owns the schema and migrates it.'),
  setting('AUTO_MIGRATE', 'false', '`true` migrates a given database at start. The embedded one is always migrated.'),
  setting('SECRET_KEY', 'generated', 'HS256 key text that signs and verifies share tokens. 32 random bytes or more.'),
  setting(
    'SECRET_KEYS_PREVIOUS',
    'none',
    'JSON list of earlier keys that still verify: `[{"key", "until"?, "registered-only"?}]`.',
  ),
  setting(
    'USERS',
    'generated',
    'JSON object of HTTP Basic users: name to password, or to `{"password" or "password-hash", "permissions"?: [], "scopes"?: []}`; `npm run password-hash` makes a hash.',
  ),
  setting(
    'ALLOW_UNAUTHENTICATED',
    'false',
    "`true` in place of USERS opens the plugin's routes to anyone who reaches the port.",
  ),
  setting(
    'PUBLIC_ORTHANC_ROOT',
    'off',
    'Public root of Orthanc: enables Stone, Osimis and VolView links. Ends with a slash.',
  ),
  setting('PUBLIC_LANDING_ROOT', 'none', 'Publication links point here (`?token=`) in place of the viewer.'),
  setting('PUBLIC_OHIF_ROOT', 'off', 'Public root of OHIF: enables OHIF links. Ends with a slash.'),
  setting('OHIF_DATA_SOURCE', 'dicom-web', 'Or `dicom-json`.'),
  setting('PUBLIC_MEDDREAM_ROOT', 'off', 'Public root of MedDream. Must end with a slash.'),
  setting('MEDDREAM_TOKEN_SERVICE_URL', 'off', "MedDream's token service."),
  setting('SERVER_ID', 'none', 'When set, tokens are valid only for an Orthanc that sends this server-id.'),
  setting('SERVER_IDENTIFIER', 'none', 'The name of SERVER_ID in 2022; read when SERVER_ID is absent.'),
  setting(
    'ANONYMIZED_SERVER_IDENTIFIER',
    'none',
    'The server-id of the Orthanc that serves anonymized images: anonymized links of 2022 are good there and nowhere else.',
  ),
  setting(
    'EXTRA_TOKEN_TYPES',
    'none',
    'JSON object of further token types: `{"inbox-link": {"url": "https://…?token={token}", "permissions": []}}`.',
  ),
  setting('GRANT_VALIDITY', '10', 'Seconds, 1 to 3600, for which the plugin may keep an answer.'),
  setting(
    'PUBLIC_SHARE_ROOT',
    'none',
    'Public address of our own landing page, where gated and short links are opened; ends with a slash.',
  ),
  setting(
    'SHARE_LINKS',
    'token',
    'What publications are handed out as: `token`, or `opaque` for short links that are looked up.',
  ),
  setting('GATE_ATTEMPTS', '10', 'Wrong PINs, birth dates or codes at one share before it is locked; 3 to 50.'),
  setting(
    'SHARE_POST',
    'compatible',
    'What a share token may post: `compatible`; `edge-only`, where a proxy asks `/forward-auth` about each request (then shares may be for looking only, and viewers belong to one browser); or `refuse`.',
  ),
  setting('SHARE_MAX_DURATION', '315360000', 'Longest life of a share in seconds.'),
  setting('SHARE_OVERLONG', 'clamp', 'What happens to a longer one: `clamp` or `refuse`.'),
  setting(
    'PLUGIN_MINT',
    'allow',
    '`refuse`: the plugin, which names no user, mints nothing; a proxy sends `/auth/tokens/` of Orthanc to this service instead.',
  ),
  setting(
    'ORTHANC_URL',
    'none',
    "Orthanc's REST API, as this service reaches it: a share is then checked against the labels of its studies.",
  ),
  setting('ORTHANC_USERNAME', 'none', 'The Orthanc user for ORTHANC_URL; goes together with ORTHANC_PASSWORD.'),
  setting('ORTHANC_PASSWORD', 'none', 'The password of ORTHANC_USERNAME.'),
  setting('ENABLE_EMAILS', 'false', '`true` sends mail: codes of shares that ask for one, and links.'),
  setting(
    'EMAILS_SENDER_ADDRESS',
    'none',
    'From whom mail comes: `name@example.org` or `Name <name@example.org>`. Needed with ENABLE_EMAILS.',
  ),
  setting('EMAILS_REPLY_TO', 'EMAILS_SENDER_ADDRESS', 'Where answers to mail go.'),
  setting('EMAILS_SMTP_SERVER_HOSTNAME', 'none', 'The mail server. Needed with ENABLE_EMAILS.'),
  setting('EMAILS_SMTP_SERVER_PORT', 'none', 'Its port; on 465 TLS comes first. Needed with ENABLE_EMAILS.'),
  setting(
    'EMAILS_SMTP_SERVER_USER_NAME',
    'none',
    'The user of the mail server; goes together with EMAILS_SMTP_SERVER_PWD. Both absent: no login.',
  ),
  setting('EMAILS_SMTP_SERVER_PWD', 'none', 'The password of EMAILS_SMTP_SERVER_USER_NAME.'),
  setting(
    'EMAILS_SMTP_SERVER_USES_TLS',
    'true',
    '`true`: nothing is sent before STARTTLS, with a certificate that is trusted here (NODE_EXTRA_CA_CERTS adds one). `false`: in clear.',
  ),
  setting(
    'EMAILS_SMTP_SERVER_TIMEOUT',
    '10',
    'Seconds, 1 to 300, for connecting, for the greeting and for each answer.',
  ),
  setting('AUDIT_ACCESS', 'true', '`false`: what the plugin asks, and is answered, is not recorded.'),
  setting(
    'AUDIT_STRICT',
    'false',
    '`true`: an image is refused when its disclosure cannot be recorded. Otherwise it is given, and the loss is counted and recorded later.',
  ),
  setting('AUDIT_ORIGIN', 'SERVER_ID', 'What this record is called in its signed checkpoints.'),
  setting(
    'AUDIT_SIGNING_KEY',
    'derived',
    'Ed25519 private key, PKCS#8 in PEM, that signs checkpoints. Without it a key is derived from SECRET_KEY.',
  ),
  setting('AUDIT_CHECKPOINT_INTERVAL', '300', 'Seconds, 10 to 86400, between two checkpoints of a record that grows.'),
  setting('AUDIT_CHECKPOINT_FILE', 'none', 'File that each checkpoint is appended to: best on another machine.'),
  setting('AUDIT_SOURCE_ID', 'orthanc-warden', 'As what the service names itself in FHIR and DICOM audit messages.'),
  setting('AUDIT_SITE', 'none', 'The hospital or network in FHIR and DICOM audit messages.'),
  setting(
    'AUDIT_SYSLOG_URL',
    'none',
    'Where DICOM audit messages go: `tls://host:6514`, or in clear `tcp://host:port` and `udp://host:514`.',
  ),
  setting(
    'AUDIT_SYSLOG_CA',
    'the system',
    'PEM certificates of whom the certificate of the syslog receiver must come from.',
  ),
  setting('AUDIT_SYSLOG_CERTIFICATE', 'none', 'PEM certificate that this service shows the syslog receiver.'),
  setting('AUDIT_SYSLOG_KEY', 'none', 'PEM private key of AUDIT_SYSLOG_CERTIFICATE.'),
  setting('AUDIT_SYSLOG_MSGID', 'IHE+RFC-3881', 'Or `DICOM+RFC3881`.'),
  setting('AUDIT_SYSLOG_BOM', 'false', '`true` begins each message with a byte order mark (RFC 5424, section 6.4).'),
  setting(
    'ACCEPT_UNREGISTERED_TOKENS',
    'true',
    '`false` refuses links that were minted elsewhere and never seen here.',
  ),
  setting(
    'LABELS_THAT_STOP_SHARES',
    'none',
    'Labels of Orthanc, separated by commas: no share opens a study that carries one, however long ago it was shared.',
  ),
  setting('REVOCATION_POLL', '2', 'Seconds between two looks at the change feed, beside notifications.'),
  setting('REVOCATION_STALE_AFTER', '300', 'Seconds without the change feed after which share tokens are refused.'),
  setting('ENABLE_KEYCLOAK', 'false', "`true` recognises Keycloak's users by their access tokens."),
  setting('KEYCLOAK_URI', 'http://keycloak:8080/realms/orthanc/', 'The realm, as this service reaches it.'),
  setting(
    'KEYCLOAK_ISSUER',
    'as discovery says',
    'Accepted `iss` of tokens, separated by commas, where browsers reach Keycloak by another name than this service does.',
  ),
  setting(
    'KEYCLOAK_AUDIENCE',
    'account',
    'Accepted audiences, separated by commas: one must be in `aud` or be the `azp` of a token.',
  ),
  setting('KEYCLOAK_ADMIN_URI', 'http://keycloak:8080/admin/realms/orthanc/', "Keycloak's admin REST of the realm."),
  setting('KEYCLOAK_CLIENT_ID', 'admin-cli', 'The confidential client that KEYCLOAK_CLIENT_SECRET belongs to.'),
  setting(
    'KEYCLOAK_CLIENT_SECRET',
    'none',
    'Opens the admin REST: API keys of users, the list of realm roles, names of users; and introspection.',
  ),
  setting('ENABLE_KEYCLOAK_API_KEYS', 'false', "`true` recognises the users' attribute `api-key` in Keycloak."),
  setting(
    'OIDC_ISSUERS',
    'none',
    'JSON list of other trusted issuers: `[{"name", "issuer", "audience", "claims"?, "role-rules"?, "labels"?, "algorithms"?, "discovery-url"?, "client-id"?, "client-secret"?}]`; see docs/identity.md.',
  ),
  setting('JWKS_MAX_AGE', '3600', 'Seconds for which the last good keys are used while an issuer does not answer.'),
  setting(
    'PERMISSIONS_FILE_PATH',
    '/orthanc_auth_service/permissions.json',
    'Roles document (JSON with comments), read once when the roles table is empty.',
  ),
  setting(
    'ANONYMOUS_PROFILE_FILE_PATH',
    '/orthanc_auth_service/anonymous-profile.json',
    'Profile of whoever has no token (JSON with comments). Absent: no permission, no label.',
  ),
];

/** Names of the product's other settings: known, so that they are not reported as misspelt. */
const otherParts = [
  'AUTH_SERVICE_URL',
  'AUTH_SERVICE_USERNAME',
  'AUTH_SERVICE_PASSWORD',
  'LANDING_ACCENT_COLOR',
  'LANDING_CONTACT',
  'LANDING_LANGUAGE',
  'LANDING_LOGO_ALT',
  'LANDING_LOGO_FILE',
  'LANDING_NAME',
  'LANDING_OPEN',
  'LANDING_TEMPLATES_DIR',
  'LANDING_TEXTS_FILE',
  'LANDING_TIME_ZONE',
  'EMAILS_TEMPLATES_ROOT',
  'PUBLIC_ANONYMIZED_ORTHANC_ROOT',
];

/**
 * Names in the environment that look like a misspelt one of ours: one or two letters off, and not a known name.
 * Returns pairs of what was found and what was probably meant.
 */
export function misspeltSettings(names: readonly string[]): { found: string; meant: string }[] {
  const known = [...settings.map((one) => one.name), ...otherParts];
  const legal = new Set(known.flatMap((name) => [name, `${name}_FILE`]));
  const pairs: { found: string; meant: string }[] = [];
  for (const found of names) {
    if (legal.has(found) || found.length < 6) continue;
    const meant = known.find((name) => name.length >= 6 && editDistance(found.toUpperCase(), name) <= 2);
    if (meant !== undefined) pairs.push({ found, meant });
  }
  return pairs;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 3;
}
