import fc from 'fast-check';
import { brokenRules } from '../../../../test/support/rng/audit-message-rules.js';
import { type Judged, RelaxNg, type XmlNode } from '../../../../test/support/rng/relax-ng.js';
import type { AuditSource } from '../audit-source.js';
import { type EventDetail, type EventName, type WardenEvent, eventNames, itself, noSource } from '../events.js';
import { arbitraryEvents, hostileText } from './arbitrary-events.fixture.js';
import { toDicomAuditMessages } from './dicom-audit-message.js';

const service: AuditSource = {
  id: 'warden-1',
  site: 'Hospital',
  host: 'auth.example.org',
  version: '1.2.3',
  root: 'https://share.example.org/',
};
const hostileService: fc.Arbitrary<AuditSource> = fc.record({
  id: hostileText,
  site: fc.option(hostileText, { nil: null }),
  host: hostileText,
  version: hostileText,
  root: fc.option(hostileText, { nil: null }),
});

const share = {
  id: '019a8cca-1371-7000-b9bc-1de2d5b62427',
  identity: 'pPZ1VVnlD1pKFBz5bbyL5w',
  type: 'stone-viewer-publication',
  studies: ['1.2.3'],
  patients: ['PID 1'],
};
const recipient = { kind: 'recipient', id: share.identity, name: 'Dr R' } as const;
const user = { kind: 'user', id: 'keycloak:alice', name: 'Alice' } as const;
const source = { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'r-1' };
const questions = { count: 3, until: 1_795_600_060_000 };
const access = { ...questions, level: 'study', method: 'get', study: '1.2.3', serverId: 'orthanc-a' };
const keyId = '019a8cca-1371-7000-b9bc-1de2d5b62428';

/** One event of each name, as it usually is. */
const details: { readonly [Name in EventName]: EventDetail<Name> } = {
  'share.created': {
    way: 'api',
    expiresAt: 1_795_700_000_000,
    notBefore: null,
    gate: 'pin',
    maxOpens: 5,
    recipient: 'r@example.org',
    purposeOfUse: 'TREAT',
    why: 'second opinion',
    replaces: null,
  },
  'share.sent': { what: 'link', to: 'r@example.org' },
  'share.opened': { viewer: 'stone', session: 's-1', counted: true, opens: 1 },
  'share.refused': {},
  'share.locked': { attempts: 5 },
  'share.changed': { changes: [{ member: 'maxOpens', from: '5', to: null }] },
  'share.revoked': { why: 'sent to the wrong person', ruleId: null },
  'share.expired': {},
  'revocation-rule.added': {
    ruleId: keyId,
    study: '1.2.3',
    patient: 'PID 1',
    label: null,
    keyId: null,
    mintedBefore: 1_795_600_000_000,
    why: 'all of them',
  },
  'access.disclosed': access,
  'access.granted': access,
  'access.denied': access,
  'profile.resolved': { ...questions, via: 'bearer', roles: ['doctor'] },
  'api-key.used': { ...questions, keyId },
  'api-key.created': { keyId, owner: 'alice', permissions: ['view'], labels: [], expiresAt: null },
  'api-key.rotated': { keyId },
  'api-key.revoked': { keyId, why: 'lost' },
  'roles.changed': { version: 2, before: 1, difference: ['+ doctor: share', '- guest: view'], why: null },
  'share-policy.changed': { version: 1, before: null, difference: [], why: null },
  'settings.loaded': { given: ['PORT'], weaknesses: ['no-tls'] },
  'service.started': { version: '1.2.3', node: '20.19.0' },
  'service.stopped': {},
  'audit.read': { format: 'json', filter: 'patient=PID 1' },
  'audit.exported': { format: 'proof', filter: '' },
  'audit.checkpoint': { size: 12, keyId: 'k1' },
  'audit.lost': { lane: 'access', count: 7, until: 1_795_600_060_000 },
  'audit.erased': { count: 4, why: 'asked for' },
  'audit.expired': { class: 'access', month: '2020-11', count: 9 },
};

function eventOf(name: EventName, other: Partial<Omit<WardenEvent, 'name' | 'detail'>> = {}): WardenEvent {
  return {
    id: '019a8cca-1371-7000-b9bc-1de2d5b62426',
    at: 1_795_600_000_123,
    actor: user,
    source,
    share,
    outcome: 'success',
    reason: null,
    ...other,
    name,
    detail: details[name],
  } as WardenEvent;
}

let grammar: RelaxNg;
beforeAll(() => {
  grammar = new RelaxNg('dicom-audit-message.rng');
});
afterAll(() => grammar.close());

const all = (node: XmlNode, name: string) => node.children.filter((child) => child.name === name);
const the = (node: XmlNode, name: string) => all(node, name)[0] as XmlNode;
const code = ({ attributes }: XmlNode) => `${attributes['csd-code']} ${attributes['codeSystemName']}`;
const objects = (message: XmlNode) => all(message, 'ParticipantObjectIdentification');
const objectIds = (message: XmlNode) => objects(message).map(({ attributes }) => attributes['ParticipantObjectID']);

/** [type, value] of the details of an object. */
const detailsOf = (object: XmlNode) =>
  all(object, 'ParticipantObjectDetail').map(({ attributes }) => [
    attributes['type'],
    Buffer.from(attributes['value'] as string, 'base64').toString('utf8'),
  ]);

/** Each participant as `role UserID point`, the requestor with an asterisk. */
const participants = (message: XmlNode) =>
  all(message, 'ActiveParticipant').map(({ attributes, children }) => {
    const roles = children.filter(({ name }) => name === 'RoleIDCode').map((role) => role.attributes['csd-code']);
    const point = [attributes['NetworkAccessPointTypeCode'], attributes['NetworkAccessPointID']];
    const requestor = attributes['UserIsRequestor'] === 'true' ? '*' : '';
    return [...roles, `${attributes['UserID']}${requestor}`, ...point].filter((part) => part !== undefined).join(' ');
  });

function accepted(judged: readonly Judged[]): XmlNode[] {
  expect(judged.map(({ fault }) => fault)).toEqual(judged.map(() => null));
  return judged.map(({ root }) => root as XmlNode);
}

/** The messages of an event, each accepted by the grammar and keeping the rules. */
async function told(event: WardenEvent, context: AuditSource = service): Promise<XmlNode[]> {
  const messages = accepted(await grammar.judge(toDicomAuditMessages(event, context)));
  expect(messages.flatMap(brokenRules)).toEqual([]);
  return messages;
}

async function one(event: WardenEvent, context: AuditSource = service): Promise<XmlNode> {
  const messages = await told(event, context);
  expect(messages).toHaveLength(1);
  return messages[0] as XmlNode;
}

describe('the DICOM audit messages of an event', () => {
  describe('whatever its texts are', () => {
    it.each(eventNames)('%s is accepted by the grammar and keeps the rules between elements', async (name) => {
      await fc.assert(
        fc.asyncProperty(arbitraryEvents(hostileText, [name]), hostileService, async (event, context) => {
          const texts = toDicomAuditMessages(event, context);
          expect(texts.length).toBeGreaterThan(0);
          for (const text of texts) {
            expect(text).toMatch(/^<AuditMessage>.*<\/AuditMessage>$/s);
            expect(text.isWellFormed()).toBe(true);
          }
          await told(event, context);
        }),
        { numRuns: 40 },
      );
    });

    it('is read back as they were, but for what XML cannot hold', async () => {
      const readable = (text: string) =>
        [...text]
          .map((character) => {
            const point = character.codePointAt(0) as number;
            const lone = point >= 0xd800 && point <= 0xdfff;
            const control = point < 0x20 && !'\t\n\r'.includes(character);
            return lone || control || point === 0xfffe || point === 0xffff ? '\ufffd' : character;
          })
          .join('');
      await fc.assert(
        fc.asyncProperty(hostileText, async (text) => {
          fc.pre(text.trim() !== '');
          const message = await one(
            eventOf('roles.changed', { actor: { kind: 'user', id: text, name: text }, reason: text }),
          );
          const { attributes } = the(message, 'ActiveParticipant');
          expect([attributes['UserID'], attributes['UserName']]).toEqual([readable(text), readable(text)]);
          expect(the(the(message, 'EventIdentification'), 'EventOutcomeDescription').text).toBe(readable(text));
        }),
      );
    });

    it('has no white space between elements', () => {
      for (const name of eventNames) {
        for (const text of toDicomAuditMessages(eventOf(name), service)) expect(text).not.toMatch(/>\s+<|^\s|\s$/);
      }
    });
  });

  it('is of the message that fits, told also by our own name', async () => {
    const list: Record<string, string> = {};
    for (const name of eventNames) {
      const event = the(await one(eventOf(name)), 'EventIdentification');
      const types = all(event, 'EventTypeCode');
      expect(types.at(-1)?.attributes).toMatchObject({ 'csd-code': name, codeSystemName: '99WARDEN' });
      expect(types.at(-1)?.attributes['originalText']).toMatch(/^[A-Z].* /);
      const dcm = types.slice(0, -1).map((type) => type.attributes['csd-code']);
      list[name] = [event.attributes['EventActionCode'], the(event, 'EventID').attributes['csd-code'], ...dcm].join(
        ' ',
      );
    }
    expect(list).toEqual({
      'share.created': 'E 110113 110135',
      'share.sent': 'R 110106',
      'share.opened': 'R 110106',
      'share.refused': 'E 110114 110122',
      'share.locked': 'E 110114 110122',
      'share.changed': 'E 110113 110135',
      'share.revoked': 'E 110113 110135',
      'share.expired': 'E 110113 110135',
      'revocation-rule.added': 'E 110113 110135',
      'access.disclosed': 'R 110103',
      'access.granted': 'R 110103',
      'access.denied': 'E 110113 110132',
      'profile.resolved': 'E 110114 110122',
      'api-key.used': 'E 110114 110122',
      'api-key.created': 'E 110113 110135',
      'api-key.rotated': 'E 110113 110135',
      'api-key.revoked': 'E 110113 110135',
      'roles.changed': 'E 110113 110136',
      'share-policy.changed': 'E 110113 110129',
      'settings.loaded': 'E 110113 110131',
      'service.started': 'E 110100 110120',
      'service.stopped': 'E 110100 110121',
      'audit.read': 'R 110101',
      'audit.exported': 'R 110101',
      'audit.checkpoint': 'R 110101',
      'audit.lost': 'E 110113 110133',
      'audit.erased': 'E 110113 110132',
      'audit.expired': 'E 110113 110135',
    });
  });

  it('says how it ended in the codes 0, 4, 8 and 12, and why in words', async () => {
    const outcomes = [
      ['success', null, '0', undefined],
      ['minor-failure', 'wrong-secret', '4', 'wrong-secret'],
      ['serious-failure', 'too-many-attempts', '8', 'too-many-attempts'],
      ['major-failure', ' ', '12', undefined],
    ] as const;
    for (const [outcome, reason, indicator, description] of outcomes) {
      const event = the(await one(eventOf('share.locked', { outcome, reason })), 'EventIdentification');
      expect(event.attributes['EventOutcomeIndicator']).toBe(indicator);
      expect(all(event, 'EventOutcomeDescription')[0]?.text).toBe(description);
    }
  });

  it('says when it happened, in UTC, within the years that readers know', async () => {
    const when = async (at: number) =>
      the(await one(eventOf('service.stopped', { at })), 'EventIdentification').attributes['EventDateTime'];
    expect(await when(1_795_600_000_123)).toBe('2026-11-25T09:46:40.123Z');
    expect(await when(8.64e15)).toBe('9999-12-31T23:59:59.999Z');
    expect(await when(-8.64e15)).toBe('0001-01-01T00:00:00.000Z');
  });

  it('says which service tells it', async () => {
    const tellers = async (context: AuditSource) =>
      the(await one(eventOf('share.expired'), context), 'AuditSourceIdentification');
    const told = await tellers(service);
    expect(told.attributes).toEqual({ AuditSourceID: 'warden-1', AuditEnterpriseSiteID: 'Hospital' });
    expect(told.children.map(({ attributes }) => attributes)).toEqual([{ 'csd-code': '4' }]);
    expect((await tellers({ ...service, site: null })).attributes).toEqual({ AuditSourceID: 'warden-1' });
  });

  it('holds nothing that is no member of the event', () => {
    for (const name of eventNames) {
      const secrets = { token: 'eyJhbGciOi', pin: '482913', key: 'wk_secret' };
      const event = eventOf(name);
      const careless = {
        ...event,
        ...secrets,
        actor: { ...event.actor, ...secrets },
        source: { ...source, ...secrets },
        share: { ...share, ...secrets },
        detail: { ...event.detail, ...secrets },
      } as unknown as WardenEvent;
      expect(toDicomAuditMessages(careless, service)).toEqual(toDicomAuditMessages(event, service));
    }
  });

  it('tells the share by an URI that opens nothing', async () => {
    const subject = async (context: AuditSource) => objectIds(await one(eventOf('share.revoked'), context));
    expect(await subject(service)).toEqual([`https://share.example.org/shares/${share.id}`]);
    expect(await subject({ ...service, root: null })).toEqual([`urn:uuid:${share.id}`]);
  });
});

describe('share.opened', () => {
  it('is an export through an URI, asked for by the recipient', () => {
    const event = eventOf('share.opened', { actor: recipient, source: { ...noSource, address: '2001:db8::7' } });
    const detail = (type: string, value: string) =>
      `<ParticipantObjectDetail type="${type}" value="${Buffer.from(value).toString('base64')}"/>`;
    const uri = `https://share.example.org/shares/${share.id}`;
    expect(toDicomAuditMessages(event, service)).toEqual([
      [
        '<AuditMessage>',
        '<EventIdentification EventActionCode="R" EventDateTime="2026-11-25T09:46:40.123Z" EventOutcomeIndicator="0">',
        '<EventID csd-code="110106" codeSystemName="DCM" originalText="Export"/>',
        '<EventTypeCode csd-code="share.opened" codeSystemName="99WARDEN" originalText="Share opened"/>',
        '</EventIdentification>',
        '<ActiveParticipant UserID="share:pPZ1VVnlD1pKFBz5bbyL5w" UserName="Dr R" UserIsRequestor="true"',
        ' NetworkAccessPointID="2001:db8::7" NetworkAccessPointTypeCode="2">',
        '<RoleIDCode csd-code="110152" codeSystemName="DCM" originalText="Destination Role ID"/>',
        '</ActiveParticipant>',
        '<ActiveParticipant UserID="warden-1" UserName="orthanc-warden 1.2.3" UserIsRequestor="false"',
        ' NetworkAccessPointID="auth.example.org" NetworkAccessPointTypeCode="1">',
        '<RoleIDCode csd-code="110153" codeSystemName="DCM" originalText="Source Role ID"/>',
        '</ActiveParticipant>',
        `<ActiveParticipant UserID="${uri}" UserIsRequestor="false"`,
        ` NetworkAccessPointID="${uri}" NetworkAccessPointTypeCode="5">`,
        '<RoleIDCode csd-code="110154" codeSystemName="DCM" originalText="Destination Media"/>',
        '<MediaIdentifier><MediaType csd-code="110037" codeSystemName="DCM" originalText="URI"/></MediaIdentifier>',
        '</ActiveParticipant>',
        '<AuditSourceIdentification AuditEnterpriseSiteID="Hospital" AuditSourceID="warden-1">',
        '<AuditSourceTypeCode csd-code="4"/>',
        '</AuditSourceIdentification>',
        '<ParticipantObjectIdentification ParticipantObjectID="1.2.3" ParticipantObjectTypeCode="2"',
        ' ParticipantObjectTypeCodeRole="3" ParticipantObjectDataLifeCycle="11">',
        '<ParticipantObjectIDTypeCode csd-code="110180" codeSystemName="DCM" originalText="Study Instance UID"/>',
        '<ParticipantObjectName>Study</ParticipantObjectName>',
        detail('viewer', 'stone'),
        detail('session', 's-1'),
        detail('counted', 'true'),
        detail('opens', '1'),
        detail('eventId', event.id),
        detail('shareId', share.id),
        detail('shareIdentity', share.identity),
        detail('shareType', share.type),
        '</ParticipantObjectIdentification>',
        '<ParticipantObjectIdentification ParticipantObjectID="PID 1" ParticipantObjectTypeCode="1"',
        ' ParticipantObjectTypeCodeRole="1">',
        '<ParticipantObjectIDTypeCode csd-code="2" codeSystemName="RFC-3881" originalText="Patient Number"/>',
        '<ParticipantObjectName/>',
        '</ParticipantObjectIdentification>',
        '</AuditMessage>',
      ].join(''),
    ]);
  });

  it('tells all studies and all patients in one message', async () => {
    const studies = ['1.2.3', '1.2.4', '1.2.3'];
    const many = eventOf('share.opened', { actor: recipient, share: { ...share, studies, patients: ['A', 'B', 'A'] } });
    expect(objectIds(await one(many))).toEqual(['1.2.3', '1.2.4', 'A', 'B']);
  });

  it('has an unknown patient where nobody told which', async () => {
    const erased = eventOf('share.opened', { actor: { ...recipient, name: '' }, share: { ...share, patients: [] } });
    const message = await one(erased);
    expect(objectIds(message)).toEqual(['1.2.3', 'unknown']);
    expect(the(message, 'ActiveParticipant').attributes).not.toHaveProperty('UserName');
  });

  it("says of a study that is known by Orthanc's id alone that it is", async () => {
    const orthancId = '6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715';
    const message = await one(eventOf('share.opened', { share: { ...share, studies: [orthancId] } }));
    expect(the(objects(message)[0] as XmlNode, 'ParticipantObjectName').text).toBe("Study by Orthanc's own id");
  });
});

describe('share.sent', () => {
  it('is an export by e-mail, asked for by whoever sends', async () => {
    const message = await one(eventOf('share.sent'));
    expect(participants(message)).toEqual([
      '110153 keycloak:alice* 2 203.0.113.7',
      '110153 warden-1 1 auth.example.org',
      '110154 mailto:r@example.org 4 r@example.org',
    ]);
    const media = all(message, 'ActiveParticipant').flatMap((each) => all(each, 'MediaIdentifier'));
    expect(media.map((medium) => code(the(medium, 'MediaType')))).toEqual(['110031 DCM']);
  });

  it('is asked for by the service when it sends by itself', async () => {
    const message = await one(eventOf('share.sent', { actor: itself, source: noSource }));
    expect(participants(message)).toEqual([
      '110153 warden-1* 1 auth.example.org',
      '110154 mailto:r@example.org 4 r@example.org',
    ]);
  });

  it('is still whole after the address was erased', async () => {
    const message = await one({ ...eventOf('share.sent'), detail: { what: 'link', to: '' } } as WardenEvent);
    expect(participants(message).at(-1)).toBe('110154 unknown 4 unknown');
  });
});

describe('share.refused and share.locked', () => {
  it('are failed logins of the recipient, and name the share that was to be opened', async () => {
    const message = await one(
      eventOf('share.refused', { actor: recipient, outcome: 'minor-failure', reason: 'wrong-secret' }),
    );
    expect(participants(message)).toEqual([`share:${share.identity}* 2 203.0.113.7`, 'warden-1 1 auth.example.org']);
    expect(the(message, 'ActiveParticipant').attributes['AlternativeUserID']).toBe(
      `https://share.example.org/shares/${share.id}`,
    );
  });

  it('say that the access point is not known rather than nothing', async () => {
    const message = await one(eventOf('share.locked', { actor: recipient, source: noSource }));
    expect(participants(message)[0]).toBe(`share:${share.identity}* 1 unknown`);
  });
});

describe('access', () => {
  it('is given to the recipient by the Orthanc that asked, or by the service where none said its name', async () => {
    const granted = eventOf('access.granted', { actor: recipient, source: noSource });
    expect(participants(await one(granted))).toEqual([`110152 share:${share.identity}*`, '110153 orthanc-a']);
    const unnamed = { ...granted, detail: { ...access, serverId: null } } as WardenEvent;
    expect(participants(await one(unnamed))).toEqual([
      `110152 share:${share.identity}*`,
      '110153 warden-1 1 auth.example.org',
    ]);
  });

  it('is a disclosure the first time, a use afterwards', async () => {
    const lifeCycle = async (name: EventName) =>
      objects(await one(eventOf(name)))[0]?.attributes['ParticipantObjectDataLifeCycle'];
    expect([await lifeCycle('access.disclosed'), await lifeCycle('access.granted')]).toEqual(['11', '6']);
  });

  it('is told once for each patient of the share, with every study and how many patients there are', async () => {
    const several = {
      ...eventOf('access.disclosed', {
        actor: recipient,
        share: { ...share, studies: ['1.2.3', '1.2.4'], patients: ['A', 'B'] },
      }),
      detail: { ...access, study: null },
    } as WardenEvent;
    const messages = await told(several);
    expect(messages.map(objectIds)).toEqual([
      ['1.2.3', '1.2.4', 'A'],
      ['1.2.3', '1.2.4', 'B'],
    ]);
    for (const message of messages) {
      expect(detailsOf(objects(message)[0] as XmlNode)).toEqual(
        expect.arrayContaining([
          ['patientsOfShare', '2'],
          ['eventId', several.id],
        ]),
      );
    }
  });

  it('names the study that was asked for, and not the others of the share', async () => {
    const message = await one(eventOf('access.granted', { share: { ...share, studies: ['1.2.3', '1.2.4'] } }));
    expect(objectIds(message)).toEqual(['1.2.3', 'PID 1']);
  });

  it('has an unknown study and patient where neither is known', async () => {
    const event = { ...eventOf('access.granted', { share: null }), detail: { ...access, study: null } } as WardenEvent;
    expect(objectIds(await one(event))).toEqual(['unknown', 'unknown']);
  });

  it('that was denied is an alert of the service about the share; who asked is no requestor', async () => {
    const denied = eventOf('access.denied', { actor: recipient, outcome: 'serious-failure', reason: 'outside-grant' });
    const message = await one(denied);
    expect(participants(message)).toEqual([
      '110150 warden-1 1 auth.example.org',
      `share:${share.identity} 2 203.0.113.7`,
    ]);
    const [subject] = objects(message);
    expect(subject?.attributes['ParticipantObjectID']).toBe(`https://share.example.org/shares/${share.id}`);
    expect(detailsOf(subject as XmlNode)).toEqual([
      ['Alert Description', 'Access denied'],
      ['level', 'study'],
      ['method', 'get'],
      ['study', '1.2.3'],
      ['serverId', 'orthanc-a'],
      ['count', '3'],
      ['until', '2026-11-25T09:47:40.000Z'],
      ['patient', 'PID 1'],
      ['eventId', denied.id],
      ['requestId', 'r-1'],
      ['userAgent', 'Firefox'],
      ['shareId', share.id],
      ['shareIdentity', share.identity],
      ['shareType', share.type],
    ]);
  });

  it('that was denied to a link that nobody knows is about the study, or else about the service', async () => {
    const denied = eventOf('access.denied', { share: null, outcome: 'minor-failure', reason: 'unknown-token' });
    expect(objectIds(await one(denied))).toEqual(['urn:oid:1.2.3']);
    const nothing = { ...denied, detail: { ...access, study: null } } as WardenEvent;
    const message = await one(nothing);
    expect(objectIds(message)).toEqual(['auth.example.org']);
    expect(code(the(objects(message)[0] as XmlNode, 'ParticipantObjectIDTypeCode'))).toBe('110182 DCM');
  });
});

describe('an alert about a share', () => {
  it('is reported by who did it and by the service', async () => {
    expect(participants(await one(eventOf('share.revoked')))).toEqual([
      'keycloak:alice* 2 203.0.113.7',
      '110150 warden-1 1 auth.example.org',
    ]);
    expect(participants(await one(eventOf('share.expired', { actor: itself, source: noSource })))).toEqual([
      '110150 warden-1* 1 auth.example.org',
    ]);
  });

  it('says which studies the share contains, and ids that are no UID as details', async () => {
    const message = await one(eventOf('share.created', { share: { ...share, studies: ['1.2.3', 'abc', '1.2.4'] } }));
    const [subject] = objects(message);
    const description = the(subject as XmlNode, 'ParticipantObjectDescription');
    const contained = the(description, 'ParticipantObjectContainsStudy').children;
    expect(contained.map(({ attributes }) => attributes['UID'])).toEqual(['1.2.3', '1.2.4']);
    expect(detailsOf(subject as XmlNode)).toEqual(
      expect.arrayContaining([
        ['orthancStudy', 'abc'],
        ['patient', 'PID 1'],
        ['gate', 'pin'],
        ['expiresAt', '2026-11-26T13:33:20.000Z'],
      ]),
    );
  });

  it('says what was changed', async () => {
    const [subject] = objects(await one(eventOf('share.changed')));
    expect(detailsOf(subject as XmlNode)[0]).toEqual(['Alert Description', 'Share changed\nmaxOpens: 5 → none']);
  });
});

describe('what governs the service', () => {
  it('roles.changed is about the roles document, described by what is different', async () => {
    const message = await one(eventOf('roles.changed'));
    expect(objectIds(message)).toEqual(['/api/v1/roles']);
    expect(detailsOf(objects(message)[0] as XmlNode).slice(0, 3)).toEqual([
      ['Alert Description', 'Roles changed\n+ doctor: share\n- guest: view'],
      ['version', '2'],
      ['before', '1'],
    ]);
  });

  it('api-key.used is a login by the id of the key, never the key', async () => {
    const message = await one(eventOf('api-key.used', { actor: { kind: 'api-key', id: `key:${keyId}`, name: '' } }));
    expect(the(message, 'ActiveParticipant').attributes['AlternativeUserID']).toBe(`key:${keyId}`);
  });

  it('service.started is told by the application, launched by itself or by who is known to have', async () => {
    expect(participants(await one(eventOf('service.started', { actor: itself, source: noSource })))).toEqual([
      '110150 warden-1* 1 auth.example.org',
    ]);
    expect(participants(await one(eventOf('service.stopped')))).toEqual([
      '110150 warden-1 1 auth.example.org',
      '110151 keycloak:alice* 2 203.0.113.7',
    ]);
  });

  it('audit.read is a use of the Security Audit Log by who read it', async () => {
    const message = await one(eventOf('audit.read'));
    expect(participants(message)).toEqual(['keycloak:alice* 2 203.0.113.7', 'warden-1 1 auth.example.org']);
    expect(detailsOf(objects(message)[0] as XmlNode).slice(0, 2)).toEqual([
      ['format', 'json'],
      ['filter', 'patient=PID 1'],
    ]);
  });

  it('audit.erased says that it was for good', async () => {
    const [log] = objects(await one(eventOf('audit.erased')));
    expect(log?.attributes['ParticipantObjectDataLifeCycle']).toBe('15');
  });
});
