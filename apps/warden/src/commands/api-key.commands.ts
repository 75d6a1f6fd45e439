import type { Schemas } from '@warden/auth-service-api';
import { connect, jsonBody } from '../api.js';
import { defineCommand, jsonOption } from '../command.js';
import { listOptions, readChoice, readFuture, readLimit } from '../option-values.js';
import { jsonText, shortTime, table } from '../output.js';
import { readList } from '../page-reader.js';

type ApiKey = Schemas['ApiKeyDto'];
type ShownApiKey = Schemas['ShownApiKeyDto'];

const states = Object.keys({ live: true, expired: true, revoked: true } satisfies Record<
  ApiKey['state'],
  true
>) as ApiKey['state'][];

export const createApiKey = defineCommand({
  name: 'api-key create',
  summary: 'Makes an API key for a service and prints it, this once.',
  options: {
    name: { type: 'string', required: true, help: 'what the key is for' },
    service: { type: 'string', required: true, value: 'NAME', help: 'who uses it' },
    permission: {
      type: 'string',
      required: true,
      multiple: true,
      value: 'NAME',
      help: 'what it may do; once for each',
    },
    label: { type: 'string', multiple: true, help: 'whose studies it may see; * for every study, none without' },
    expires: { type: 'string', value: 'TIME', help: 'until when, such as 2030-12-31T18:00:00Z; without it, for ever' },
    json: jsonOption,
  },
  async run({ name, service, permission, label, expires, json }, _operands, surroundings) {
    const body: Schemas['CreateApiKeyBody'] = {
      name,
      owner: { kind: 'service', name: service },
      permissions: [...permission],
      labels: [...label],
      ...(expires === undefined ? {} : { expiresAt: readFuture(expires, 'expires', surroundings.now()) }),
    };
    const made = await connect(surroundings).json<ShownApiKey>(
      { method: 'POST', path: '/api/v1/api-keys', body: jsonBody(body) },
      'key',
    );
    surroundings.out(json ? jsonText(made) : `${made.key}\n`);
    if (!json) surroundings.err(`Keep it now: it is not shown again. Its id is ${made.id}.\n`);
    return 0;
  },
});

export const listApiKeys = defineCommand({
  name: 'api-key list',
  summary: 'Lists API keys, newest first. Never a key itself.',
  options: {
    ...listOptions,
    state: { type: 'string', value: 'STATE', help: `only these: ${states.join(', ')}` },
    json: jsonOption,
  },
  async run({ limit, all, state, json }, _operands, surroundings) {
    const most = readLimit({ limit, all });
    const asked = readChoice(state, 'state', states);
    const { items, more } = await readList<ApiKey>(connect(surroundings), '/api/v1/api-keys', most, {
      query: asked === undefined ? {} : { state: asked },
    });
    if (json) surroundings.out(jsonText(items));
    else {
      surroundings.out(
        table(['ID', 'KEY', 'STATE', 'NAME', 'OWNER', 'MAY', 'LABELS', 'EXPIRES', 'USED'], items.map(rowOf)),
      );
      if (more) surroundings.err('There are more: --limit N or --all.\n');
    }
    return 0;
  },
});

export const revokeApiKey = defineCommand({
  name: 'api-key revoke',
  summary: 'Ends an API key at once.',
  operands: ['ID'],
  options: {
    reason: { type: 'string', required: true, help: 'why; kept in the record' },
    json: jsonOption,
  },
  async run({ reason, json }, [id = ''], surroundings) {
    const key = await connect(surroundings).json<ApiKey>(
      { method: 'POST', path: `/api/v1/api-keys/${encodeURIComponent(id)}/revoke`, body: jsonBody({ reason }) },
      'state',
    );
    surroundings.out(json ? jsonText(key) : `${key.publicPart} is revoked since ${shortTime(key.revokedAt, '?')}.\n`);
    return 0;
  },
});

function rowOf(key: ApiKey): string[] {
  return [
    key.id,
    `${key.publicPart}…`,
    key.state,
    key.name,
    `${key.owner.kind}:${key.owner.name ?? key.owner.id ?? '-'}`,
    key.permissions.join(','),
    key.labels.join(',') || '-',
    shortTime(key.expiresAt),
    shortTime(key.lastUsedAt),
  ];
}
