import { type Command, defineCommand, jsonOption } from '../command.js';
import { WrongUsage } from '../failures.js';
import { readChoice } from '../option-values.js';
import { jsonText, safeText } from '../output.js';
import { readSubject } from './read-subject.js';
import { type Finding, type Severity, examine, severities } from './rule.js';
import { rules } from './rules/index.js';

/** More than anybody's configuration is split into. */
const mostPaths = 64;

const doctor = defineCommand({
  name: 'doctor',
  summary:
    'Says what is unsafe in a configuration of Orthanc and, if asked, in what is around it and in the running system.',
  notes: [
    'PATH is a file, or a folder of which every *.json is read, as Orthanc reads them: comments allowed, ${VAR} and',
    '${VAR:-default} from the environment. Each rule is told of in docs/hardening.md. One line per finding; secrets are',
    'never printed. With --running, --service and --keycloak the doctor asks without a credential and changes nothing.',
    'Exit code 0: nothing at or above --fail-on. 1: something is, or a file cannot be read. 2: wrong usage.',
  ],
  operands: ['PATH', ...Array<string>(mostPaths - 1).fill('[PATH]')],
  options: {
    'fail-on': {
      type: 'string',
      value: 'warning|error',
      help: 'the mildest finding that makes exit code 1; warning unless told',
    },
    'proxy-in-front': {
      type: 'boolean',
      help: 'a reverse proxy does the HTTPS and is the only one that reaches Orthanc',
    },
    'public-root': {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: 'an address that people open; the certificate must carry its name',
    },
    certificate: { type: 'string', value: 'FILE', help: 'the certificate of the proxy, in PEM' },
    key: { type: 'string', value: 'FILE', help: 'its private key' },
    env: {
      type: 'string',
      multiple: true,
      value: 'FILE',
      help: 'variables of the configuration, such as orthanc.env of harden',
    },
    settings: {
      type: 'string',
      value: 'FILE',
      help: 'settings of auth-service, as an .env file; or the word environment',
    },
    policy: { type: 'string', value: 'FILE', help: 'a share policy, as policy show --json writes it' },
    compose: { type: 'string', multiple: true, value: 'FILE', help: 'a compose file; several are one set-up' },
    running: { type: 'string', value: 'URL', help: 'Orthanc as people reach it' },
    service: { type: 'string', value: 'URL', help: 'auth-service, of which /health/ready is asked' },
    keycloak: { type: 'string', value: 'URL', help: 'the realm, of which discovery is asked' },
    ca: { type: 'string', value: 'FILE', help: 'authorities that are trusted in these calls, in PEM' },
    json: jsonOption,
  },
  async run({ 'fail-on': failOn, json, ...asked }, paths, surroundings) {
    const mildest: Severity = readChoice(failOn, 'fail-on', ['warning', 'error'] as const) ?? 'warning';
    if (paths.some((path) => path === '')) throw new WrongUsage('PATH is empty.');
    const findings = examine(await readSubject({ ...asked, paths }, surroundings), rules);
    surroundings.out(json ? jsonText({ findings, ...countsOf(findings) }) : textOf(findings));
    const failing = severities.slice(0, severities.indexOf(mildest) + 1);
    return findings.some(({ severity }) => failing.includes(severity)) ? 1 : 0;
  },
});

/** Written once in the help, however many may be given. */
export const doctorCommand: Command = { ...doctor, help: doctor.help.replace(/( \[PATH\])+/, ' [PATH …]') };

function textOf(findings: readonly Finding[]): string {
  const lines = findings.map(({ rule, severity, what, why, remedy, source }) =>
    safeText(`${severity.padEnd(7)}  ${rule}  ${what}. ${why} Remedy: ${remedy} (${source.title}: ${source.url})`),
  );
  const { errors, warnings, notes } = countsOf(findings);
  return [
    ...lines,
    `${counted(errors, 'error')}, ${counted(warnings, 'warning')}, ${counted(notes, 'note')}.`,
    '',
  ].join('\n');
}

function countsOf(findings: readonly Finding[]): { errors: number; warnings: number; notes: number } {
  const count = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  return { errors: count('error'), warnings: count('warning'), notes: count('note') };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
