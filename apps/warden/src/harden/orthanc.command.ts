import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import type { Surroundings } from '../surroundings.js';
import { Questions } from './ask.js';
import { readLeafFolder } from './leaf-folder.js';
import { file } from './orthanc-files.js';
import { orthancFolder } from './orthanc-folder.js';
import { type OrthancOptionValues, orthancOptions, readOrthancPlan } from './orthanc-options.js';
import { readVariables } from './secrets.js';
import { warningText, writtenText } from './told.js';
import { readGroup, writeFolder } from './write-folder.js';

export const hardenOrthanc = defineCommand({
  name: 'harden orthanc',
  summary: 'Writes a configuration of Orthanc that follows the Orthanc Book: each option with its reason.',
  notes: [
    'Passwords are made at random and go to orthanc.env, never into the configuration.',
    'Without --out a terminal is asked a few questions. docs/harden.md has the commonest cases.',
  ],
  options: orthancOptions,
  async run(values, _operands, surroundings) {
    const given = values.out === undefined ? await askFor(values, surroundings) : values;
    const plan = readOrthancPlan(given);
    const gid = readGroup(given.group);
    const leaf =
      given.certificates === undefined
        ? undefined
        : readLeafFolder(resolve(surroundings.userDir, given.certificates), 'orthanc', surroundings.now());
    const folder = resolve(surroundings.userDir, given.out ?? '');
    const { files, warnings, steps } = orthancFolder(plan, leaf, {
      variables: readVariables(readEarlier(folder, file.variables)),
      serverAuthorities: readEarlier(folder, file.serverAuthorities),
    });
    const written = writeFolder(files, { folder, force: given.force, gid });
    surroundings.out(writtenText(written, steps));
    surroundings.err(warningText(warnings));
    return 0;
  },
});

/** What an earlier run wrote and people added to; empty when there was none. */
function readEarlier(folder: string, name: string): string {
  const path = join(folder, name);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder that is a file is told of when it is written to.
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new CommandFailed(`${path} cannot be read (${code}).`);
  }
}

/** Only what decides most; everything else has its option. */
async function askFor(values: OrthancOptionValues, surroundings: Surroundings): Promise<OrthancOptionValues> {
  if (!surroundings.stdinIsTerminal) throw new WrongUsage('--out is missing.');
  const questions = new Questions(surroundings);
  try {
    const out = await questions.ask({ text: 'Folder to write', otherwise: 'orthanc' });
    const access =
      values.access ??
      (await questions.ask({
        text: 'Who decides who may see what: the authorization plugin with orthanc-warden, or users of Orthanc',
        choices: ['plugin', 'users'],
        otherwise: 'plugin',
      }));
    const https =
      values.https ??
      (await questions.ask({
        text: 'Who does HTTPS: a proxy in front, or Orthanc on its own',
        choices: ['proxy', 'own'],
        otherwise: 'proxy',
      }));
    const proxyHere =
      https === 'proxy' && (values['proxy-here'] || (await questions.isYes('Is the proxy on the same machine')));
    const certificates =
      values.certificates ??
      (https === 'own'
        ? await questions.ask({ text: 'Folder of its certificate, from harden certificates --orthanc' })
        : undefined);
    const mutualTls =
      https === 'own' && (values['mutual-tls'] || (await questions.isYes('Refuse whoever shows no certificate')));
    return {
      ...values,
      out,
      access,
      https,
      'proxy-here': proxyHere,
      certificates,
      'mutual-tls': mutualTls,
      ...(await askDicom(values, questions)),
    };
  } finally {
    questions.end();
  }
}

async function askDicom(
  values: OrthancOptionValues,
  questions: Questions,
): Promise<Pick<OrthancOptionValues, 'dicom' | 'modality'>> {
  const { dicom, modality } = values;
  if (dicom !== undefined || values['read-only']) return { dicom, modality };
  if (!(await questions.isYes('Do devices send by DICOM'))) return { dicom, modality };
  const aet = await questions.ask({ text: 'AET of this Orthanc', otherwise: 'ORTHANC' });
  const devices = await questions.ask({
    text: 'Devices, as NAME,AET,HOST,PORT,RIGHTS with a space between them (RIGHTS such as echo+store)',
  });
  return { dicom: aet, modality: [...modality, ...devices.split(/\s+/)] };
}
