import { isIP } from 'node:net';
import type { Branding } from './branding/branding.js';
import { readBranding } from './branding/read-branding.js';
import { isTimeZone } from './languages/formats.js';
import { defaultLanguage, languageCodes, type Language } from './languages/languages.js';
import { hasControls, SettingsReader, type Files } from './settings-reader.js';

/** Whether an ordinary link leads to its viewer at once, or to a page that says what was shared and offers every viewer. */
export const waysToOpen = ['direct', 'page'] as const;

export type WayToOpen = (typeof waysToOpen)[number];

/** Everything the landing is told from outside. It holds no signing key and no database address. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash; may carry a path. */
  readonly authServiceUrl: string;
  readonly authServiceUsername: string;
  readonly authServicePassword: string;
  /** Whose X-Forwarded-… headers are believed: addresses and ranges. */
  readonly trustedProxies: readonly string[];
  readonly open: WayToOpen;
  /** Of whoever asks for no language of ours. */
  readonly language: Language;
  readonly timeZone: string;
  readonly branding: Branding;
}

export type SettingsResult =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly faults: readonly string[] };

/** Reports every fault at once, by the setting's name and never by its value. */
export function readSettings(env: Readonly<Record<string, string | undefined>>, files: Files): SettingsResult {
  const reader = new SettingsReader(env, files);

  const host = reader.value('HOST') ?? '127.0.0.1';
  if (!/^[A-Za-z0-9._:%-]+$/.test(host)) reader.fault('HOST', 'not a host name or an IP address');

  const portText = reader.value('LANDING_PORT') ?? '8001';
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : NaN;
  if (!(port <= 65535)) reader.fault('LANDING_PORT', 'not a port number (0 to 65535)');

  const authServiceUrl = (reader.value('AUTH_SERVICE_URL') ?? 'http://127.0.0.1:8000').replace(/\/+$/, '');
  const urlFault = faultOfServiceUrl(authServiceUrl);
  if (urlFault) reader.fault('AUTH_SERVICE_URL', urlFault);

  const authServiceUsername = reader.required('AUTH_SERVICE_USERNAME');
  if (authServiceUsername.includes(':'))
    reader.fault('AUTH_SERVICE_USERNAME', 'a user name of HTTP Basic has no colon (RFC 7617, section 2)');
  if (hasControls(authServiceUsername)) reader.fault('AUTH_SERVICE_USERNAME', 'contains control characters');
  const authServicePassword = reader.required('AUTH_SERVICE_PASSWORD');
  if (hasControls(authServicePassword)) reader.fault('AUTH_SERVICE_PASSWORD', 'contains control characters');

  const trustedProxies = (reader.value('TRUSTED_PROXIES') ?? '').split(/[\s,]+/).filter((range) => range !== '');
  if (!trustedProxies.every(isRange))
    reader.fault('TRUSTED_PROXIES', 'not a list of addresses and ranges, such as 10.0.0.7, 192.168.0.0/16, fd00::/8');

  const timeZone = reader.value('LANDING_TIME_ZONE') ?? 'UTC';
  if (!isTimeZone(timeZone)) reader.fault('LANDING_TIME_ZONE', 'not a time zone, such as Europe/Brussels or UTC');

  const open = reader.oneOf('LANDING_OPEN', waysToOpen, 'direct');
  const language = reader.oneOf('LANDING_LANGUAGE', languageCodes, defaultLanguage);
  const branding = readBranding(reader);

  if (reader.faults.length > 0) return { ok: false, faults: reader.faults };
  const settings = {
    host,
    port,
    authServiceUrl,
    authServiceUsername,
    authServicePassword,
    trustedProxies,
    open,
    language,
    timeZone,
    branding,
  };
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

/** A range of everything is refused: every client could then say who it is. */
function isRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128);
}
