import { daysLeft, isFor, isValidAt, soon } from '../certificate-names.js';
import { isLoopback } from '../hosts.js';
import type { ObservedOrthanc, ProbedPath } from '../observe-running.js';
import { pages } from '../pages.js';
import type { Rule } from '../rule.js';
import type { Subject } from '../subject.js';

/** Seconds. Tokens of a minute or two do not bear more. */
const largestSkew = 30;

/** The running system, as a stranger meets it. */
export const runningRules: readonly Rule[] = [
  {
    id: 'R-01',
    severity: 'error',
    title: 'What is asked answers, within five seconds.',
    why: 'Nothing can be said of what does not answer.',
    remedy: 'Look at the address, the firewall and the log.',
    source: pages.operating,
    check: ({ observed }) => {
      const { orthanc, service, keycloak } = observed ?? {};
      return [
        ...(orthanc && [...orthanc.answers.values()].every((status) => status === null)
          ? [`${orthanc.url.href}: no answer`]
          : []),
        ...(orthanc ? untold(orthanc) : []),
        ...(service?.status === null ? [`${service.url}: no answer`] : []),
        ...(keycloak?.issuer === null ? [`${keycloak.url}: no answer of discovery`] : []),
      ];
    },
  },
  {
    id: 'R-02',
    severity: 'error',
    title: 'Studies are refused to whoever shows no credential.',
    why: 'GET /instances and GET /dicom-web/studies list everything that is stored.',
    remedy: 'Turn authentication on, or set up the plugin; look at O-01 and P-02.',
    source: pages.security,
    covers: [6, 11],
    check: onOrthanc((orthanc) =>
      (['instances', 'dicom-web/studies'] as const)
        .filter((path) => isOpen(orthanc, path))
        .map((path) => `/${path} answers without a credential`),
    ),
  },
  {
    id: 'R-03',
    severity: 'error',
    title: 'POST /tools/execute-script is refused to whoever shows no credential.',
    why: 'It runs any command. Asked with an empty script, which does nothing: only a status of 401, 403, 404 or 405 is a refusal.',
    remedy: 'Set "ExecuteLuaEnabled": false, and refuse the path in front.',
    source: pages.security,
    covers: [9],
    check: onOrthanc((orthanc) =>
      isOpen(orthanc, 'tools/execute-script') ? ['/tools/execute-script is not refused'] : [],
    ),
  },
  {
    id: 'R-04',
    severity: 'note',
    title: 'GET /system is refused to whoever shows no credential.',
    why: 'It tells version and plugins. Stone needs it without a token, so the plugin opens it.',
    remedy: 'Refuse it in front where Stone is not used.',
    source: pages.security,
    covers: [2],
    check: onOrthanc((orthanc) => (isOpen(orthanc, 'system') ? ['/system answers without a credential'] : [])),
  },
  {
    id: 'R-05',
    severity: 'error',
    title: 'The certificate that is shown is in force.',
    why: 'Browsers refuse, and people learn to click warnings away.',
    remedy: 'Renew it, and reload the server.',
    source: pages.https,
    covers: [25],
    check: onOrthanc(({ certificate }, { now }) =>
      certificate !== null && !isValidAt(certificate, now) ? ['the certificate is not in force'] : [],
    ),
  },
  {
    id: 'R-06',
    severity: 'warning',
    title: `The certificate that is shown does not end within ${soon} days.`,
    why: 'When it ends, nobody comes in.',
    remedy: 'Renew it, let a timer renew the next, and see that the server is reloaded.',
    source: pages.https,
    covers: [25],
    check: onOrthanc(({ certificate }, { now }) =>
      certificate !== null && isValidAt(certificate, now) && daysLeft(certificate, now) < soon
        ? [`the certificate ends in ${daysLeft(certificate, now)} days`]
        : [],
    ),
  },
  {
    id: 'R-07',
    severity: 'error',
    title: 'The certificate that is shown carries the name that was asked for.',
    why: 'Browsers refuse it.',
    remedy: 'Ask for a certificate with that name, or that IP address, as SAN.',
    source: pages.https,
    covers: [19],
    check: onOrthanc(({ certificate, url }) =>
      certificate !== null && !isFor(certificate, url.hostname)
        ? [`the certificate does not carry ${url.hostname}`]
        : [],
    ),
  },
  {
    id: 'R-08',
    severity: 'warning',
    title: 'The certificate that is shown comes from an authority that is trusted.',
    why: 'Each client must be given a private authority; a self-signed certificate is for tests.',
    remedy: 'Take a certificate of a public authority, or name the private one with --ca and give it to every client.',
    source: pages.https,
    covers: [19, 25],
    check: onOrthanc(({ certificate, isTrusted, url }, { now }) =>
      certificate !== null && !isTrusted && isValidAt(certificate, now) && isFor(certificate, url.hostname)
        ? ['the authority of the certificate is not trusted here']
        : [],
    ),
  },
  {
    id: 'R-09',
    severity: 'error',
    title: 'TLS before 1.2 is refused.',
    why: 'TLS 1.0 and 1.1 are broken and out of use (RFC 8996).',
    remedy: 'ssl_protocols TLSv1.2 TLSv1.3;',
    source: pages.https,
    covers: [25],
    check: onOrthanc(({ takesOldTls }) => (takesOldTls ? ['TLS 1.1 or 1.0 is taken'] : [])),
  },
  {
    id: 'R-10',
    severity: 'error',
    title: 'The public address is https://.',
    why: 'Images, tokens and passwords cross the network in clear.',
    remedy: 'Put nginx with a certificate in front, and redirect port 80.',
    source: pages.https,
    covers: [6, 7],
    check: onOrthanc(({ url }) => (url.protocol === 'http:' && !isLoopback(url) ? ['plain HTTP'] : [])),
  },
  {
    id: 'R-11',
    severity: 'warning',
    title: 'Browsers are told to come by HTTPS only (HSTS).',
    why: 'The first request of a browser that was not told may go in clear.',
    remedy: 'add_header Strict-Transport-Security "max-age=31536000" always;',
    source: pages.ohif,
    covers: [25],
    check: onOrthanc(({ url, hasHsts, answers }) =>
      url.protocol === 'https:' && !hasHsts && [...answers.values()].some((status) => status !== null)
        ? ['no Strict-Transport-Security']
        : [],
    ),
  },
  {
    id: 'R-12',
    severity: 'warning',
    title: `Its clock and ours differ by ${largestSkew} seconds at most.`,
    why: 'Tokens begin and end by the clock: good ones are refused, and ended ones live on.',
    remedy: 'Run a time service (chrony, systemd-timesyncd) on both machines.',
    source: pages.operating,
    check: onOrthanc(({ clockAhead }) =>
      clockAhead !== null && Math.abs(clockAhead) > largestSkew
        ? [`its clock is ${Math.abs(clockAhead)} seconds ${clockAhead > 0 ? 'ahead' : 'behind'}`]
        : [],
    ),
  },
  {
    id: 'R-13',
    severity: 'error',
    title: 'Keycloak calls itself what the service accepts as issuer.',
    why: 'Tokens carry that name as iss, and the service refuses those of another.',
    remedy: 'Set KEYCLOAK_ISSUER to the issuer of discovery, or the hostname of Keycloak to the public one.',
    source: pages.identity,
    check: ({ observed }) => {
      const { url, issuer, expected } = observed?.keycloak ?? {};
      if (!issuer || !expected || expected.length === 0 || expected.includes(issuer)) return [];
      return [`${url}: its issuer is ${issuer}, which is not among those accepted`];
    },
  },
  {
    id: 'R-14',
    severity: 'error',
    title: 'auth-service is ready.',
    why: 'When it is not, the plugin refuses everybody.',
    remedy: 'Read /health/ready, which says what is wrong and what to do.',
    source: pages.operating,
    check: ({ observed }) => {
      const service = observed?.service;
      if (!service || service.status === null || service.status === 200) return [];
      return [`${service.url}: not ready (${service.failing.join(', ') || service.status})`];
    },
  },
];

function onOrthanc(check: (orthanc: ObservedOrthanc, subject: Subject) => string[]): (subject: Subject) => string[] {
  return (subject) => {
    const orthanc = subject.observed?.orthanc;
    return orthanc ? check(orthanc, subject).map((what) => `${orthanc.url.href}: ${what}`) : [];
  };
}

/** What is got was given. A script that is no good was looked at all the same, so any answer of Orthanc but a refusal counts. */
function isOpen({ answers }: ObservedOrthanc, path: ProbedPath): boolean {
  const status = answers.get(path) ?? null;
  if (status === null || isRefusal(status)) return false;
  return path === 'tools/execute-script' ? status < 500 : status < 300;
}

/** Or a redirect to where people log in. */
const isRefusal = (status: number) => [401, 403, 404, 405].includes(status) || (status >= 300 && status < 400);

/** Paths that answered neither what was asked for nor a refusal, such as a proxy whose Orthanc is down. */
function untold(orthanc: ObservedOrthanc): string[] {
  return [...orthanc.answers]
    .filter(([path, status]) => status !== null && !isRefusal(status) && status >= 300 && !isOpen(orthanc, path))
    .map(([path, status]) => `${orthanc.url.href}: of /${path} nothing can be told: status ${status}`);
}
