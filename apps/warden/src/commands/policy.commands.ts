import type { Schemas } from '@warden/auth-service-api';
import { connect, jsonBody } from '../api.js';
import { defineCommand, jsonOption } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { listOptions, readIfMatch, readLimit } from '../option-values.js';
import { jsonText, safeText, shortTime, table } from '../output.js';
import { largestPageOfVersions, readList } from '../page-reader.js';
import { readText } from '../read-input.js';

type Version = Schemas['SharePolicyVersionDto'];
type Entry = Schemas['SharePolicyHistoryEntryDto'];
type Limits = Schemas['ShareLimitsDto'];

const path = '/api/v1/share-policy';

const writeOptions = {
  reason: { type: 'string', help: 'why; kept in the history' },
  'if-version': { type: 'string', value: 'N', help: 'refuse when another version is in force' },
  json: jsonOption,
} as const;

export const showPolicy = defineCommand({
  name: 'policy show',
  summary: 'Prints the share policy in force, as policy put takes it.',
  options: { json: jsonOption },
  async run({ json }, _operands, surroundings) {
    const version = await connect(surroundings).json<Version>({ method: 'GET', path }, 'policy');
    surroundings.out(jsonText(json ? version : version.policy));
    if (!json) surroundings.err(`Version ${version.version}, by ${safeText(version.madeBy)}.\n`);
    return 0;
  },
});

export const showMyPolicy = defineCommand({
  name: 'policy mine',
  summary: 'Shows what of the share policy applies to you.',
  options: {
    type: { type: 'string', value: 'TYPE', help: 'one type of link; all unless told' },
    json: jsonOption,
  },
  async run({ type, json }, _operands, surroundings) {
    const query = type === undefined ? '' : `?${new URLSearchParams({ type }).toString()}`;
    const mine = await connect(surroundings).json<Schemas['MySharePolicyDto']>(
      { method: 'GET', path: `${path}/mine${query}` },
      'items',
    );
    const heads = ['TYPE', 'SHARE', 'AT MOST', 'UNLESS TOLD', 'WITHOUT END', 'ONE OF THESE GATES', 'VIEWERS', 'REASON'];
    surroundings.out(json ? jsonText(mine) : table(heads, mine.items.map(rowOf)));
    return 0;
  },
});

export const putPolicy = defineCommand({
  name: 'policy put',
  summary: 'Puts a share policy in force, whole. Earlier versions stay in the history.',
  notes: ['FILE may be - for stdin. It is for new links: those that there are stay as they are.'],
  operands: ['FILE'],
  options: writeOptions,
  async run({ reason, 'if-version': expected, json }, [file = ''], surroundings) {
    const headers = readIfMatch(expected, 'if-version');
    const policy = parsed(await readText(file, surroundings), file);
    const version = await connect(surroundings).json<Version>(
      { method: 'PUT', path, body: jsonBody({ policy, ...(reason === undefined ? {} : { reason }) }), headers },
      'policy',
    );
    surroundings.out(json ? jsonText(version) : `Version ${version.version} is in force.\n`);
    return 0;
  },
});

export const listPolicyHistory = defineCommand({
  name: 'policy history',
  summary: 'Lists the versions of the share policy, newest first.',
  options: { ...listOptions, json: jsonOption },
  async run({ limit, all, json }, _operands, surroundings) {
    const most = readLimit({ limit, all });
    const { items, more } = await readList<Entry>(connect(surroundings), `${path}/history`, most, {
      largest: largestPageOfVersions,
    });
    if (json) surroundings.out(jsonText(items));
    else {
      const rows = items.map((one) => [String(one.version), shortTime(one.madeAt, '-'), one.madeBy, one.reason ?? '']);
      surroundings.out(table(['VERSION', 'MADE', 'BY', 'REASON'], rows));
      if (more) surroundings.err('There are more: --limit N or --all.\n');
    }
    return 0;
  },
});

export const restorePolicy = defineCommand({
  name: 'policy restore',
  summary: 'Puts an earlier share policy in force again, as a further version.',
  operands: ['VERSION'],
  options: writeOptions,
  async run({ reason, 'if-version': expected, json }, [text = ''], surroundings) {
    const headers = readIfMatch(expected, 'if-version');
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new WrongUsage('VERSION must be a whole number from 1 on.');
    const body = { version: Number(text), ...(reason === undefined ? {} : { reason }) };
    const version = await connect(surroundings).json<Version>(
      { method: 'POST', path: `${path}/restore`, body: jsonBody(body), headers },
      'policy',
    );
    surroundings.out(json ? jsonText(version) : `Version ${version.version} is in force.\n`);
    return 0;
  },
});

function parsed(text: string, file: string): object {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw new CommandFailed(`${file === '-' ? 'What was read' : file} is not valid JSON.`);
  }
  if (typeof policy !== 'object' || policy === null)
    throw new CommandFailed('A share policy is a JSON object: {"overLimit": "clamp", "rules": […]}.');
  return policy;
}

function rowOf(limits: Limits): string[] {
  return [
    limits.type,
    yesNo(limits.mint),
    life(limits.maxLife),
    life(limits.defaultLife),
    yesNo(limits.withoutExpiry),
    limits.gates.join(', ') || '-',
    limits.viewers === null ? 'all' : limits.viewers.join(', '),
    limits.reasonRequired ? 'required' : '-',
  ];
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

/** The largest unit that tells it exactly. */
function life(seconds: number | null): string {
  if (seconds === null) return '-';
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${seconds} s`;
}
