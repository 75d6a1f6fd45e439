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
interface Resource {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly spec: {
    replicas?: number;
    podSelector?: object;
    policyTypes?: string[];
    ingress?: { from: { podSelector?: { matchLabels: Record<string, string> } }[] }[];
    egress?: unknown[];
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
const comersTo = (name: string) =>
  (policy(name)?.ingress ?? [])
    .flatMap(({ from }) => from)
    .map(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/name'])
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
    ['landing', ['nginx']],
    ['auth-service', ['landing', 'nginx', 'orthanc']],
    ['orthanc', ['nginx']],
    ['orthanc-for-service', ['auth-service']],
  ])('%s: %j', (name, comers) => {
    expect(comersTo(name)).toEqual(comers);
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
