import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { root } from './compose-project.js';

interface Container {
  readonly image: string;
  readonly securityContext: unknown;
  readonly resources: { limits?: { memory?: string }; requests?: { cpu?: string; memory?: string } };
  readonly readinessProbe?: unknown;
  readonly livenessProbe?: unknown;
}
interface Selector {
  readonly matchLabels?: Record<string, string>;
  readonly matchExpressions?: { key: string; operator: string; values: string[] }[];
}
interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { cidr: string };
}
interface Resource {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly spec: {
    replicas?: number;
    podSelector?: Selector;
    policyTypes?: string[];
    ingress?: { from: Peer[] }[];
    egress?: { to: Peer[]; ports: { port: number }[] }[];
    minAvailable?: number;
    template: {
      spec: {
        automountServiceAccountToken: boolean;
        securityContext: { runAsNonRoot: boolean; runAsUser: number; seccompProfile: { type: string } };
        containers: Container[];
        topologySpreadConstraints?: unknown[];
      };
    };
  };
}

const folder = join(root, 'docker/kubernetes');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const kustomization = (part: string) =>
  parse(readFileSync(join(folder, part, 'kustomization.yaml'), 'utf8')) as {
    resources: string[];
    images?: { newTag: string }[];
    configMapGenerator: { name: string; literals: string[] }[];
  };
const resourcesOf = (part: string) =>
  readdirSync(join(folder, part))
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, part, name), 'utf8'), { version: '1.1' }))
    .map((document) => document.toJS() as Resource);

const base = resourcesOf('base');
const all = [...base, ...resourcesOf('overlays/example')];
const ofKind = (kind: string, among = base) => among.filter((one) => one.kind === kind);
const workloads = [...ofKind('Deployment'), ...ofKind('Job')];
const policy = (name: string) => ofKind('NetworkPolicy', all).find(({ metadata }) => metadata.name === name)?.spec;
/** What the policies allow, added up: each that selects the pods of this name counts. */
const policiesOf = (name: string) =>
  ofKind('NetworkPolicy', all)
    .map(({ spec }) => spec)
    .filter(({ podSelector }) => selects(podSelector, name));
const comersTo = (name: string) =>
  policiesOf(name)
    .flatMap(({ ingress = [] }) => ingress)
    .flatMap(({ from }) => from.map(nameOfPeer))
    .sort();
const reachedBy = (name: string) =>
  policiesOf(name)
    .flatMap(({ egress = [] }) => egress)
    .flatMap(({ to, ports }) => to.flatMap((peer) => ports.map(({ port }) => `${nameOfPeer(peer)}:${port}`)))
    .sort();

it.each(['base', 'overlays/example'])('%s applies every file that lies there', (part) => {
  const there = readdirSync(join(folder, part)).filter(
    (name) => name.endsWith('.yaml') && name !== 'kustomization.yaml',
  );
  expect(
    kustomization(part)
      .resources.filter((name) => name.endsWith('.yaml'))
      .sort(),
  ).toEqual(there.sort());
});

describe.each(workloads.map((workload) => ({ title: `${workload.kind} ${workload.metadata.name}`, ...workload })))(
  '$title',
  ({ spec }) => {
    const pod = spec.template.spec;

    it('is what the restricted pod security standard allows, and has no token of the cluster', () => {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
      for (const { securityContext } of pod.containers)
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    });

    it('is of this release, and says what it needs', () => {
      for (const { image, resources } of pod.containers) {
        expect(image).toMatch(new RegExp(`^orthanc-warden/[a-z-]+:${version.replaceAll('.', '\\.')}$`));
        expect(resources).toMatchObject({
          limits: { memory: expect.any(String) as string },
          requests: { cpu: expect.any(String) as string, memory: expect.any(String) as string },
        });
      }
    });
  },
);

describe.each(ofKind('Deployment').map((one) => ({ title: one.metadata.name, ...one })))(
  '$title',
  ({ title, spec }) => {
    it('goes on when one of its pods, or a machine, is taken away', () => {
      expect(spec.replicas).toBeGreaterThanOrEqual(2);
      expect(spec.template.spec.topologySpreadConstraints).toHaveLength(2);
      const budget = ofKind('PodDisruptionBudget').find(({ metadata }) => metadata.name === title);
      expect(budget?.spec.minAvailable).toBe(1);
    });

    it('tells whether it lives and whether it is ready', () => {
      for (const container of spec.template.spec.containers) {
        expect(container).toHaveProperty('livenessProbe.httpGet');
        expect(container).toHaveProperty('readinessProbe.httpGet');
      }
    });
  },
);

describe('who reaches whom', () => {
  it('is nobody, unless it is said', () => {
    expect(policy('nobody-reaches-anybody')).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it.each([
    ['nginx', ['namespace ingress-nginx']],
    ['landing', ['nginx']],
    ['auth-service', ['landing', 'nginx', 'orthanc']],
    ['orthanc', ['nginx']],
    ['orthanc-for-service', ['auth-service']],
    ['migrate', []],
    ['anything-else', []],
  ])('to %s: %j', (name, comers) => {
    expect(comersTo(name)).toEqual(comers);
  });

  const names = ['kube-dns in kube-system:53', 'kube-dns in kube-system:53'];
  const postgresql = '192.0.2.10/32:5432';
  it.each([
    ['nginx', ['auth-service:8000', ...names, 'landing:8001', 'orthanc:8042']],
    ['landing', ['auth-service:8000', ...names]],
    ['auth-service', [postgresql, '192.0.2.20/32:443', ...names, 'orthanc-for-service:8042']],
    ['orthanc', ['auth-service:8000', ...names]],
    ['orthanc-for-service', names],
    ['migrate', [postgresql, ...names]],
    ['anything-else', names],
  ])('from %s: %j', (name, reached) => {
    expect(reachedBy(name)).toEqual(reached);
  });

  it('has a way to every address that the service is told of', () => {
    const literals = kustomization('overlays/example').configMapGenerator.flatMap(({ literals: some }) => some);
    expect(literals).toContain('ENABLE_KEYCLOAK=true');
    expect(literals).toContainEqual(expect.stringMatching(/^KEYCLOAK_URI=https:\/\/.+\/$/));
  });
});

it('there is no secret in the manifests', () => {
  expect(ofKind('Secret', all)).toEqual([]);
  const literals = ['base', 'overlays/example'].flatMap((part) =>
    kustomization(part).configMapGenerator.flatMap(({ literals: some }) => some),
  );
  expect(literals.filter((one) => /^(\w*(PASSWORD|SECRET|_KEY)|USERS|DATABASE_\w*URL)=/.test(one))).toEqual([]);
});

it('the job has the name of the release, since a job cannot be changed', () => {
  expect(ofKind('Job').map(({ metadata }) => metadata.name)).toEqual([`migrate-${version}`]);
  for (const { newTag } of kustomization('overlays/example').images ?? []) expect(newTag).toBe(version);
});

/** A selector with nothing in it selects every pod. */
function selects({ matchLabels = {}, matchExpressions = [] }: Selector = {}, name: string): boolean {
  for (const { operator } of matchExpressions) expect(operator).toBe('In');
  const wanted = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, values: [value] })),
    ...matchExpressions,
  ];
  return wanted.every(({ key, values }) => key === 'app.kubernetes.io/name' && values.includes(name));
}

function nameOfPeer({ podSelector, namespaceSelector, ipBlock }: Peer): string {
  const namespace = namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'];
  const pod = podSelector?.matchLabels?.['app.kubernetes.io/name'] ?? podSelector?.matchLabels?.['k8s-app'];
  if (ipBlock !== undefined) return ipBlock.cidr;
  if (namespace === undefined) return pod ?? 'everybody';
  return pod === undefined ? `namespace ${namespace}` : `${pod} in ${namespace}`;
}
