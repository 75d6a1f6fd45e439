import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder, undoLater } from './stage.mjs';

const root = resolve(import.meta.dirname, '../../..');
const cache = join(root, 'node_modules/.cache/orthanc-warden');
const image = join(root, 'docker/images/ohif');
const run = promisify(execFile);

/** A folder with OHIF as the image has it, below /ohif/, that nginx's own account may read. */
export async function ohifFolder() {
  const folder = join(await temporaryFolder('ohif'), 'ohif');
  await cp(await ohifBuild(), folder, { recursive: true });
  await copyFile(join(image, 'app-config.js'), join(folder, 'app-config.js'));
  return folder;
}

/** The build that the Dockerfile names, fetched once and kept between runs. */
async function ohifBuild() {
  const [, sha512, named] =
    /OHIF_SHA512=(\w{128})[^]*?@ohif\/app@([\d.]+)/.exec(await readFile(join(image, 'Dockerfile'), 'utf8')) ?? [];
  if (named === undefined) throw new Error('docker/images/ohif/Dockerfile names no build of OHIF');
  const folder = join(cache, `ohif-${named}-${sha512.slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  console.log(`  (fetching OHIF ${named}, kept in ${folder})`);
  await mkdir(cache, { recursive: true });
  // Made beside its place and moved there: a run that was cut short leaves nothing half made.
  const work = await mkdtemp(join(cache, 'ohif-'));
  const clear = undoLater(() => rm(work, { recursive: true, force: true }));
  await run('npm', ['pack', '--ignore-scripts', '--silent', `@ohif/app@${named}`], { cwd: work, timeout: 120_000 });
  const [archive] = (await readdir(work)).filter((name) => name.endsWith('.tgz'));
  const found = createHash('sha512')
    .update(await readFile(join(work, archive)))
    .digest('hex');
  if (found !== sha512) throw new Error(`OHIF ${named} is not the one that the Dockerfile names`);
  await run('tar', ['-xzf', archive, '--exclude=*.map'], { cwd: work });
  const built = join(work, 'package/dist');
  await run(process.execPath, [join(image, 'place-under.mjs'), built, '/ohif/']);
  await rename(built, folder).catch((error) => {
    // Another run may have been faster.
    if (!existsSync(folder)) throw error;
  });
  await clear();
  return folder;
}
