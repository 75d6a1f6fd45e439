import type { Schemas } from '@warden/auth-service-api';
import { sheet, shortTime } from './output.js';

export type Share = Schemas['ShareDto'];
type ShareEvent = Schemas['ShareEventDto'];

export const shareHeads = ['ID', 'STATE', 'TYPE', 'SHARES', 'BY', 'FOR', 'MINTED', 'EXPIRES', 'LABEL'];

export function shareRow(share: Share): string[] {
  const [first, ...others] = share.resources;
  return [
    share.id,
    stateText(share),
    share.type,
    `${first === undefined ? '-' : nameOf(first)}${others.length > 0 ? ` +${others.length}` : ''}`,
    share.mintedBy ?? '-',
    share.recipient?.email ?? share.recipient?.name ?? '-',
    shortTime(share.mintedAt),
    shortTime(share.expiresAt),
    share.label ?? '',
  ];
}

export function shareSheet(share: Share): string {
  const rows: [string, string][] = [
    ['Id', share.id],
    ['State', stateText(share)],
    ['Type', share.type],
    ['Label', share.label ?? '-'],
    ['Origin', share.origin],
    ['Minted', `${share.mintedAt}, by ${share.mintedByName ?? share.mintedBy ?? 'somebody not known'}`],
  ];
  const told = (name: string, value: string | number | null) => {
    if (value !== null) rows.push([name, String(value)]);
  };
  told('For', recipientText(share.recipient));
  told('Because', share.reason);
  told('Purpose', share.purposeOfUse);
  told('Language', share.language);
  told('Begins', share.notBefore);
  rows.push(
    ['Expires', share.expiresAt ?? 'never'],
    ['Gate', share.gate ?? 'none'],
    ['Link', share.link],
    ['Openings', `${share.opens}${share.maxOpens === null ? '' : ` of ${share.maxOpens}`}`],
    [
      'Viewers',
      `${share.viewers.join(', ')}${share.download ? ', and a download' : ''}${share.noArchive ? ', to be looked at only' : ''}`,
    ],
  );
  told('Locked', share.lockedAt);
  told('Replaces', share.replaces);
  rows.push(
    ['Revision', String(share.revision)],
    ['Fingerprint', share.fingerprint],
    ...share.resources.map((one): [string, string] => ['Shares', `${one.level} ${nameOf(one)}`]),
  );
  if (share.revokedAt !== null) {
    rows.push(['Revoked', `${share.revokedAt}, by ${share.revokedBy ?? 'somebody not known'}`]);
    rows.push(['Reason', share.revokeReason ?? '-']);
  }
  return sheet(rows);
}

export const eventHeads = ['WHEN', 'WHAT', 'BY', 'FROM', 'MORE'];

export function eventRow({ at, event, actor, address, reason, detail }: ShareEvent): string[] {
  const { changes, session: _session, ...others } = detail;
  const more = [
    ...(reason === null ? [] : [reason]),
    ...(Array.isArray(changes) ? (changes as Change[]) : []).map(
      ({ member, from, to }) => `${member}: ${from ?? 'none'} to ${to ?? 'none'}`,
    ),
    ...Object.entries(others).flatMap(([name, value]) =>
      value === null ? [] : [`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`],
    ),
  ];
  return [at, event, actor.name === '' ? actor.kind : `${actor.kind} ${actor.name}`, address ?? '-', more.join('; ')];
}

interface Change {
  readonly member: string;
  readonly from: string | null;
  readonly to: string | null;
}

function stateText({ state, closedBy }: Share): string {
  return closedBy === null ? state : `${state} (${closedBy})`;
}

function recipientText(recipient: Share['recipient']): string | null {
  if (recipient === null) return null;
  const { name, email } = recipient;
  return name !== null && email !== null ? `${name} <${email}>` : (name ?? email);
}

function nameOf({ dicomUid, orthancId, url }: Share['resources'][number]): string {
  return dicomUid ?? orthancId ?? url ?? '-';
}
