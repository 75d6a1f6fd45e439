import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { addOnsOf, composeFiles, composeFolder, project, root, setUps, type Service } from './compose-project.js';
import { schemaFaults } from './compose-schema.js';

const isOrthanc = (service: Service) => (service.image ?? '').startsWith('orthancteam/orthanc:');
const isPostgres = (service: Service) => (service.image ?? '').startsWith('postgres:');
const networksOf = (service: Service | undefined) => Object.keys(service?.networks ?? {});
const nameOf = (file: string) => relative(root, file);

const projects = setUps.flatMap((setUp) => [
  { title: setUp, ...project(setUp) },
  { title: `${setUp} with every add-on`, ...project(setUp, addOnsOf(setUp)) },
]);

it.each(composeFiles.map(nameOf))('%s is what the compose specification allows', (file) => {
  expect(schemaFaults(readFileSync(join(root, file), 'utf8'))).toEqual([]);
});

it('a compose file with a word that the specification does not have is found', () => {
  expect(schemaFaults('services: { one: { image: "a:1", read_onyl: true } }')).not.toEqual([]);
  expect(schemaFaults('services: { one: { image: "a:1", ports: ["nothing:like:a:port"] } }')).not.toEqual([]);
});

describe.each(projects)('$title', ({ services, networks, volumes, secrets }) => {
  const all = Object.entries(services);
  /** Who shares a network with a service. */
  const neighboursOf = (name: string) =>
    all
      .filter(([other]) => other !== name)
      .filter(([, service]) => networksOf(service).some((network) => networksOf(services[name]).includes(network)))
      .map(([other]) => other)
      .sort();

  it('runs every service as somebody with a number who is not root', () => {
    for (const [name, { user }] of all) expect([name, user]).toEqual([name, expect.stringMatching(/^[1-9]\d*:\d+$/)]);
  });

  it('gives every service a read-only root, no capability, no way to new rights, and a limit of memory', () => {
    for (const [name, service] of all) {
      const { read_only, cap_drop, security_opt, mem_limit } = service;
      expect({ name, read_only, cap_drop, security_opt, limited: mem_limit !== undefined }).toEqual({
        name,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        limited: true,
      });
      expect(service).not.toHaveProperty('privileged');
      expect(service).not.toHaveProperty('cap_add');
      expect(service).not.toHaveProperty('network_mode');
    }
  });

  it('pins every image to a version', () => {
    for (const [, { image = '' }] of all) expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.]+)?$/);
  });

  it('builds each image once', () => {
    const built = all.flatMap(([, { build, image }]) => (build === undefined ? [] : [image]));
    expect(built).toEqual([...new Set(built)]);
    const ours = new Set(all.flatMap(([, { image = '' }]) => (image.startsWith('orthanc-warden/') ? [image] : [])));
    expect([...ours].filter((image) => !built.includes(image))).toEqual([]);
  });

  it('names the networks of every service: without them it would be in one with a way out', () => {
    for (const [name] of all) expect([name, networksOf(services[name]).length]).not.toEqual([name, 0]);
  });

  it('publishes ports of nginx alone', () => {
    expect(all.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['nginx']);
  });

  it('gives nginx alone a network with a way out', () => {
    const open = Object.keys(networks).filter((name) => networks[name]?.internal !== true);
    expect(open).toEqual(['public']);
    const inIt = all.filter(([, service]) => networksOf(service).some((network) => open.includes(network)));
    expect(inIt.map(([name]) => name)).toEqual(['nginx']);
  });

  it('lets only nginx, the service, the database and MedDream come near an Orthanc', () => {
    for (const [name] of all.filter(([, service]) => isOrthanc(service))) {
      const allowed = [
        'nginx',
        'auth-service',
        'orthanc-db',
        ...(name === 'orthanc-for-service' ? ['meddream-viewer'] : []),
      ];
      expect(neighboursOf(name).filter((other) => !allowed.includes(other))).toEqual([]);
    }
  });

  it('lets each database be reached by whom it serves alone', () => {
    expect(neighboursOf('warden-db')).toEqual(['auth-service', 'migrate']);
    expect(neighboursOf('orthanc-db')).toEqual(
      all
        .filter(([, one]) => isOrthanc(one))
        .map(([name]) => name)
        .sort(),
    );
    if (services['keycloak-db'] !== undefined) expect(neighboursOf('keycloak-db')).toEqual(['keycloak']);
  });

  it('has nginx and each service that believes it share one network, in which nginx has the address that is believed', () => {
    for (const [name, { environment = {} }] of all.filter(
      ([, one]) => one.environment?.TRUSTED_PROXIES !== undefined,
    )) {
      const shared = networksOf(services[name]).filter((network) => networksOf(services.nginx).includes(network));
      expect([name, shared]).toEqual([name, ['front']]);
      expect(services.nginx?.networks?.front?.ipv4_address).toBe(environment.TRUSTED_PROXIES);
    }
  });

  it("lets Docker give away no address that is nginx's", () => {
    const [config = {}, ...others] = networks.front?.ipam?.config ?? [];
    expect(others).toEqual([]);
    expect(config).toEqual({
      subnet: '${SUBNET:?}.0/24',
      gateway: '${SUBNET:?}.1',
      // .128 to .255, and .2 is not among them.
      ip_range: '${SUBNET:?}.128/25',
    });
  });

  it('starts nginx again when one is made anew whose address nginx asked for at its start', () => {
    const asked = Object.entries(services.nginx?.environment ?? {})
      .filter(([name]) => name.endsWith('_UPSTREAM'))
      .map(([, address]) => address.split(':')[0] ?? '')
      .filter((name) => services[name] !== undefined);
    expect(asked.length).toBeGreaterThan(3);
    for (const name of asked) expect([name, services.nginx?.depends_on?.[name]?.restart]).toEqual([name, true]);
  });

  it('sets what nginx and the service know, and nothing else', () => {
    const ofNginx: string[] =
      readFileSync(join(root, 'docker/nginx/files.list'), 'utf8').match(/(?<=^variable )\w+/gm) ?? [];
    const ofService: string[] =
      readFileSync(join(root, 'docs/settings.md'), 'utf8').match(/(?<=^\| )[A-Z_]+(?= \|)/gm) ?? [];
    expect(Object.keys(services.nginx?.environment ?? {}).filter((name) => !ofNginx.includes(name))).toEqual([]);
    expect(
      Object.keys(services['auth-service']?.environment ?? {}).filter((name) => !ofService.includes(name)),
    ).toEqual([]);
  });

  it('keeps the owner of the schema from the service that faces requests', () => {
    expect(services['auth-service']?.secrets).not.toContain('DATABASE_OWNER_URL');
    expect(services.migrate?.secrets).toContain('DATABASE_OWNER_URL');
  });

  it('lets only the internal token of the guard post', () => {
    expect(services['auth-service']?.environment?.SHARE_POST).toBe('edge-only');
  });

  it('waits for a service that tells of its health until it is well', () => {
    for (const [name, { depends_on = {} }] of all) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect([name, other, services[other] !== undefined]).toEqual([name, other, true]);
        const expected = other === 'migrate' ? 'service_completed_successfully' : 'service_healthy';
        // MedDream's images say nothing of their health.
        if (!other.startsWith('meddream-')) expect([name, other, condition]).toEqual([name, other, expected]);
      }
    }
    for (const [, service] of all.filter(([, one]) => isOrthanc(one) || isPostgres(one)))
      expect(service.healthcheck).toHaveProperty('test');
  });

  it('has every network, volume, secret and mounted file that its services name', () => {
    const mounts = all.flatMap(([, one]) => one.volumes ?? []);
    // A file of the administrator's own: Docker must not make an empty folder of its name.
    const given = mounts.filter((one) => typeof one !== 'string');
    for (const one of given)
      expect(one).toMatchObject({ type: 'bind', read_only: true, bind: { create_host_path: false } });
    const sources = mounts.filter((one) => typeof one === 'string').map((one) => one.split(/:(?=\/)/)[0] ?? '');
    for (const source of sources) {
      if (source.startsWith('.'))
        expect([source, existsSync(join(composeFolder, 'minimal', source))]).toEqual([source, true]);
      else expect(Object.keys(volumes)).toContain(source);
    }
    for (const [, one] of all) {
      for (const network of networksOf(one)) expect(Object.keys(networks)).toContain(network);
      for (const secret of one.secrets ?? [])
        expect(Object.keys(secrets)).toContain(typeof secret === 'string' ? secret : secret.source);
    }
  });

  it('builds from a Dockerfile that is there', () => {
    for (const [, { build }] of all) {
      if (build === undefined) continue;
      const context = resolve(composeFolder, 'common', build.context);
      expect([build, existsSync(join(context, build.dockerfile ?? 'Dockerfile'))]).toEqual([build, true]);
    }
  });

  it('writes no password down', () => {
    for (const [, { environment = {} }] of all) {
      for (const [name, value] of Object.entries(environment)) {
        if (!/PASSWORD|SECRET|_KEY$|_PWD/.test(name) || name.endsWith('_FILE')) continue;
        expect([name, value]).toEqual([name, `\${${name}:?}`]);
      }
    }
  });
});

it('tells where the initial passwords are by the path that Keycloak writes them to', () => {
  const text = readFileSync(join(composeFolder, 'keycloak/README.md'), 'utf8');
  expect(text).toContain('exec keycloak cat /opt/keycloak/data/first-start/initial-passwords');
  expect(project('keycloak').services.keycloak?.volumes).toContain(
    'keycloak-first-start:/opt/keycloak/data/first-start',
  );
});

it.each(setUps)('%s: the network of the example is none that Docker gives to others', (setUp) => {
  for (const file of ['README.md', '.env.example']) {
    const text = readFileSync(join(composeFolder, setUp, file), 'utf8');
    const [, subnet = ''] = /SUBNET=([\d.]+)/.exec(text) ?? [];
    expect([file, subnet]).toEqual([file, expect.stringMatching(/^10\.\d+\.\d+$/)]);
  }
});

it('minimal: the one Orthanc that can be written to asks a filter, which is there, what the service may do', () => {
  const text = readFileSync(join(composeFolder, 'minimal/orthanc/orthanc.json'), 'utf8');
  const [, script = ''] = /"LuaScripts": \["([^"]+)"\]/.exec(text) ?? [];
  const mounted = project('minimal').services.orthanc?.volumes ?? [];
  expect(mounted).toContain(`../minimal/orthanc/${basename(script)}:${script}:ro`);
  const users = readFileSync(join(composeFolder, 'common/secrets.example/orthanc-basic.json'), 'utf8');
  expect(users).toContain('"warden":');
  expect(readFileSync(join(composeFolder, 'minimal/orthanc', basename(script)), 'utf8')).toContain(
    "username ~= 'warden'",
  );
});

it('writes no password into a configuration file, and every secret is asked of the variables', () => {
  const configurations = ['minimal', 'keycloak', 'keycloak-inbox', 'keycloak-meddream', 'common'].flatMap((name) =>
    filesBelow(join(composeFolder, name, 'orthanc')),
  );
  expect(configurations.length).toBeGreaterThan(5);
  for (const file of configurations)
    expect(readFileSync(file, 'utf8')).not.toMatch(/"\w*(Password|Secret)\w*"\s*:\s*"/i);
  for (const file of filesBelow(join(composeFolder, 'common/secrets.example'))) {
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/\$\{[A-Z_]+\}/);
    expect(text).not.toMatch(/"\w*password"\s*:\s*"(?!\$\{)/i);
  }
});

function filesBelow(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
