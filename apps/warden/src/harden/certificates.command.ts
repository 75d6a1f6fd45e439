import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineCommand, type OptionRules, type OptionValues } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import type { Surroundings } from '../surroundings.js';
import { Questions } from './ask.js';
import {
  type KeyAndCertificate,
  type Purpose,
  faultOfAuthority,
  issue,
  makeAuthority,
  pkcs12,
} from './certificate-authority.js';
import { leafFile } from './leaf-folder.js';
import { readAssignment, readHost, readName, readTitle, refuseTwice } from './read-names.js';
import { newSecret } from './secrets.js';
import { writtenText } from './told.js';
import { type NewFile, prepareFolder, readGroup, refuseTaken, writeFolder } from './write-folder.js';

const options = {
  out: { type: 'string', value: 'FOLDER', help: 'where to write; without it a terminal is asked' },
  force: { type: 'boolean', help: 'replace keys and certificates that are there; never the authority' },
  group: { type: 'string', value: 'GROUP', help: "the service's group, which may read the keys of servers" },
  ca: {
    type: 'string',
    value: 'FOLDER',
    help: 'where the authority is, or will be made; FOLDER/authority unless told',
  },
  authority: { type: 'string', value: 'NAME', help: 'what a new authority is called' },
  orthanc: {
    type: 'string',
    multiple: true,
    value: 'NAME=HOST,HOST',
    help: 'an Orthanc: it listens, and calls others',
  },
  server: { type: 'string', multiple: true, value: 'NAME=HOST,HOST', help: 'another server, such as nginx' },
  client: { type: 'string', multiple: true, value: 'NAME', help: "a person's browser, or a program" },
} as const satisfies OptionRules;

type Values = OptionValues<typeof options>;

/** One key and certificate to be made. */
interface Wanted {
  readonly kind: 'orthanc' | 'server' | 'client';
  readonly name: string;
  readonly hosts: readonly string[];
}

const purposesOf: Readonly<Record<Wanted['kind'], readonly Purpose[]>> = {
  orthanc: ['serverAuth', 'clientAuth'],
  server: ['serverAuth'],
  client: ['clientAuth'],
};

const authorityFile = { certificate: 'ca.pem', key: 'ca-key.pem' } as const;

export const hardenCertificates = defineCommand({
  name: 'harden certificates',
  summary: 'Makes keys and certificates, and the private authority that signs them. Asks no service.',
  notes: [
    'HOST is each host name and each IP address by which others call the server.',
    'The authority lives for 10 years, a certificate for 397 days. To renew: the same command with --force, and --ca where the authority is by then. It stays.',
    'Keep the folder of the authority off the servers: whoever has its key is let in everywhere.',
  ],
  options,
  async run(values, _operands, surroundings) {
    const given = values.out === undefined ? await askFor(values, surroundings) : values;
    const wanted = readWanted(given);
    const title = readTitle(given.authority ?? 'Private authority', 'authority');
    const gid = readGroup(given.group);
    const folder = resolve(surroundings.userDir, given.out ?? '');
    const authorityFolder =
      given.ca === undefined ? join(folder, 'authority') : resolve(surroundings.userDir, given.ca);
    const now = surroundings.now();
    const known = readAuthority(authorityFolder, now);
    if (known === undefined && (given.force || hasCertificates(folder)))
      throw new CommandFailed(
        `${authorityFolder} holds no authority, and another one would be trusted by nobody who has the first. Say with --ca where it is. To begin with a new one, write to another folder.`,
      );
    const authority = known ?? makeAuthority(title, now);
    const passwords = new Map(wanted.filter(({ kind }) => kind === 'client').map(({ name }) => [name, newSecret()]));
    const files = wanted.flatMap((one) => filesOf(one, authority, passwords.get(one.name) ?? '', now));
    refuseTaken(files, { folder, force: given.force });
    prepareFolder(folder, gid);
    const written = [
      // First, so that no certificate is left without its authority.
      ...(known === undefined
        ? writeFolder(authorityFiles(authority), { folder: authorityFolder, force: false, gid: undefined })
        : []),
      ...writeFolder(files, { folder, force: given.force, gid }),
    ];
    surroundings.out(writtenText(written, stepsOf(wanted, folder, authorityFolder)));
    for (const [name, password] of passwords)
      surroundings.out(`The password of ${name}.p12, told this once: ${password}\n`);
    return 0;
  },
});

function readWanted(given: Pick<Values, 'orthanc' | 'server' | 'client'>): Wanted[] {
  const withHosts = (kind: 'orthanc' | 'server') =>
    given[kind].map((text): Wanted => {
      const [name, hosts] = readAssignment(text, kind, 'NAME=HOST,HOST');
      return { kind, name: readName(name, kind), hosts: hosts.split(',').map((host) => readHost(host, kind)) };
    });
  const wanted = [
    ...withHosts('orthanc'),
    ...withHosts('server'),
    ...given.client.map((name): Wanted => ({ kind: 'client', name: readName(name, 'client'), hosts: [] })),
  ];
  refuseTwice(
    [...wanted.map(({ name }) => name), 'authority'],
    'orthanc, --server or --client (authority is the folder of the authority)',
  );
  if (wanted.length === 0) throw new WrongUsage('Say for whom: --orthanc, --server or --client.');
  return wanted;
}

/** An authority has signed here before. */
function hasCertificates(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => existsSync(join(folder, name, leafFile.authority)));
  } catch {
    return false;
  }
}

/** The authority that is there; undefined when there is none yet. */
function readAuthority(folder: string, now: number): KeyAndCertificate | undefined {
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new CommandFailed(`${join(folder, name)} cannot be read (${code}).`);
    }
  };
  const certificate = read(authorityFile.certificate);
  const key = read(authorityFile.key);
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined)
    throw new CommandFailed(
      `${folder} has ca.pem or ca-key.pem, not both. Bring the other one back, or name another folder with --ca.`,
    );
  const fault = faultOfAuthority({ certificate, key }, now);
  if (fault !== undefined)
    throw new CommandFailed(
      `The authority in ${folder} ${fault}. Make a new one, and new certificates, in another folder.`,
    );
  return { certificate, key };
}

function authorityFiles({ certificate, key }: KeyAndCertificate): NewFile[] {
  return [
    { path: authorityFile.certificate, content: certificate },
    { path: authorityFile.key, content: key, secret: true, ownerOnly: true },
  ];
}

function filesOf(
  { kind, name, hosts }: Wanted,
  authority: KeyAndCertificate,
  password: string,
  now: number,
): NewFile[] {
  const leaf = issue(authority, { commonName: name, hosts, purposes: purposesOf[kind] }, now);
  const ownerOnly = kind === 'client';
  const files: NewFile[] = [
    { path: leafFile.certificate, content: leaf.certificate },
    { path: leafFile.authority, content: authority.certificate },
    { path: leafFile.key, content: leaf.key, secret: true },
  ];
  if (kind === 'orthanc') files.push({ path: leafFile.both, content: leaf.key + leaf.certificate, secret: true });
  if (kind === 'client')
    files.push({
      path: `${name}.p12`,
      content: pkcs12(leaf, authority.certificate, name, password),
      secret: true,
    });
  return files.map((file) => ({ ...file, path: join(name, file.path), ownerOnly }));
}

function stepsOf(wanted: readonly Wanted[], folder: string, authorityFolder: string): string[] {
  const of = (kind: Wanted['kind']) => wanted.filter((one) => one.kind === kind).map(({ name }) => name);
  return [
    `Move ${authorityFolder} to a place that no server reaches. Its ca-key.pem is needed again at the next renewal only.`,
    ...of('orthanc').map((name) => `Orthanc ${name}: harden orthanc --https own --certificates ${join(folder, name)}`),
    ...of('server').map(
      (name) => `Server ${name}: give it ${leafFile.certificate} and ${leafFile.key} of ${join(folder, name)}.`,
    ),
    ...of('client').map(
      (name) =>
        `${name}: import ${name}.p12 into the browser, and ca.pem as an authority for web sites. Tell the password by another way.`,
    ),
    'Put the end of the certificates, 397 days from now, into a calendar.',
  ];
}

async function askFor(values: Values, surroundings: Surroundings): Promise<Values> {
  if (!surroundings.stdinIsTerminal) throw new WrongUsage('--out is missing.');
  const questions = new Questions(surroundings);
  const list = async (text: string) => {
    const answer = await questions.ask({ text: `${text}, with a space between them`, otherwise: 'none' });
    return answer === 'none' ? [] : answer.split(/\s+/);
  };
  try {
    const out = await questions.ask({ text: 'Folder to write', otherwise: 'certificates' });
    const orthanc = await list('Orthancs, as NAME=HOST,HOST');
    const server = await list('Other servers, as NAME=HOST,HOST');
    const client = await list('Names of people and programs that call them');
    return {
      ...values,
      out,
      orthanc: [...values.orthanc, ...orthanc],
      server: [...values.server, ...server],
      client: [...values.client, ...client],
    };
  } finally {
    questions.end();
  }
}
