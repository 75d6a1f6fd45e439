import { type WardenEvent, noSource } from '@warden/events';
import type { FiledEvent, ShareOrigin } from './audit-events.store.js';
import { disclosureOf } from './disclosure.js';

const id = '019a8cca-1371-7000-b9bc-1de2d5b62427';
const share = { id, identity: 'i', type: 't', studies: ['1.2', '1.3'], patients: ['P1'] };
const filed = (more: object): FiledEvent => ({
  key: { filedAt: 0, id },
  class: 'disclosure',
  erased: false,
  event: {
    id,
    at: 0,
    actor: { kind: 'recipient', id: 'i', name: '' },
    source: { ...noSource, address: '203.0.113.7' },
    share,
    outcome: 'success',
    reason: null,
    ...more,
  } as unknown as WardenEvent,
});
const access = (more: object = {}, detail: object = {}) =>
  filed({ name: 'access.disclosed', detail: { count: 1, until: 0, study: '1.3', ...detail }, ...more });
const opened = (more: object = {}) => filed({ name: 'share.opened', detail: {}, ...more });
const origin = (detail: object = {}, opened = true): ShareOrigin => ({
  opened,
  created: {
    actor: { kind: 'user', id: 'basic:ada', name: 'Ada' },
    detail: { recipient: null, purposeOfUse: null, why: null, ...detail },
  } as ShareOrigin['created'],
});

it.each<[string, FiledEvent, ShareOrigin | null, boolean]>([
  ['an opening was seen', opened(), origin(), false],
  ['of a share that was exchanged, access is no guess', access(), origin(), false],
  ['of a share without an exchange, access is inferred', access(), origin({}, false), true],
  ['of a share that is not known here, access is inferred', access(), null, true],
  ['without a share somebody signed in, and nothing is inferred', access({ share: null }), null, false],
])('%s', (_title, one, from, inferred) => {
  expect(disclosureOf(one, from)[0]?.inferred).toBe(inferred);
});

it.each<[string, FiledEvent, ShareOrigin | null, string]>([
  ['the name that the event tells', opened({ actor: { kind: 'recipient', id: 'i', name: 'Jan' } }), origin(), 'Jan'],
  ['else the one that it was shared with', opened(), origin({ recipient: 'jan@example.org' }), 'jan@example.org'],
  ['else whoever held the link', opened(), null, 'whoever held the link'],
  ['a user by name', access({ actor: { kind: 'user', id: 'keycloak:1', name: 'Zoë' } }), null, 'Zoë'],
  ['a user without a name by id', access({ actor: { kind: 'user', id: 'keycloak:1', name: '' } }), null, 'keycloak:1'],
  ['of a mail who it was sent to', filed({ name: 'share.sent', detail: { what: 'link', to: 'a@b.c' } }), null, 'a@b.c'],
])('tells who received it: %s', (_title, one, from, recipient) => {
  expect(disclosureOf(one, from)[0]?.recipient).toBe(recipient);
});

it('tells the studies: the one that was asked for, else all that the link holds', () => {
  expect(disclosureOf(access(), null)[0]?.studies).toEqual(['1.3']);
  expect(disclosureOf(access({}, { study: null }), null)[0]?.studies).toEqual(['1.2', '1.3']);
  expect(disclosureOf(opened(), null)[0]?.studies).toEqual(['1.2', '1.3']);
});

it('tells the purpose and the sharer as far as they are known', () => {
  expect(disclosureOf(opened(), origin({ purposeOfUse: 'TREAT', why: 'consult' }))[0]).toMatchObject({
    purpose: 'TREAT: consult',
    sharedBy: 'Ada',
  });
  expect(disclosureOf(opened(), origin())[0]).toMatchObject({ purpose: null, sharedBy: 'Ada' });
  expect(disclosureOf(opened(), null)[0]).toMatchObject({ purpose: null, sharedBy: null });
});

it('tells since when the patient is known, the earliest of what it tells, where the event names none', () => {
  const studies = new Map([
    ['1.2', 2_000],
    ['1.3', 3_000],
  ]);
  const known = { studies, shares: new Map([['other', 1_000]]) };
  const since = (one: FiledEvent, more = known) => disclosureOf(one, null, more)[0]?.patientKnownSince;
  expect([since(access()), since(opened())]).toEqual([3_000, 2_000]);
  expect(since(opened(), { studies: new Map(), shares: new Map([[id, 4_000]]) })).toBe(4_000);
  expect(disclosureOf(opened(), null)[0]?.patientKnownSince).toBeNull();
});

it('is none where nothing was disclosed', () => {
  expect(disclosureOf(filed({ name: 'share.revoked', detail: {} }), null)).toEqual([]);
});
