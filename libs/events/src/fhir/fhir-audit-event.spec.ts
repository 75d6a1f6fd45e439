import fc from 'fast-check';
import type { AuditSource } from '../audit-source.js';
import { arbitraryEvents, hostileText, plainText } from '../dicom/arbitrary-events.fixture.js';
import { toDicomAuditMessages } from '../dicom/dicom-audit-message.js';
import { type EventDetail, type EventName, type WardenEvent, eventNames, itself, noSource } from '../events.js';
import { eventSystem, privacyDisclosureSource } from './fhir-codes.js';
import { toFhirAuditEvent } from './fhir-audit-event.js';
import { faultsAmong } from './valid-r4.fixture.js';

const faultsOf = faultsAmong('AuditEvent');
const source: AuditSource = {
  id: 'warden',
  site: 'Example Hospital',
  host: 'share.example.org',
  version: '0.1.0',
  root: 'https://share.example.org/',
};
const at = Date.parse('2026-11-21T10:20:30.123Z');
const share = {
  id: '019a8cca-1371-7000-b9bc-1de2d5b62427',
  identity: 'pPZ1VVnlD1pKFBz5bbyL5w',
  type: 'stone-viewer-publication',
  studies: ['1.2.3'],
  patients: ['PID123^^^HOSP'],
};
const common = {
  id: '019a8cca-1371-7000-b9bc-1de2d5b62426',
  at,
  actor: { kind: 'recipient', id: share.identity, name: 'Dr R' },
  source: { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'req-1' },
  share,
  outcome: 'success',
  reason: null,
} as const;
const opened: WardenEvent = {
  ...common,
  name: 'share.opened',
  detail: { viewer: 'stone', session: 's-1', counted: true, opens: 1 },
};
const access = { count: 12, until: at + 59_000, level: 'study', method: 'get', study: '1.2.4', serverId: 'orthanc-1' };
const created = (detail: Partial<EventDetail<'share.created'>>): WardenEvent => ({
  ...common,
  name: 'share.created',
  detail: {
    way: 'api',
    expiresAt: null,
    notBefore: null,
    gate: null,
    maxOpens: null,
    recipient: null,
    purposeOfUse: null,
    why: null,
    replaces: null,
    ...detail,
  },
});
const from = (address: string): WardenEvent => ({ ...opened, source: { ...noSource, address } });
const tell = (event: WardenEvent) => toFhirAuditEvent(event, source);
const actorOf = (event: WardenEvent) => tell(event).agent.find(({ requestor }) => requestor);
const detailsOf = (event: WardenEvent) =>
  (tell(event).entity ?? []).flatMap(({ detail = [] }) => detail.map(({ type, valueString }) => [type, valueString]));

describe('an event as AuditEvent', () => {
  it.each(eventNames)('%s is valid R4, whatever its texts are', (name) => {
    const events = arbitraryEvents(hostileText, [name]);
    const sources = fc.record({
      id: hostileText,
      site: fc.option(hostileText),
      host: hostileText,
      version: hostileText,
      root: fc.constant(null),
    });
    fc.assert(
      fc.property(events, sources, (event, from) => expect(faultsOf(toFhirAuditEvent(event, from))).toEqual([])),
      { numRuns: 10 },
    );
  });

  it('has the codes of its DICOM audit message', () => {
    const events = eventNames.map((name) => fc.sample(arbitraryEvents(plainText, [name]), 3)).flat();
    for (const event of events) {
      const [message = ''] = toDicomAuditMessages(event, source);
      const id = /<EventID csd-code="(\d+)"/.exec(message)?.[1];
      const types = [...message.matchAll(/<EventTypeCode csd-code="(\d+)"/g)].map(([, code]) => code);
      const action = /EventActionCode="(.)"/.exec(message)?.[1];
      const outcome = /EventOutcomeIndicator="(\d+)"/.exec(message)?.[1];
      const told = tell(event);
      const dcm = told.subtype.filter(({ system }) => system === told.type.system).map(({ code }) => code);
      expect([event.name, told.type.code, dcm, told.action, told.outcome]).toEqual([
        event.name,
        id,
        types,
        action,
        outcome,
      ]);
    }
  });

  it('tells which of our events it is', () => {
    expect(tell(opened).subtype).toContainEqual({
      system: eventSystem,
      code: 'share.opened',
      display: 'Share opened',
    });
    expect(eventSystem).toBe('urn:orthanc-warden:event');
  });

  it('tells when, to the millisecond and in UTC', () => {
    expect(tell(opened)).toMatchObject({ id: opened.id, recorded: '2026-11-21T10:20:30.123Z' });
    expect(tell({ ...opened, at: 8.64e15 }).recorded).toBe('9999-12-31T23:59:59.999Z');
    expect(tell({ ...opened, at: -8.64e15 }).recorded).toBe('0001-01-01T00:00:00.000Z');
  });

  it.each([
    ['success', '0'],
    ['minor-failure', '4'],
    ['serious-failure', '8'],
    ['major-failure', '12'],
  ] as const)('tells %s as outcome %s, with its reason', (outcome, code) => {
    const told = tell({ ...common, name: 'share.refused', detail: {}, outcome, reason: 'wrong-pin' });
    expect([told.outcome, told.outcomeDesc]).toEqual([code, 'wrong-pin']);
  });

  it('names a study by its UID as ImagingStudy does, and an Orthanc id without a system', () => {
    const orthanc = '0195f6b0-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd';
    const { entity = [] } = tell({ ...opened, share: { ...share, studies: ['1.2.3', orthanc, '1.02', '1.2.3'] } });
    const studies = entity.filter(({ what }) => what?.type === 'ImagingStudy').map(({ what }) => what?.identifier);
    expect(studies).toEqual([
      { system: 'urn:dicom:uid', value: 'urn:oid:1.2.3' },
      { value: orthanc },
      { value: '1.02' },
    ]);
  });

  it('names a patient by PatientID, of no system', () => {
    const { entity = [] } = tell(opened);
    expect(entity.find(({ what }) => what?.type === 'Patient')).toMatchObject({
      what: { identifier: { value: 'PID123^^^HOSP' } },
      type: { code: '1' },
      role: { code: '1' },
    });
  });

  it('names the share by its UUID, as a security resource', () => {
    const { entity = [] } = tell(opened);
    expect(entity.find(({ name }) => name === 'Share')).toMatchObject({
      what: { identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${share.id}` } },
      type: { code: '2' },
      role: { code: '13' },
    });
  });

  it('of an access names the study that was asked for, and of what the share is only where that is not told', () => {
    const studies = (study: string | null) =>
      (tell({ ...common, name: 'access.granted', detail: { ...access, study } }).entity ?? [])
        .filter(({ what }) => what?.type === 'ImagingStudy')
        .map(({ what }) => what?.identifier.value);
    expect([studies('1.2.4'), studies(null)]).toEqual([['urn:oid:1.2.4'], ['urn:oid:1.2.3']]);
  });

  it('tells a purpose by its code, and what is no code as text', () => {
    expect(tell(created({ purposeOfUse: 'TREAT' })).purposeOfEvent).toEqual([
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }] },
    ]);
    expect(tell(created({ purposeOfUse: 'for a friend' })).purposeOfEvent).toEqual([{ text: 'for a friend' }]);
    expect(tell(created({ purposeOfUse: null })).purposeOfEvent).toBeUndefined();
  });

  it('names the token of a recipient as a policy, and holds none', () => {
    expect(actorOf(opened)?.policy).toEqual([`urn:ietf:params:oauth:jti:${share.identity}`]);
    expect(actorOf({ ...opened, share: { ...share, identity: 'a b/ü' } })?.policy).toEqual([
      'urn:ietf:params:oauth:jti:a%20b%2F%C3%BC',
    ]);
    expect(actorOf(created({}))).toHaveProperty('policy');
    expect(actorOf({ ...created({}), actor: { kind: 'user', id: 'keycloak:1', name: '' } })).not.toHaveProperty(
      'policy',
    );
  });

  it('has an entity for the request id', () => {
    const ids = ({ entity = [] }: ReturnType<typeof tell>) =>
      entity.filter(({ type }) => type.code === 'XrequestId').map(({ what }) => what?.identifier.value);
    expect([ids(tell(opened)), ids(tell(from('203.0.113.7')))]).toEqual([['req-1'], []]);
  });

  it('of what is told of together says from when to when, and how many', () => {
    const event: WardenEvent = { ...common, name: 'access.disclosed', detail: access };
    expect(tell(event).period).toEqual({ start: '2026-11-21T10:20:30.123Z', end: '2026-11-21T10:21:29.123Z' });
    expect(detailsOf(event)).toContainEqual(['count', '12']);
    expect(tell(opened).period).toBeUndefined();
  });

  it('never ends a period before it starts', () => {
    const event: WardenEvent = { ...common, name: 'access.disclosed', detail: { ...access, until: 0 } };
    expect(tell(event).period?.end).toBe('2026-11-21T10:20:30.123Z');
  });

  it.each([
    ['203.0.113.7', '2'],
    ['2001:db8::7', '2'],
    ['::ffff:203.0.113.7', '2'],
    ['fe80::1%eth0', '2'],
    ['orthanc.example.org', '1'],
    ['999.0.113.7', '1'],
    ['orthanc:8042', '1'],
  ])('tells the address %s as of type %s', (address, type) => {
    expect(actorOf(from(address))?.network).toEqual({ address, type });
  });

  it('of what the service did by itself has the service as the one who asked', () => {
    const told = tell({ ...common, actor: itself, source: noSource, name: 'share.expired', detail: {} });
    expect(told.agent).toHaveLength(1);
    expect(told.agent[0]).toMatchObject({ requestor: true, who: told.source.observer });
  });

  it('tells an address of e-mail as an agent, and nothing of one that was erased', () => {
    const mailbox = (to: string) =>
      tell({ ...common, name: 'share.sent', detail: { what: 'link', to } }).agent.find(({ media }) => media)?.network;
    expect([mailbox('r@example.org'), mailbox('')]).toEqual([{ address: 'r@example.org', type: '4' }, undefined]);
  });

  it('names the log as DICOM does', () => {
    const names: readonly EventName[] = ['audit.read', 'audit.exported', 'audit.checkpoint'];
    for (const event of names.flatMap((name) => fc.sample(arbitraryEvents(plainText, [name]), 1)))
      expect(tell(event).entity?.[0]?.name).toBe('Security Audit Log');
  });
});

describe('PrivacyDisclosure.Source of BALP', () => {
  const claims = (event: WardenEvent) => tell(event).meta?.profile ?? [];

  it('is claimed of an opening that is known in full', () => {
    expect(claims(opened)).toEqual([privacyDisclosureSource]);
  });

  it.each<[string, WardenEvent]>([
    ['of no patient', { ...opened, share: { ...share, patients: [] } }],
    ['of two patients', { ...opened, share: { ...share, patients: ['1', '2'] } }],
    ['of no share', { ...opened, share: null }],
    ['from an address that is not known', from('')],
    ['by nobody who is known', { ...opened, actor: { kind: 'recipient', id: '', name: '' } }],
    ['by somebody who is no recipient', { ...opened, actor: { kind: 'user', id: 'keycloak:1', name: '' } }],
    ['of a study that is not known', { ...opened, share: { ...share, studies: [] } }],
  ])('is not claimed of an opening %s', (_title, event) => {
    expect(claims(opened)).toEqual([privacyDisclosureSource]);
    expect(claims(event)).toEqual([]);
  });

  it('is claimed of nothing else', () => {
    const names = eventNames.filter((name) => name !== 'share.opened');
    fc.assert(fc.property(arbitraryEvents(plainText, names), (event) => expect(claims(event)).toEqual([])));
  });
});

describe('the validators', () => {
  const valid = tell(opened);
  const { recorded: _recorded, ...timeless } = valid;
  const { source: _source, ...fromNowhere } = valid;
  const [first, ...others] = valid.agent;

  it.each<[string, object]>([
    ['no moment', timeless],
    ['no source', fromNowhere],
    ['a moment without a time zone', { ...valid, recorded: '2026-11-21T10:20:30.123' }],
    ['an outcome that is no code of it', { ...valid, outcome: '5' }],
    ['an outcome that is a number', { ...valid, outcome: 4 }],
    ['a member too many', { ...valid, more: 1 }],
    ['a member too many, further in', { ...valid, agent: [{ ...first, more: 1 }, ...others] }],
    ['a requestor in words', { ...valid, agent: [{ ...first, requestor: 'true' }, ...others] }],
    ['one agent where a list of them belongs', { ...valid, agent: first }],
    ['a detail without a value', { ...valid, entity: [{ detail: [{ type: 'count' }] }] }],
    ['a blank in a URI', { ...valid, agent: [{ ...first, policy: ['a b'] }] }],
    ['an id that is too long', { ...valid, id: 'a'.repeat(65) }],
    ['an empty text', { ...valid, outcomeDesc: '' }],
    ['an empty list', { ...valid, entity: [] }],
    ['an empty object', { ...valid, meta: {} }],
    ['a control character', { ...valid, outcomeDesc: 'a\u0001b' }],
  ])('refuse %s', (_title, resource) => {
    expect(faultsOf(valid)).toEqual([]);
    expect(faultsOf(resource)).not.toEqual([]);
  });
});
