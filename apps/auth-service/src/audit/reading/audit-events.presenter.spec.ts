import { eventNames, noSource } from '@warden/events';
import type { FiledEvent } from './audit-events.store.js';
import { presentEventsPage, presentFiledEvent, presentStatistics } from './audit-events.presenter.js';

const id = '019a8cca-1371-7000-b9bc-1de2d5b62427';
const filed = (more: object): FiledEvent => ({
  key: { filedAt: 1_795_800_000_000_999, id },
  class: 'management',
  erased: false,
  event: {
    id,
    at: 1_795_800_000_000,
    name: 'service.stopped',
    actor: { kind: 'system', id: 'system:warden', name: '' },
    source: noSource,
    share: null,
    outcome: 'success',
    reason: null,
    detail: {},
    ...more,
  },
});

it('writes moments of details as RFC 3339, those that are null as null, and leaves counts alone', () => {
  const created = { way: 'api', expiresAt: null, notBefore: 0, gate: null, maxOpens: 3 };
  expect(presentFiledEvent(filed({ name: 'share.created', detail: created })).detail).toEqual({
    ...created,
    notBefore: '1970-01-01T00:00:00.000Z',
  });
  expect(
    presentFiledEvent(filed({ name: 'audit.lost', detail: { lane: 'denial', count: 7, until: 1 } })).detail,
  ).toEqual({
    lane: 'denial',
    count: 7,
    until: '1970-01-01T00:00:00.001Z',
  });
  expect(presentFiledEvent(filed({ detail: { ruleId: null, mintedBefore: 2 } })).detail).toMatchObject({
    mintedBefore: '1970-01-01T00:00:00.002Z',
  });
});

it('shows nothing that an event holds beside its shape', () => {
  const event = filed({
    actor: { kind: 'user', id: 'a', name: 'n', password: 'secret' },
    source: { ...noSource, token: 'secret' },
    share: { id, identity: 'i', type: 't', studies: [], patients: [], token: 'secret' },
    pin: 'secret',
  });
  expect(JSON.stringify(presentFiledEvent(event))).not.toContain('secret');
});

it('has the same members for each event', () => {
  const shown = eventNames.map((name) => Object.keys(presentFiledEvent(filed({ name }))).join());
  expect(new Set(shown).size).toBe(1);
});

it('tells the moment of filing, and the cursor of the next page', () => {
  const page = presentEventsPage({ events: [filed({})], next: { filedAt: 1, id } });
  expect(page.items[0]?.filedAt).toBe('2026-11-27T17:20:00.000Z');
  expect(page.next).toMatch(/^[\w-]{32}$/);
  expect(presentEventsPage({ events: [], next: null })).toEqual({ items: [], next: null });
});

it('tells what was counted', () => {
  const counts = { from: 0, to: 1, total: 2, counts: [{ key: 'a', count: 2 }] };
  expect(presentStatistics(counts, 'actor')).toEqual({
    by: 'actor',
    from: '1970-01-01T00:00:00.000Z',
    to: '1970-01-01T00:00:00.001Z',
    total: 2,
    items: [{ key: 'a', count: 2 }],
  });
});
