import type { Schemas } from '@warden/auth-service-api';
import { connect, jsonBody } from '../api.js';
import { defineCommand, jsonOption } from '../command.js';
import { listOptions, readChoice, readLimit } from '../option-values.js';
import { jsonText, sheet, shortTime, table } from '../output.js';
import { readList } from '../page-reader.js';

type Share = Schemas['ShareDto'];

/** A state that the service adds has to be added here: the compiler says so. */
const states = Object.keys({ live: true, expired: true, revoked: true } satisfies Record<
  Share['state'],
  true
>) as Share['state'][];

export const listShares = defineCommand({
  name: 'share list',
  summary: "Lists shares, newest first: yours, or everyone's with admin-permissions.",
  options: {
    ...listOptions,
    state: { type: 'string', value: 'STATE', help: `only these: ${states.join(', ')}` },
    json: jsonOption,
  },
  async run({ limit, all, state, json }, _operands, surroundings) {
    const most = readLimit({ limit, all });
    const asked = readChoice(state, 'state', states);
    // The service does not filter by state: what is not asked for is left out here.
    const { items, more } = await readList<Share>(connect(surroundings), '/api/v1/shares', most, {
      wanted: (share) => asked === undefined || share.state === asked,
    });
    if (json) surroundings.out(jsonText(items));
    else {
      const heads = ['ID', 'STATE', 'TYPE', 'SHARES', 'BY', 'MINTED', 'EXPIRES', 'LABEL'];
      surroundings.out(table(heads, items.map(rowOf)));
      if (more) surroundings.err('There are more: --limit N or --all.\n');
    }
    return 0;
  },
});

export const showShare = defineCommand({
  name: 'share show',
  summary: 'Shows one share. Never its token.',
  operands: ['ID'],
  options: { json: jsonOption },
  async run({ json }, [id = ''], surroundings) {
    const share = await connect(surroundings).json<Share>({ method: 'GET', path: sharePath(id) }, 'state');
    surroundings.out(json ? jsonText(share) : sheetOf(share));
    return 0;
  },
});

export const revokeShare = defineCommand({
  name: 'share revoke',
  summary: 'Ends a share at once. One that was ended before stays as it is, with its first reason.',
  operands: ['ID'],
  options: {
    reason: { type: 'string', required: true, help: 'why; kept in the record' },
    json: jsonOption,
  },
  async run({ reason, json }, [id = ''], surroundings) {
    const share = await connect(surroundings).json<Share>(
      { method: 'POST', path: `${sharePath(id)}/revoke`, body: jsonBody({ reason }) },
      'state',
    );
    surroundings.out(json ? jsonText(share) : sheetOf(share));
    return 0;
  },
});

function sharePath(id: string): string {
  return `/api/v1/shares/${encodeURIComponent(id)}`;
}

function rowOf(share: Share): string[] {
  const [first, ...others] = share.resources;
  return [
    share.id,
    share.state,
    share.type,
    `${first === undefined ? '-' : nameOf(first)}${others.length > 0 ? ` +${others.length}` : ''}`,
    share.mintedBy ?? '-',
    shortTime(share.mintedAt),
    shortTime(share.expiresAt),
    share.label ?? '',
  ];
}

function sheetOf(share: Share): string {
  const rows: [string, string][] = [
    ['Id', share.id],
    ['State', share.state],
    ['Type', share.type],
    ['Label', share.label ?? '-'],
    ['Origin', share.origin],
    ['Minted', `${share.mintedAt}, by ${share.mintedBy ?? 'somebody not known'}`],
    ['Expires', share.expiresAt ?? 'never'],
    ['Fingerprint', share.fingerprint],
    ...share.resources.map((one): [string, string] => ['Shares', `${one.level} ${nameOf(one)}`]),
  ];
  if (share.revokedAt !== null) {
    rows.push(['Revoked', `${share.revokedAt}, by ${share.revokedBy ?? 'somebody not known'}`]);
    rows.push(['Reason', share.revokeReason ?? '-']);
  }
  return sheet(rows);
}

function nameOf({ dicomUid, orthancId, url }: Share['resources'][number]): string {
  return dicomUid ?? orthancId ?? url ?? '-';
}
