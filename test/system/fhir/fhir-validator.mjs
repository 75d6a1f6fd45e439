// The official validator of FHIR: org.hl7.fhir as HAPI packages it, from Maven Central. It runs on this machine and asks nobody.
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { installPackages } from '../support/debian.mjs';
import { undoLater } from '../support/stage.mjs';

const here = import.meta.dirname;
const pom = join(here, 'pom.xml');
const program = join(here, 'Validate.java');
/** Profiles that our resources claim. */
const profiles = [join(here, 'privacy-disclosure-source.json')];
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'orthanc-warden');
const fetchLimit = 300_000;
/** Reading the definitions of R4 takes most of it; a busy machine needs several times what a quiet one does. */
const validationLimit = 240_000;
/** It runs once and for seconds: what makes a long run fast makes this one slow. */
const brief = ['-Xmx2g', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * Asks about all of them at once.
 * @returns errors, each with the number of its resource, where in it and why; none: all of them are valid R4, and follow
 * the profiles that they claim.
 */
export async function validateFhir(resources) {
  const classPath = await jars();
  const lines = resources.map((one) => `${JSON.stringify(one)}\n`).join('');
  const told = await run([...brief, '-cp', classPath, program, ...profiles], lines);
  const [versions, ...findings] = told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const end = findings.pop();
  if (end?.resources !== resources.length)
    throw new Error(`the validator saw ${end?.resources} of ${resources.length} resources`);
  const { engine, fhir, hapi, java } = versions;
  console.log(`  (FHIR ${fhir}: ${resources.length} resources, HAPI ${hapi}, ${engine}, Java ${java})`);
  return {
    errors: findings.map(({ at, error, resource }) => {
      const { id = 'without id', resourceType } = resources[resource];
      return `${resource} (${resourceType} ${id}) ${at ?? ''}: ${error}`;
    }),
  };
}

/** Class path of what the pom names, in Maven's own repository. Fetched at the first run. */
async function jars() {
  const name = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 16);
  const kept = join(cache, `fhir-validator-${name}.classpath`);
  if (existsSync(kept)) {
    const classPath = await readFile(kept, 'utf8');
    if (classPath.split(delimiter).every((jar) => existsSync(jar))) return classPath;
  }
  if (!inPath('javac')) installPackages('A JDK is missing', ['default-jdk-headless']);
  if (!inPath('mvn')) installPackages('Maven is missing', ['maven']);
  console.log('  (fetching the validator of FHIR, 145 MB)');
  await mkdir(cache, { recursive: true });
  // Written beside its place and moved there: a run that was cut short leaves nothing half done.
  const work = await mkdtemp(join(cache, 'fhir-validator-'));
  const clear = undoLater(() => rm(work, { recursive: true, force: true, maxRetries: 5 }));
  const list = join(work, 'classpath');
  const fetching = promisify(execFile)(
    'mvn',
    // A jar whose checksum is not the one that Central tells is refused.
    ['-B', '-q', '-C', '-f', pom, 'dependency:build-classpath', `-Dmdep.outputFile=${list}`],
    { timeout: fetchLimit },
  );
  const over = undoLater(() => fetching.child.kill());
  await fetching.finally(over);
  await rename(list, kept);
  await clear();
  return readFile(kept, 'utf8');
}

/** Runs java to its end with this standard input; answers its standard output. */
function run(args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let told = '';
    let complaints = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (chunk) => (told += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (complaints = `${complaints}${chunk}`.slice(-5_000)));
    const ended = new Promise((done) => child.once('close', done));
    const stop = undoLater(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const timer = setTimeout(() => {
      late = true;
      void stop();
    }, validationLimit);
    child.once('error', reject);
    // It may end before it has read everything; then its exit says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('close', (code) => {
      clearTimeout(timer);
      void stop();
      if (code === 0) resolve(told);
      else reject(new Error(late ? `not validated within ${validationLimit / 1000} s` : `java ended: ${complaints}`));
    });
  });
}

const inPath = (name) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));
