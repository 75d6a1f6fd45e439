/** Everything the landing is told from outside. It holds no signing key and no database address. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash; may carry a path. */
  readonly authServiceUrl: string;
  readonly authServiceUsername: string;
  readonly authServicePassword: string;
  /** "Who to ask for a new link", shown as plain text. */
  readonly contact: string | undefined;
  /** The institution's name, shown above the card and as the page title. */
  readonly name: string | undefined;
}

export type SettingsResult =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly faults: readonly string[] };

/** Returns the text of a file, or undefined when there is none. Throws when there is one that can't be read. */
export type ReadFile = (path: string) => string | undefined;

const longestContact = 500;
const longestName = 120;

/**
 * Reads each setting from /run/secrets/NAME, then the file named by NAME_FILE, then the variable NAME; the text is trimmed, and an empty one
 * counts as not given (compose files write `NAME=${NAME:-}`). Reports every fault at once, by the setting's name and never by its value.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>, readFile: ReadFile): SettingsResult {
  const faults: string[] = [];

  const read = (name: string): string | undefined => {
    const file = env[`${name}_FILE`]?.trim();
    try {
      const secret = readFile(`/run/secrets/${name}`);
      if (secret !== undefined) return secret.trim() || undefined;
    } catch {
      faults.push(`${name}: the file /run/secrets/${name} can't be read`);
      return undefined;
    }
    if (!file) return env[name]?.trim() || undefined;
    try {
      const text = readFile(file);
      if (text !== undefined) return text.trim() || undefined;
      faults.push(`${name}_FILE: there is no such file`);
    } catch {
      faults.push(`${name}_FILE: the file can't be read`);
    }
    return undefined;
  };

  const required = (name: string): string => {
    const before = faults.length;
    const value = read(name);
    if (value === undefined && faults.length === before) faults.push(`${name}: required, and not set`);
    return value ?? '';
  };

  const text = (name: string, longest: number): string | undefined => {
    const value = read(name)?.replace(/\r\n?/g, '\n');
    if (value !== undefined && value.length > longest) faults.push(`${name}: longer than ${longest} characters`);
    if (value !== undefined && hasControls(value.replaceAll('\n', '')))
      faults.push(`${name}: contains control characters`);
    return value;
  };

  const host = read('HOST') ?? '127.0.0.1';
  if (!/^[A-Za-z0-9._:%-]+$/.test(host)) faults.push('HOST: not a host name or an IP address');

  const portText = read('LANDING_PORT') ?? '8001';
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : NaN;
  if (!(port <= 65535)) faults.push('LANDING_PORT: not a port number (0 to 65535)');

  const authServiceUrl = (read('AUTH_SERVICE_URL') ?? 'http://127.0.0.1:8000').replace(/\/+$/, '');
  const urlFault = faultOfServiceUrl(authServiceUrl);
  if (urlFault) faults.push(`AUTH_SERVICE_URL: ${urlFault}`);

  const authServiceUsername = required('AUTH_SERVICE_USERNAME');
  if (authServiceUsername.includes(':'))
    faults.push('AUTH_SERVICE_USERNAME: a user name of HTTP Basic has no colon (RFC 7617, section 2)');
  if (hasControls(authServiceUsername)) faults.push('AUTH_SERVICE_USERNAME: contains control characters');
  const authServicePassword = required('AUTH_SERVICE_PASSWORD');
  if (hasControls(authServicePassword)) faults.push('AUTH_SERVICE_PASSWORD: contains control characters');

  const contact = text('LANDING_CONTACT', longestContact);
  const name = text('LANDING_NAME', longestName)?.replace(/\s+/g, ' ');

  if (faults.length > 0) return { ok: false, faults };
  const settings = { host, port, authServiceUrl, authServiceUsername, authServicePassword, contact, name };
  return { ok: true, settings: Object.freeze(settings) };
}

function faultOfServiceUrl(value: string): string | undefined {
  if (!URL.canParse(value)) return 'not an absolute URL';
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'not an http or https URL';
  if (url.username !== '' || url.password !== '')
    return 'put the credential into AUTH_SERVICE_USERNAME and AUTH_SERVICE_PASSWORD';
  if (url.search !== '' || url.hash !== '') return 'carries a query or a fragment';
  return undefined;
}

function hasControls(value: string): boolean {
  return /\p{Cc}/u.test(value);
}
