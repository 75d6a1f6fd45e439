import { isClearToElsewhere, isLoopback, urlOf } from '../hosts.js';
import { pages } from '../pages.js';
import type { Rule } from '../rule.js';
import { onService } from './on-service.js';

const roots = [
  'PUBLIC_ORTHANC_ROOT',
  'PUBLIC_LANDING_ROOT',
  'PUBLIC_OHIF_ROOT',
  'PUBLIC_MEDDREAM_ROOT',
  'PUBLIC_SHARE_ROOT',
];
/** Roots that paths are put behind. PUBLIC_LANDING_ROOT is a page of its own. */
const rootsWithSlash = roots.filter((name) => name !== 'PUBLIC_LANDING_ROOT');
/** Seconds. */
const longestShare = 366 * 86_400;
const longestGrant = 60;

/** The settings of auth-service: addresses, lifetimes, and whom it trusts. */
export const serviceRules: readonly Rule[] = [
  {
    id: 'S-04',
    severity: 'error',
    title: 'Public roots end with a slash.',
    why: 'What is put behind becomes another address: links lead nowhere, or to another path.',
    remedy: 'End it with /.',
    source: pages.settings,
    check: onService(({ get }) =>
      rootsWithSlash
        .filter((name) => get(name)?.endsWith('/') === false)
        .map((name) => `${name} does not end with a slash`),
    ),
  },
  {
    id: 'S-05',
    severity: 'error',
    title: 'Public roots are https://.',
    why: 'A link is a key: over plain HTTP whoever is on the way has it.',
    remedy: 'Write https://, and redirect port 80.',
    source: pages.https,
    covers: [6],
    check: onService(({ get }) =>
      roots
        .filter((name) => {
          const url = urlOf(get(name) ?? '');
          return url?.protocol === 'http:' && !isLoopback(url);
        })
        .map((name) => `${name} is http://`),
    ),
  },
  {
    id: 'S-06',
    severity: 'warning',
    title: 'A share lives a year at most.',
    why: 'Links stay in mailboxes for good; the default allows ten years.',
    remedy: 'Set SHARE_MAX_DURATION to what is needed, such as 7776000 (90 days).',
    source: pages.sharing,
    check: onService(({ get }) =>
      Number(get('SHARE_MAX_DURATION') ?? 315_360_000) > longestShare
        ? [`SHARE_MAX_DURATION ${get('SHARE_MAX_DURATION') === null ? 'is not set: ten years' : 'is more than a year'}`]
        : [],
    ),
  },
  {
    id: 'S-07',
    severity: 'warning',
    title: `The plugin keeps an answer for ${longestGrant} seconds at most.`,
    why: 'For that long a revoked share still opens.',
    remedy: 'Leave GRANT_VALIDITY at 10.',
    source: pages.settings,
    check: onService(({ get }) =>
      Number(get('GRANT_VALIDITY') ?? 10) > longestGrant ? ['GRANT_VALIDITY is more than a minute'] : [],
    ),
  },
  {
    id: 'S-08',
    severity: 'warning',
    title: 'A share token posts nothing past the guard.',
    why: 'With SHARE_POST=compatible a share of one study may modify and merge it, and has read another one that way.',
    remedy:
      'Set SHARE_POST=edge-only with the guard in front; or "ReadOnly": true for an Orthanc that only serves shares.',
    source: pages.guard,
    check: onService(({ get }, { orthanc }) =>
      (get('SHARE_POST') ?? 'compatible') === 'compatible' && !orthanc.on('ReadOnly')
        ? [`SHARE_POST ${get('SHARE_POST') === null ? 'is not set' : 'is compatible'}`]
        : [],
    ),
  },
  {
    id: 'S-09',
    severity: 'error',
    title: 'TRUSTED_PROXIES names the proxies, not everybody.',
    why: 'Who is trusted says for itself what it asks for and where it comes from.',
    remedy: 'Write the addresses of the proxies, or the network that only they are in.',
    source: pages.guard,
    check: onService(({ get }) =>
      (get('TRUSTED_PROXIES') ?? '').split(/[\s,]+/).some((one) => /^(\*|all|true|.*\/0)$/i.test(one))
        ? ['TRUSTED_PROXIES trusts everybody']
        : [],
    ),
  },
  {
    id: 'S-10',
    severity: 'note',
    title: 'KEYCLOAK_AUDIENCE names a client of our own.',
    why: 'account is in nearly every token of the realm: a token for any other application is good here too.',
    remedy: 'Add an audience mapper to the client orthanc, and set KEYCLOAK_AUDIENCE=orthanc.',
    source: pages.identity,
    check: onService(({ get }) =>
      get('ENABLE_KEYCLOAK') === 'true' && (get('KEYCLOAK_AUDIENCE') ?? 'account').split(/[\s,]+/).includes('account')
        ? ['KEYCLOAK_AUDIENCE accepts account']
        : [],
    ),
  },
  {
    id: 'S-11',
    severity: 'warning',
    title: 'KEYCLOAK_ISSUER says under which name browsers meet Keycloak.',
    why: 'Tokens carry the public name as iss; without it those of another name are refused, or discovery decides.',
    remedy: 'Set KEYCLOAK_ISSUER to the public address of the realm.',
    source: pages.identity,
    check: onService(({ get }) =>
      get('ENABLE_KEYCLOAK') === 'true' && get('KEYCLOAK_ISSUER') === null ? ['KEYCLOAK_ISSUER is not set'] : [],
    ),
  },
  {
    id: 'S-12',
    severity: 'error',
    title: 'Keycloak, Orthanc and the token service of MedDream are asked over HTTPS on other hosts.',
    why: 'Secrets and keys of users cross the network in clear. A container of the same private network may be asked in clear.',
    remedy: 'Write https://; NODE_EXTRA_CA_CERTS adds a private authority.',
    source: pages.https,
    check: onService(({ get }) =>
      ['KEYCLOAK_URI', 'KEYCLOAK_ADMIN_URI', 'ORTHANC_URL', 'MEDDREAM_TOKEN_SERVICE_URL']
        .filter((name) => {
          const url = urlOf(get(name) ?? '');
          return url !== null && isClearToElsewhere(url);
        })
        .map((name) => `${name} is http:// to another host`),
    ),
  },
  {
    id: 'S-16',
    severity: 'error',
    title: 'Mail goes out encrypted.',
    why: 'Codes and links are keys, and mail in clear is read on the way.',
    remedy: 'Leave EMAILS_SMTP_SERVER_USES_TLS at true.',
    source: pages.settings,
    check: onService(({ get }) =>
      get('ENABLE_EMAILS') === 'true' && get('EMAILS_SMTP_SERVER_USES_TLS') === 'false'
        ? ['EMAILS_SMTP_SERVER_USES_TLS is false']
        : [],
    ),
  },
  {
    id: 'S-17',
    severity: 'warning',
    title: 'The record leaves the host encrypted.',
    why: 'Audit messages name patients.',
    remedy: 'Write AUDIT_SYSLOG_URL as tls://.',
    source: pages.settings,
    check: onService(({ get }) =>
      /^(tcp|udp):\/\/(?!localhost|127\.|\[::1\])/.test(get('AUDIT_SYSLOG_URL') ?? '')
        ? ['AUDIT_SYSLOG_URL is in clear']
        : [],
    ),
  },
  {
    id: 'S-20',
    severity: 'warning',
    title: 'Each rule of the share policy says how long, and at most a year.',
    why: 'A rule without maxLife allows as long as the service does.',
    remedy: 'Write maxLife in seconds into each rule, and put the policy in force with `warden policy put`.',
    source: pages.sharing,
    check: ({ policy }) =>
      (policy?.rules ?? []).flatMap(({ maxLife }, index) => {
        if (typeof maxLife === 'number' && maxLife <= longestShare) return [];
        return [`${policy?.file}, rule ${index}: ${typeof maxLife === 'number' ? 'more than a year' : 'no maxLife'}`];
      }),
  },
];
