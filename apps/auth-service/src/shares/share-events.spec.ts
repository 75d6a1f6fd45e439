import { itself, noSource } from '@warden/events';
import { throughStorage } from '../../../../test/support/recorded-events.js';
import type { Caller } from '../platform/http/caller.js';
import { type Share, plainTerms } from './share.js';
import {
  eventShareOf,
  shareChangedBy,
  shareCreated,
  shareLocked,
  shareOpened,
  shareRefused,
  shareRevoked,
} from './share-events.js';

const at = Date.UTC(2030, 0, 1);
const resource = (level: 'study' | 'series' | 'patient', dicomUid: string | null, orthancId: string | null = null) => ({
  level,
  dicomUid,
  orthancId,
  url: null,
});
const share: Share = {
  ...plainTerms,
  id: '019a8cca-1371-7000-b9bc-000000000000',
  identity: 'AAAAAAAAAAAAAAAAAAAAAA',
  keyId: 'kid-1',
  origin: 'minted',
  type: 'stone-viewer-publication',
  label: 'Jane Doe',
  serverId: null,
  resources: [
    resource('study', '1.2.1', 'a-1'),
    resource('series', '1.2.1.7'),
    resource('study', null, 'b-2'),
    resource('study', null),
    resource('patient', 'P1'),
  ],
  mintedAt: at,
  mintedBy: 'basic:ada',
  expiresAt: at + 5,
  expiresText: null,
  validityDuration: null,
  revocation: null,
  recipient: { name: 'Jane', email: 'jane@example.org' },
  gate: { kind: 'pin', hash: '$scrypt$secret' },
  gated: true,
  handleHash: 'hash-of-handle',
  maxOpens: 3,
  opens: 2,
  reason: 'second opinion',
  purposeOfUse: 'TREAT',
  notBefore: at + 1,
  replaces: '019a8cca-1371-7000-b9bc-000000000001',
};
const caller: Caller = {
  id: 'basic:ada',
  name: 'Ada',
  via: 'basic',
  scopes: [],
  permissions: [],
  labels: [],
  roles: [],
};
const source = { address: '203.0.113.7', userAgent: 'Browser', requestId: 'r-1' };
const opening = { at, session: Buffer.alloc(32, 1), viewer: 'download', source };

it('names studies and patients of a share by UID, else by the id of Orthanc, and nothing of finer levels', () => {
  expect(eventShareOf(share)).toEqual({
    id: share.id,
    identity: share.identity,
    type: share.type,
    studies: ['1.2.1', 'b-2'],
    patients: ['P1'],
  });
});

it('tells of a new share what it was made with, by whom and which way', () => {
  expect(shareCreated(share, caller, 'api')).toMatchObject({
    name: 'share.created',
    at,
    actor: { kind: 'user', id: 'basic:ada', name: 'Ada' },
    source: noSource,
    outcome: 'success',
    detail: {
      way: 'api',
      expiresAt: at + 5,
      notBefore: at + 1,
      gate: 'pin',
      maxOpens: 3,
      recipient: 'Jane <jane@example.org>',
      purposeOfUse: 'TREAT',
      why: 'second opinion',
      replaces: share.replaces,
    },
  });
});

it.each([
  [{ name: 'Jane', email: 'jane@example.org' }, 'Jane <jane@example.org>', 'Jane'],
  [{ name: null, email: 'jane@example.org' }, 'jane@example.org', 'jane@example.org'],
  [{ name: 'Jane', email: null }, 'Jane', 'Jane'],
  [null, null, ''],
])('a recipient %j is told of by name and address, and called by name', (recipient, told, name) => {
  expect(shareCreated({ ...share, recipient }, caller, 'api').detail).toMatchObject({ recipient: told });
  expect(shareOpened({ ...share, recipient }, opening, true).actor).toEqual({
    kind: 'recipient',
    id: share.identity,
    name,
  });
});

it('tells of an opening the viewer, the count, where from, and of the session a part that nobody can use', () => {
  const event = shareOpened(share, opening, false);
  expect(event).toMatchObject({ name: 'share.opened', at, source, outcome: 'success' });
  expect(event.detail).toEqual({ viewer: 'download', session: 'AQEBAQEBAQEB', counted: false, opens: 2 });
});

it('tells of a wrong secret and of the lock as failures, with where from', () => {
  expect(shareRefused(share, source, at)).toMatchObject({
    name: 'share.refused',
    outcome: 'minor-failure',
    reason: 'wrong-secret',
    source,
    detail: {},
  });
  expect(shareLocked(share, source, at, 10)).toMatchObject({
    name: 'share.locked',
    outcome: 'serious-failure',
    reason: 'too-many-attempts',
    source,
    detail: { attempts: 10 },
  });
});

const every = () => [
  shareCreated(share, caller, 'api'),
  shareChangedBy(share, caller, at, [{ member: 'reason', from: null, to: 'x' }]),
  shareRevoked(eventShareOf(share), { actor: itself, source: noSource }, { at, reason: 'x' }, null),
  shareOpened(share, opening, true),
  shareRefused(share, source, at),
  shareLocked(share, source, at, 3),
];

it('every event is one that readers know, with an id of its own and of its moment', () => {
  const events = every();
  for (const event of events) {
    expect(throughStorage(event)).toEqual(event);
    expect(parseInt(event.id.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
  }
  expect(new Set([...events, ...every()].map(({ id }) => id)).size).toBe(12);
});

it('no event tells a hash, a handle, a label or the whole session', () => {
  const text = JSON.stringify(every());
  for (const secret of ['scrypt', 'hash-of-handle', 'Jane Doe', opening.session.toString('base64url')])
    expect(text).not.toContain(secret);
});
