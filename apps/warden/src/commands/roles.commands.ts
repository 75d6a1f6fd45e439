import type { Schemas } from '@warden/auth-service-api';
import { connect } from '../api.js';
import { defineCommand, jsonOption } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { listOptions, readCount, readLimit } from '../option-values.js';
import { jsonText, safeText, shortTime, table } from '../output.js';
import { largestPageOfVersions, readList } from '../page-reader.js';
import { readText } from '../read-input.js';
import { writeOutput } from '../write-output.js';

type Entry = Schemas['RolesHistoryEntryDto'];

export const exportRoles = defineCommand({
  name: 'roles export',
  summary: 'Writes the roles in force as permissions.json, to FILE or to stdout.',
  operands: ['[FILE]'],
  options: {},
  async run(_values, [file = '-'], surroundings) {
    const text = await connect(surroundings).text({ method: 'GET', path: '/api/v1/roles/export' });
    if (!isRolesDocument(text)) throw new CommandFailed('What was answered is no roles document. Check WARDEN_URL.');
    const whole = text.endsWith('\n') ? text : `${text}\n`;
    if (file === '-') {
      surroundings.out(whole);
      return 0;
    }
    writeOutput(file, whole, surroundings);
    return 0;
  },
});

export const importRoles = defineCommand({
  name: 'roles import',
  summary: 'Puts a permissions.json in force, whole. Earlier versions stay in the history.',
  notes: ['FILE may be - for stdin. Comments and trailing commas are legal.'],
  operands: ['FILE'],
  options: {
    'if-version': { type: 'string', value: 'N', help: 'refuse when another version is in force' },
    json: jsonOption,
  },
  async run({ 'if-version': version, json }, [file = ''], surroundings) {
    const headers: Record<string, string> =
      version === undefined ? {} : { 'if-match': `"${readCount(version, 'if-version', 1)}"` };
    const text = await readText(file, surroundings);
    if (text.trim() === '') throw new WrongUsage('The file is empty.');
    const entry = await connect(surroundings).json<Entry>(
      { method: 'POST', path: '/api/v1/roles/import', body: { type: 'text/plain; charset=utf-8', text }, headers },
      'version',
    );
    surroundings.out(
      json ? jsonText(entry) : `Version ${entry.version} is in force. ${safeText(changesText(entry.changes))}\n`,
    );
    return 0;
  },
});

export const listRolesHistory = defineCommand({
  name: 'roles history',
  summary: 'Lists the versions of the roles, newest first.',
  options: { ...listOptions, json: jsonOption },
  async run({ limit, all, json }, _operands, surroundings) {
    const most = readLimit({ limit, all });
    const { items, more } = await readList<Entry>(connect(surroundings), '/api/v1/roles/history', most, {
      largest: largestPageOfVersions,
    });
    if (json) surroundings.out(jsonText(items));
    else {
      const rows = items.map((entry) => [
        String(entry.version),
        shortTime(entry.madeAt),
        entry.madeBy,
        changesText(entry.changes),
        entry.reason ?? '',
      ]);
      surroundings.out(table(['VERSION', 'MADE', 'BY', 'CHANGES', 'REASON'], rows));
      if (more) surroundings.err('There are more: --limit N or --all.\n');
    }
    return 0;
  },
});

function changesText({ added, removed, changed, availableLabels }: Entry['changes']): string {
  const parts = [
    ...(added.length > 0 ? [`added ${added.join(', ')}`] : []),
    ...(removed.length > 0 ? [`removed ${removed.join(', ')}`] : []),
    ...(changed.length > 0 ? [`changed ${changed.join(', ')}`] : []),
    ...(availableLabels ? ['other available labels'] : []),
  ];
  return parts.length === 0 ? 'Nothing changed.' : `${parts.join('; ')}.`;
}

function isRolesDocument(text: string): boolean {
  try {
    const json = JSON.parse(text) as unknown;
    return typeof json === 'object' && json !== null && 'roles' in json;
  } catch {
    return false;
  }
}
