import type { Compose, ComposeService } from '../compose-file.js';
import { openToEveryone } from '../file-modes.js';
import { pages } from '../pages.js';
import type { Rule } from '../rule.js';
import type { Subject } from '../subject.js';
import { weaknessOf } from '../weak-secrets.js';

const ohifCertificate = '/etc/ssl/certs/ssl-certificate.crt';
const ohifKey = '/etc/ssl/private/ssl-private-key.key';

/** A compose file: what of it reaches the outside, and as whom. */
export const composeRules: readonly Rule[] = [
  {
    id: 'K-01',
    severity: 'error',
    title: 'The HTTP port of Orthanc is not published.',
    why: 'Only the application in front should reach the REST API; Docker opens published ports past the firewall of the host.',
    remedy: 'Take the port out of ports; the proxy reaches Orthanc over the network of the containers.',
    source: pages.security,
    covers: [2],
    check: onOrthanc(({ published, sharesHostNetwork }, { orthanc }) => {
      if (sharesHostNetwork) return ['network_mode host opens every port'];
      const http = published.filter(
        ({ container, address }) =>
          !isLocal(address) && (container === null || container === orthanc.number('HttpPort')),
      );
      return http.length > 0 ? ['its HTTP port is published'] : [];
    }),
  },
  {
    id: 'K-02',
    severity: 'warning',
    title: 'The DICOM port of Orthanc is published to the network of the modalities only.',
    why: 'The DICOM protocol knows no users.',
    remedy: 'Publish it at one address of the host (10.0.0.5:4242:4242), behind a firewall, or not at all.',
    source: pages.security,
    covers: [2, 12],
    check: onOrthanc(({ published }, { orthanc }) =>
      published.some(({ address, container }) => container === orthanc.number('DicomPort') && isAnywhere(address))
        ? ['its DICOM port is published at every address of the host']
        : [],
    ),
  },
  {
    id: 'K-03',
    severity: 'warning',
    title: 'Orthanc runs as a user of its own, not as root.',
    why: 'Whatever breaks into Orthanc has what its user has.',
    remedy: 'Write user: "1000:1000" (or another one that owns the storage).',
    source: pages.security,
    covers: [1],
    check: onOrthanc(({ user }) =>
      user === null || /^(0|root)(:|$)/.test(user)
        ? [user === null ? 'user is not set: it runs as root' : 'it runs as root']
        : [],
    ),
  },
  {
    id: 'K-04',
    severity: 'error',
    title: 'OHIF with certificates mounted has SSL_PORT.',
    why: 'Without SSL_PORT the image speaks plain HTTP, even with the certificates in place.',
    remedy: 'Set SSL_PORT in its environment, and publish that port where nothing is in front.',
    source: pages.ohif,
    covers: [23],
    check: onOhif(({ environment, mounts }) => {
      const mounted = mounts.some(({ target }) => target === ohifCertificate || target === ohifKey);
      return mounted && !environment.get('SSL_PORT') ? ['certificates are mounted, and SSL_PORT is not set'] : [];
    }),
  },
  {
    id: 'K-05',
    severity: 'error',
    title: 'OHIF with SSL_PORT has its certificate and its key, and that port is the one that is published.',
    why: 'Without them it does not start; another published port is not HTTPS.',
    remedy: `Mount ${ohifCertificate} and ${ohifKey}, and publish SSL_PORT.`,
    source: pages.ohif,
    covers: [23],
    check: onOhif(({ environment, mounts, published }) => {
      const port = environment.get('SSL_PORT');
      if (!port) return [];
      const missing = [ohifCertificate, ohifKey].filter((path) => !mounts.some(({ target }) => covers(target, path)));
      const other = published.filter(({ container }) => container !== null && container !== Number(port));
      return [
        ...missing.map((path) => `${path} is not mounted`),
        ...other.map(({ container }) => `port ${container} is published, and SSL_PORT is ${port}`),
      ];
    }),
  },
  {
    id: 'K-06',
    severity: 'error',
    title: 'Keys that are mounted are readable by a group, not by everyone.',
    why: 'The page of OHIF suggests mode 644 so that the user of the image can read the key; then everybody on the host can.',
    remedy: 'chmod 640, chgrp to the group of the user in the image (101 for nginx).',
    source: pages.ohif,
    covers: [24],
    check: onCompose(({ path, services }, { files }) =>
      services.flatMap(({ name, mounts }) =>
        mounts
          // Without a slash it is a volume.
          .flatMap(({ source }) => (source === null || !source.includes('/') ? [] : [source]))
          .flatMap((source) => [source, ...files.list(source, path)])
          .filter((file) => {
            const found = files.find(file, path);
            const isKey =
              found.state === 'read' && (/PRIVATE KEY-----/.test(found.text) || /\.(p12|pfx|key)$/i.test(file));
            return isKey && openToEveryone(found.mode);
          })
          .map((file) => `${name}: ${file} is readable by everyone`),
      ),
    ),
  },
  {
    id: 'K-07',
    severity: 'warning',
    title: 'What is reached from outside shares no network with Orthanc, but for the proxy.',
    why: 'Ideally one application in front is the only one that reaches the REST API.',
    remedy: 'Split the networks: one for the proxy and the outside, one for Orthanc, the proxy and this service.',
    source: pages.security,
    covers: [2],
    check: onOrthanc((orthanc, _subject, { services }) =>
      services
        .filter(
          (other) =>
            other !== orthanc &&
            other.published.some(({ address }) => !isLocal(address)) &&
            !isProxy(other) &&
            !isOrthanc(other),
        )
        .filter(({ networks }) => networks.some((network) => orthanc.networks.includes(network)))
        .map(({ name }) => `${name} is published and reaches it`),
    ),
  },
  {
    id: 'K-08',
    severity: 'error',
    title: 'No secret of a sample stands in the environment of a container.',
    why: 'Everybody has read the sample.',
    remedy: 'Let a first step write random ones to .env, or mount secrets as files.',
    source: pages.settings,
    check: onCompose(({ services }) =>
      services.flatMap(({ name, environment }) =>
        [...environment]
          .filter(
            ([setting, value]) =>
              /PASSWORD|PASSWD|PWD|SECRET|_KEY|TOKEN/i.test(setting) &&
              !/_FILE$/i.test(setting) &&
              value !== '' &&
              weaknessOf(value, 0) !== null,
          )
          .map(([setting]) => `${name}: ${setting} is a value from a public sample`),
      ),
    ),
  },
  {
    id: 'K-09',
    severity: 'error',
    title: 'No container is privileged.',
    why: 'Root in a privileged container is root on the host.',
    remedy: 'Take privileged out.',
    source: pages.security,
    covers: [1],
    check: onCompose(({ services }) =>
      services.filter(({ isPrivileged }) => isPrivileged).map(({ name }) => `${name}: privileged`),
    ),
  },
  {
    id: 'K-10',
    severity: 'error',
    title: 'Databases and auth-service are not published.',
    why: 'They are asked by containers of their own network only.',
    remedy: 'Take their ports out of ports, or bind them to 127.0.0.1.',
    source: pages.operating,
    covers: [2],
    check: onCompose(({ services }) =>
      services
        .filter((service) => isInner(service) && service.published.some(({ address }) => !isLocal(address)))
        .map(({ name }) => `${name}: its port is published`),
    ),
  },
];

function onCompose(check: (compose: Compose, subject: Subject) => string[]): (subject: Subject) => string[] {
  return (subject) => {
    const { compose } = subject;
    return compose === null ? [] : check(compose, subject).map((what) => `${compose.name}: ${what}`);
  };
}

function onOrthanc(check: (orthanc: ComposeService, subject: Subject, compose: Compose) => string[]) {
  return onCompose((compose, subject) =>
    compose.services
      .filter(isOrthanc)
      .flatMap((service) => check(service, subject, compose).map((what) => `${service.name}: ${what}`)),
  );
}

function onOhif(check: (ohif: ComposeService) => string[]) {
  return onCompose(({ services }) =>
    services
      .filter(({ image }) => /ohif/i.test(image))
      .flatMap((service) => check(service).map((what) => `${service.name}: ${what}`)),
  );
}

/** The last part of an image's name, without tag and digest. */
function program({ image, name }: ComposeService): string {
  return (image === '' ? name : image).replace(/@.*$/, '').replace(/^.*\//, '').replace(/:.*$/, '');
}

/** By the name of the image, one's own too, by that of the service, or by variables that only Orthanc's images read. */
function isOrthanc(service: ComposeService): boolean {
  const name = /(^|[-_])orthanc([-_](plugins|python|postgres|pg|shares|api|cert|inbox|for[-_](shares|api|cert)))?$/;
  return (
    name.test(program(service)) ||
    name.test(service.name) ||
    [...service.environment.keys()].some((variable) => /^ORTHANC(__.+|_JSON)$/.test(variable))
  );
}

function isProxy(service: ComposeService): boolean {
  return /nginx|traefik|caddy|haproxy|envoy|httpd|apache/i.test(`${service.image} ${service.name}`);
}

function isInner(service: ComposeService): boolean {
  return /^(postgres|mysql|mariadb|openldap|redis|mongo|auth-service|orthanc-auth-service)/.test(program(service));
}

function isLocal(address: string | null): boolean {
  return address !== null && /^(127\.|::1$)/.test(address);
}

function isAnywhere(address: string | null): boolean {
  return address === null || address === '0.0.0.0' || address === '::';
}

/** A folder that is mounted brings what is in it. */
function covers(target: string, path: string): boolean {
  return path === target || path.startsWith(`${target.replace(/\/$/, '')}/`);
}
