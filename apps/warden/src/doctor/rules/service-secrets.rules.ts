import { neverForAnyone } from '@warden/permissions';
import { openToEveryone } from '../file-modes.js';
import { pluginOf } from '../orthanc-protection.js';
import { pages } from '../pages.js';
import type { Rule } from '../rule.js';
import { jsonOf, sectionOf, textOf, textsOf } from '../section.js';
import type { ServiceSettings } from '../service-settings.js';
import { shortestKey, shortestPassword, weaknessOf } from '../weak-secrets.js';
import { onService } from './on-service.js';

const otherSecrets = ['KEYCLOAK_CLIENT_SECRET', 'ORTHANC_PASSWORD', 'EMAILS_SMTP_SERVER_PWD'];

/** The settings of auth-service: who may ask it, and with which secrets. */
export const serviceSecretRules: readonly Rule[] = [
  {
    id: 'S-01',
    severity: 'error',
    title: `SECRET_KEY is of no sample and has at least ${shortestKey} bytes.`,
    why: 'Who knows or guesses it mints a token for every study, and tries at home, unseen.',
    remedy: 'openssl rand -base64 48; the old one goes into SECRET_KEYS_PREVIOUS as long as its links live.',
    source: pages.settings,
    check: onService(({ get }) => {
      const key = get('SECRET_KEY');
      const weakness = key === null ? null : weaknessOf(key, shortestKey);
      return weakness === null ? [] : [`SECRET_KEY ${weakness}`];
    }),
  },
  {
    id: 'S-02',
    severity: 'error',
    title: 'USERS holds long passwords of no sample, or hashes.',
    why: 'Each entry may mint and judge tokens.',
    remedy: `Generate passwords of at least ${shortestPassword} bytes, or write hashes (npm run password-hash).`,
    source: pages.settings,
    check: onService((service) =>
      [...usersOf(service)].flatMap(([user, password]) => {
        const weakness = password === null ? null : weaknessOf(password, shortestPassword, user);
        return weakness === null ? [] : [`USERS: the password of ${user} ${weakness}`];
      }),
    ),
  },
  {
    id: 'S-03',
    severity: 'error',
    title: 'The routes of the plugin need a password.',
    why: 'With ALLOW_UNAUTHENTICATED whoever reaches the port mints tokens.',
    remedy: 'Set USERS, and leave ALLOW_UNAUTHENTICATED out.',
    source: pages.settings,
    check: onService(({ get }) => (get('ALLOW_UNAUTHENTICATED') === 'true' ? ['ALLOW_UNAUTHENTICATED is true'] : [])),
  },
  {
    id: 'S-13',
    severity: 'error',
    title: 'No other secret is of a sample or short.',
    why: 'Who has it reads the users of Keycloak, every study of Orthanc, or sends mail in our name.',
    remedy: `Generate one of at least ${shortestPassword} bytes.`,
    source: pages.settings,
    check: onService(({ get }) =>
      otherSecrets.flatMap((name) => {
        const secret = get(name);
        const weakness = secret === null ? null : weaknessOf(secret, shortestPassword);
        return weakness === null ? [] : [`${name} ${weakness}`];
      }),
    ),
  },
  {
    id: 'S-14',
    severity: 'warning',
    title: 'WARDEN_MODE is production.',
    why: 'Only then does the service refuse to start with weak keys and passwords.',
    remedy: 'Set WARDEN_MODE=production.',
    source: pages.settings,
    check: onService(({ get }) => (get('WARDEN_MODE') === 'production' ? [] : ['WARDEN_MODE is not production'])),
  },
  {
    id: 'S-15',
    severity: 'error',
    title: 'The file of the settings is not readable by everyone.',
    why: 'It holds the keys of everything.',
    remedy: 'chmod 600, or the group that needs it; or mount secrets as files.',
    source: pages.operating,
    check: onService(({ mode }) => (mode !== null && openToEveryone(mode) ? ['readable by everyone'] : [])),
  },
  {
    id: 'S-18',
    severity: 'error',
    title: 'The plugin comes with a user and a password that the service knows.',
    why: 'Otherwise every question is refused, and nobody sees anything.',
    remedy: 'Write WebServiceUsername and WebServicePassword of Orthanc as an entry of USERS.',
    source: pages.authorization,
    check: onService((service, { orthanc }) => {
      const plugin = pluginOf(orthanc);
      const [user, password] = [textOf(plugin?.['WebServiceUsername']), textOf(plugin?.['WebServicePassword'])];
      const users = usersOf(service);
      if (user === null || users.size === 0) return [];
      const known = users.get(user);
      if (known === undefined) return [`USERS does not know ${user}, as whom the plugin comes`];
      return known !== null && known !== password ? [`USERS has another password for ${user} than the plugin`] : [];
    }),
  },
  {
    id: 'S-19',
    severity: 'error',
    title: 'Whoever has no token may next to nothing.',
    why: 'The anonymous profile is that of everybody who reaches the address: with every label anyone lists every study.',
    remedy: 'Take the permissions and labels out of the file, or leave ANONYMOUS_PROFILE_FILE_PATH out.',
    source: pages.settings,
    check: onService(({ anonymousProfile }) => {
      const given = textsOf(anonymousProfile?.['permissions']).filter((one) => neverForAnyone.includes(one));
      return [
        ...(given.length > 0 ? [`ANONYMOUS_PROFILE_FILE_PATH gives everyone ${given.join(', ')}`] : []),
        ...(textsOf(anonymousProfile?.['authorized-labels']).includes('*')
          ? ['ANONYMOUS_PROFILE_FILE_PATH gives everyone every label']
          : []),
      ];
    }),
  },
  {
    id: 'S-21',
    severity: 'error',
    title: 'USERS is a JSON object.',
    why: 'The service does not start without it.',
    remedy: 'Write {"name": "password"}.',
    source: pages.settings,
    check: onService(({ get }) =>
      get('USERS') !== null && jsonOf(get('USERS')) === null ? ['USERS is no JSON object'] : [],
    ),
  },
];

/** Names and passwords; null for a hash. */
function usersOf({ get }: ServiceSettings): ReadonlyMap<string, string | null> {
  return new Map(
    Object.entries(jsonOf(get('USERS')) ?? {}).map(([user, entry]) => [
      user,
      typeof entry === 'string' ? entry : textOf(sectionOf(entry)?.['password']),
    ]),
  );
}
