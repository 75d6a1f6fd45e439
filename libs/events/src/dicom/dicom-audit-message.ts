import { type AuditSource, shareUri } from '../audit-source.js';
import type { EventDetail, EventName, EventOutcome, WardenEvent } from '../events.js';
import { type Code, eventIds, eventTypes, idTypes, mediaTypes, ownScheme, roles } from './dicom-codes.js';
import { element, text } from './xml.js';

type EventOf<Name extends EventName> = Extract<WardenEvent, { readonly name: Name }>;

/** NetworkAccessPointTypeCode: 1 name, 2 IP address, 4 e-mail address, 5 URI. */
interface NetworkPoint {
  readonly type: '1' | '2' | '4' | '5';
  readonly id: string;
}

interface Participant {
  readonly id: string;
  readonly alternativeId?: string | undefined;
  readonly name?: string | undefined;
  readonly requestor: boolean;
  readonly role?: Code;
  readonly media?: Code;
  readonly point: NetworkPoint | null;
}

/** Null, and what is blank, is not told; of a list each value is told by itself. */
type Details = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

interface AuditedObject {
  readonly id: string;
  readonly idType: Code;
  /** ParticipantObjectTypeCode: 1 person, 2 system object. */
  readonly type: '1' | '2';
  /** ParticipantObjectTypeCodeRole: 1 patient, 3 report, 13 security resource. */
  readonly role: '1' | '3' | '13';
  /** ParticipantObjectDataLifeCycle: 6 access, 11 disclosure, 15 erasure. */
  readonly lifeCycle?: '6' | '11' | '15' | undefined;
  readonly name: string;
  readonly details?: Details;
  /** Of the subject of an alert: what changed, in lines. */
  readonly difference?: readonly string[];
  /** Study Instance UIDs, of an object that is no study itself. */
  readonly studies?: readonly string[];
}

interface Message {
  readonly id: Code;
  readonly action: 'R' | 'E';
  /** Null: our own name alone says of which type it is. */
  readonly type: Code | null;
  readonly participants: readonly Participant[];
  /** What is told of the event as such stands in the first one. */
  readonly objects: readonly AuditedObject[];
}

interface Telling<Name extends EventName> {
  /** Our name in words, for a reader who does not know it. */
  readonly title: string;
  readonly messages: (event: EventOf<Name>, source: AuditSource) => readonly Message[];
}

/**
 * Stands where the standard asks for what nobody told: a message with a gap is refused by whoever receives it, and a
 * guess would be a false record. It is also what remains of personal data that was erased.
 */
const unknown = 'unknown';

const outcomes: Readonly<Record<EventOutcome, string>> = {
  success: '0',
  'minor-failure': '4',
  'serious-failure': '8',
  'major-failure': '12',
};

/** Every event and the message of PS3.15 A.5.3 that tells it. */
const tellings: { readonly [Name in EventName]: Telling<Name> } = {
  'share.created': alert('Share created', eventTypes.objectSecurityAttributesChanged, (event, source) =>
    shareSubject(event, source, creation(event.detail)),
  ),
  'share.sent': exported('Share sent by e-mail', ({ detail: { to, what } }) => ({
    media: mediaTypes.email,
    id: isBlank(to) ? unknown : `mailto:${to}`,
    point: { type: '4', id: known(to) },
    details: { what },
  })),
  'share.opened': exported('Share opened', ({ detail, share }, source) => {
    const uri = share === null ? unknown : shareUri(share.id, source);
    const { counted, opens, session, viewer } = detail;
    return {
      media: mediaTypes.uri,
      id: uri,
      point: { type: '5', id: uri },
      details: { viewer, session, counted, opens },
    };
  }),
  // With a wrong PIN first 4, then 8: the outcomes that PS3.15 Table A.5.2-1 has for a password; the events hold them.
  'share.refused': authentication('Share not opened: wrong secret', ({ share }, source) =>
    share === null ? undefined : shareUri(share.id, source),
  ),
  'share.locked': authentication('Share locked after wrong secrets', ({ share }, source) =>
    share === null ? undefined : shareUri(share.id, source),
  ),
  'share.changed': alert('Share changed', eventTypes.objectSecurityAttributesChanged, (event, source) => ({
    ...shareSubject(event, source, {}),
    difference: event.detail.changes.map(({ member, from, to }) => `${member}: ${from ?? 'none'} → ${to ?? 'none'}`),
  })),
  'share.revoked': alert('Share revoked', eventTypes.objectSecurityAttributesChanged, (event, source) =>
    shareSubject(event, source, { why: event.detail.why, ruleId: event.detail.ruleId }),
  ),
  'share.expired': alert('Share expired', eventTypes.objectSecurityAttributesChanged, (event, source) =>
    shareSubject(event, source, {}),
  ),
  'revocation-rule.added': alert(
    'Rule added that revokes shares',
    eventTypes.objectSecurityAttributesChanged,
    ({ detail }) => ({
      ...resource(`urn:uuid:${detail.ruleId}`, 'Revocation rule'),
      ...containing(detail.study === null ? [] : [detail.study], {
        patient: detail.patient,
        label: detail.label,
        keyId: detail.keyId,
        mintedBefore: dateTime(detail.mintedBefore),
        why: detail.why,
      }),
    }),
  ),
  'access.disclosed': {
    title: 'Images disclosed through a share',
    messages: (event, source) => accesses(event, source, '11'),
  },
  'access.granted': { title: 'Access granted', messages: (event, source) => accesses(event, source, '6') },
  // Nothing of an image was touched, so it is an alert and no failed access.
  'access.denied': alert('Access denied', eventTypes.useOfRestrictedFunction, (event, source) => {
    const { count, level, method, route = null, serverId, study, until } = event.detail;
    const details = { level, method, route, study, serverId, count, until: dateTime(until) };
    if (event.share === null && study !== null && isUid(study)) {
      return { ...resource(`urn:oid:${study}`, 'Study'), details, studies: [study] };
    }
    return shareSubject(event, source, details);
  }),
  'profile.resolved': authentication('Profile resolved', () => undefined),
  'api-key.used': authentication('API key used', ({ detail }) => `key:${detail.keyId}`),
  'api-key.created': alert('API key created', eventTypes.objectSecurityAttributesChanged, ({ detail }) =>
    apiKey(detail.keyId, {
      owner: detail.owner,
      permission: detail.permissions,
      label: detail.labels,
      expiresAt: dateTimeOrNull(detail.expiresAt),
    }),
  ),
  'api-key.rotated': alert('API key rotated', eventTypes.objectSecurityAttributesChanged, ({ detail }) =>
    apiKey(detail.keyId, {}),
  ),
  'api-key.revoked': alert('API key revoked', eventTypes.objectSecurityAttributesChanged, ({ detail }) =>
    apiKey(detail.keyId, { why: detail.why }),
  ),
  'roles.changed': alert('Roles changed', eventTypes.securityRolesChanged, ({ detail }) =>
    versioned('/api/v1/roles', 'Roles', detail),
  ),
  'share-policy.changed': alert('Share policy changed', eventTypes.securityConfiguration, ({ detail }) =>
    versioned('/api/v1/share-policy', 'Share policy', detail),
  ),
  'settings.loaded': alert('Settings loaded', eventTypes.softwareConfiguration, ({ detail }, source) => ({
    ...node(source),
    details: { given: detail.given, weakness: detail.weaknesses },
  })),
  'service.started': activity('Service started', eventTypes.applicationStart),
  'service.stopped': activity('Service stopped', eventTypes.applicationStop),
  'audit.read': logUsed('Audit record read', ({ detail }) => reading(detail)),
  'audit.exported': logUsed('Audit record exported', ({ detail }) => reading(detail)),
  // The service reads its record from end to end and attests to what it read. It alerts of nothing, and none of the
  // types of CID 403 that an alert has to have would be true of it.
  'audit.checkpoint': logUsed('Audit record signed', ({ detail: { keyId, size } }) => ({ size, keyId })),
  'audit.lost': alert('Events lost before they were recorded', eventTypes.auditRecordingStopped, ({ detail }) => ({
    ...auditLog,
    details: { lane: detail.lane, count: detail.count, until: dateTime(detail.until) },
  })),
  'audit.erased': alert(
    'Personal data erased from the audit record',
    eventTypes.useOfRestrictedFunction,
    ({ detail }) => ({
      ...auditLog,
      lifeCycle: '15',
      details: { count: detail.count, why: detail.why },
    }),
  ),
  // Nobody used a function here: what is kept of the log changed, as it was to.
  'audit.expired': alert(
    'Part of the audit record dropped at the end of its time',
    eventTypes.objectSecurityAttributesChanged,
    ({ detail }) => ({
      ...auditLog,
      lifeCycle: '15',
      details: { class: detail.class, month: detail.month, count: detail.count },
    }),
  ),
};

/**
 * An event as audit messages of DICOM PS3.15 A.5: XML without declaration, without white space between elements, and
 * well-formed whatever the texts of the event are. Several where it is of several patients and the standard wants each
 * told by itself; none of them holds a token, a secret or a key. They hold who somebody is: what was sent cannot be
 * erased here.
 */
export function toDicomAuditMessages(event: WardenEvent, context: AuditSource): string[] {
  // Which of the tellings it is, the name of the same event says.
  const { messages, title } = tellings[event.name] as Telling<EventName>;
  return messages(event, context).map((message) => write(message, title, event, context));
}

/** 110113, PS3.15 A.5.3.11, with one subject. */
function alert<Name extends EventName>(
  title: string,
  type: Code,
  subjectOf: (event: EventOf<Name>, source: AuditSource) => AuditedObject,
): Telling<Name> {
  return {
    title,
    messages: (event, source) => {
      const { difference = [], ...subject } = subjectOf(event, source);
      const details = { 'Alert Description': [title, ...difference].join('\n'), ...subject.details };
      return [
        {
          id: eventIds.securityAlert,
          action: 'E',
          type,
          participants: alertParticipants(event, source),
          objects: [{ ...subject, details }],
        },
      ];
    },
  };
}

/**
 * Who did it reports it, with the service. Who was refused it is a performing person, and those are never the requestor
 * of an alert (Table A.5.3.11-1).
 */
function alertParticipants(event: WardenEvent, source: AuditSource): Participant[] {
  if (byItself(event)) return [service(source, true, roles.application)];
  if (event.outcome === 'success') return [actor(event, true), service(source, false, roles.application)];
  return [service(source, false, roles.application), actor(event, false)];
}

/** 110114, PS3.15 A.5.3.12: no objects, and an access point that cannot be left out. */
function authentication<Name extends EventName>(
  title: string,
  /** What they asked to open or called themselves, beside the identity that is known of them. Never what proves it. */
  alternativeIdOf: (event: EventOf<Name>, source: AuditSource) => string | undefined,
): Telling<Name> {
  return {
    title,
    messages: (event, source) => {
      const person = actor(event, true);
      const alternativeId = alternativeIdOf(event, source);
      const point = person.point ?? { type: '1', id: unknown };
      return [
        {
          id: eventIds.userAuthentication,
          action: 'E',
          type: eventTypes.login,
          participants: [{ ...person, alternativeId, point }, service(source, false)],
          objects: [],
        },
      ];
    },
  };
}

interface Medium {
  readonly media: Code;
  readonly id: string;
  readonly point: NetworkPoint;
  readonly details: Details;
}

/** 110106, PS3.15 A.5.3.4: the one message that may be of several patients, and has to be of one at least. */
function exported<Name extends EventName>(
  title: string,
  mediumOf: (event: EventOf<Name>, source: AuditSource) => Medium,
): Telling<Name> {
  return {
    title,
    messages: (event, source) => {
      const { details, ...medium } = mediumOf(event, source);
      const remote = event.actor.kind === 'recipient';
      const person = byItself(event) ? [] : [actor(event, true, remote ? roles.destination : roles.source)];
      const studies = distinct(event.share?.studies).map((one) => study(one, '11'));
      const [first, ...others] = [...studies, ...patientsOf(event).map(patient)] as [AuditedObject, ...AuditedObject[]];
      return [
        {
          id: eventIds.export,
          action: 'R',
          type: null,
          participants: [
            ...person,
            service(source, person.length === 0, roles.source),
            { ...medium, requestor: false, role: roles.destinationMedia },
          ],
          objects: [{ ...first, details }, ...others],
        },
      ];
    },
  };
}

/**
 * 110103, PS3.15 A.5.3.6: one to any number of studies, exactly one patient. A share of several patients does not say
 * whose each study is; then there is a message for each patient and each names every study, with how many patients
 * there are: whoever looks for one of them finds it, and sees that it may be about another.
 */
function accesses(
  event: EventOf<'access.disclosed' | 'access.granted'>,
  source: AuditSource,
  lifeCycle: '6' | '11',
): readonly Message[] {
  const { count, level, method, route = null, serverId, study: one, until } = event.detail;
  const found = one === null ? distinct(event.share?.studies) : [one];
  const [first, ...others] = (found.length === 0 ? [unknown] : found).map((id) => study(id, lifeCycle)) as [
    AuditedObject,
    ...AuditedObject[],
  ];
  const alone = byItself(event);
  const process = orthanc(serverId, alone) ?? service(source, alone, roles.source);
  const patients = patientsOf(event);
  const patientsOfShare = patients.length === 1 ? null : patients.length;
  const details = { level, method, route, serverId, count, until: dateTime(until), patientsOfShare };
  return patients.map((patientId) => ({
    id: eventIds.instancesAccessed,
    action: 'R',
    type: null,
    participants: alone ? [process] : [actor(event, true, roles.destination), process],
    objects: [{ ...first, details }, ...others, patient(patientId)],
  }));
}

/** 110101, PS3.15 A.5.3.2. */
function logUsed<Name extends EventName>(title: string, detailsOf: (event: EventOf<Name>) => Details): Telling<Name> {
  return {
    title,
    messages: (event, source) => [
      {
        id: eventIds.auditLogUsed,
        action: 'R',
        type: null,
        participants: byItself(event) ? [service(source, true)] : [actor(event, true), service(source, false)],
        objects: [{ ...auditLog, details: detailsOf(event) }],
      },
    ],
  };
}

/** 110100, PS3.15 A.5.3.1: no objects. */
function activity<Name extends EventName>(title: string, type: Code): Telling<Name> {
  return {
    title,
    messages: (event, source) => {
      const alone = byItself(event);
      const launcher = alone ? [] : [actor(event, true, roles.applicationLauncher)];
      return [
        {
          id: eventIds.applicationActivity,
          action: 'E',
          type,
          participants: [service(source, alone, roles.application), ...launcher],
          objects: [],
        },
      ];
    },
  };
}

function byItself(event: WardenEvent): boolean {
  return event.actor.kind === 'system';
}

function actor({ actor: { id, kind, name }, source }: WardenEvent, requestor: boolean, role?: Code): Participant {
  return {
    // As our own logs say it (A.5.2.1). The identity of a recipient is that of a link, not of a person.
    id: kind === 'recipient' ? `share:${known(id)}` : known(id),
    name: isBlank(name) ? undefined : name,
    requestor,
    point: source.address === null ? null : networkPoint(source.address),
    ...(role === undefined ? {} : { role }),
  };
}

function service({ host, id, version }: AuditSource, requestor: boolean, role?: Code): Participant {
  return {
    id: known(id),
    name: `orthanc-warden ${version}`,
    requestor,
    point: networkPoint(host),
    ...(role === undefined ? {} : { role }),
  };
}

/** The Orthanc that asked, and gives out what it was told it may. Null: it did not say which it is. */
function orthanc(serverId: string | null, requestor: boolean): Participant | null {
  if (serverId === null || isBlank(serverId)) return null;
  return { id: serverId, name: 'Orthanc', requestor, role: roles.source, point: null };
}

function networkPoint(address: string): NetworkPoint | null {
  if (isBlank(address)) return null;
  const isIp = /^\d{1,3}(\.\d{1,3}){3}$|^[\da-f]*:[\da-f:.]*(%.*)?$/i.test(address);
  return { type: isIp ? '2' : '1', id: address };
}

/**
 * The tables of A.5.3 know a study by its UID only. Where Orthanc's own id is all that is known it stands in its place, and
 * the name says so.
 */
function study(id: string, lifeCycle: '6' | '11'): AuditedObject {
  const told = known(id);
  const name = isUid(told) ? 'Study' : told === unknown ? 'Study that is not known' : "Study by Orthanc's own id";
  return { id: told, idType: idTypes.studyInstanceUid, type: '2', role: '3', lifeCycle, name };
}

/** The schema wants a name; theirs is not known here, and an empty one is not taken for it. */
function patient(id: string): AuditedObject {
  return { id: known(id), idType: idTypes.patientNumber, type: '1', role: '1', name: '' };
}

/** At least one: the messages that name patients cannot do without. */
function patientsOf(event: WardenEvent): readonly string[] {
  const patients = distinct(event.share?.patients.map(known));
  return patients.length === 0 ? [unknown] : patients;
}

function resource(uri: string, name: string): AuditedObject {
  return { id: uri, idType: idTypes.uri, type: '2', role: '13', name };
}

function node({ host }: AuditSource): AuditedObject {
  return { id: known(host), idType: idTypes.nodeId, type: '2', role: '13', name: 'Service' };
}

/** The name is the one that PS3.15 A.5.3.2 asks for. Ours are paths: by which name the API is reached is not known here. */
const auditLog = resource('/api/v1/audit/events', 'Security Audit Log');

const apiKey = (keyId: string, details: Details): AuditedObject => ({
  ...resource(`urn:uuid:${keyId}`, 'API key'),
  details,
});

function versioned(path: string, name: string, detail: EventDetail<'roles.changed'>): AuditedObject {
  const { before, difference, version, why } = detail;
  return { ...resource(path, name), difference, details: { version, before, why } };
}

function reading({ filter, format }: EventDetail<'audit.read'>): Details {
  return { format, filter };
}

function creation(detail: EventDetail<'share.created'>): Details {
  const { expiresAt, gate, maxOpens, notBefore, purposeOfUse, recipient, replaces, way, why } = detail;
  return {
    way,
    expiresAt: dateTimeOrNull(expiresAt),
    notBefore: dateTimeOrNull(notBefore),
    gate,
    maxOpens,
    recipient,
    purposeOfUse,
    why,
    replaces,
  };
}

/**
 * The share as the subject of an alert; the service where the registry knows no share. Table A.5.3.11-1 has no patients
 * beside it, so they are told as details.
 */
function shareSubject({ share }: WardenEvent, source: AuditSource, details: Details): AuditedObject {
  if (share === null) return { ...node(source), details };
  return {
    ...resource(shareUri(share.id, source), 'Share'),
    ...containing(share.studies, { ...details, patient: distinct(share.patients) }),
  };
}

/** What is no UID cannot be told as one. */
function containing(ids: readonly string[], details: Details): Pick<AuditedObject, 'details' | 'studies'> {
  const studies = distinct(ids);
  return {
    studies: studies.filter(isUid),
    details: { ...details, orthancStudy: studies.filter((id) => !isUid(id)) },
  };
}

function write(message: Message, title: string, event: WardenEvent, source: AuditSource): string {
  const own: Code = { value: event.name, system: ownScheme, meaning: title };
  const types = message.type === null ? [own] : [message.type, own];
  const reason = event.reason === null || isBlank(event.reason) ? [] : [text(event.reason)];
  return element('AuditMessage', {}, [
    element(
      'EventIdentification',
      {
        EventActionCode: message.action,
        EventDateTime: dateTime(event.at),
        EventOutcomeIndicator: outcomes[event.outcome],
      },
      [
        coded('EventID', message.id),
        ...types.map((type) => coded('EventTypeCode', type)),
        ...reason.map((told) => element('EventOutcomeDescription', {}, [told])),
      ],
    ),
    ...message.participants.map(writeParticipant),
    element(
      'AuditSourceIdentification',
      {
        AuditEnterpriseSiteID: source.site === null || isBlank(source.site) ? undefined : source.site,
        AuditSourceID: known(source.id),
      },
      // 4: application server.
      [element('AuditSourceTypeCode', { 'csd-code': '4' })],
    ),
    ...message.objects.map((object, index) =>
      writeObject(index === 0 ? { ...object, details: { ...object.details, ...common(event) } } : object),
    ),
  ]);
}

/** The id tells a message that came twice from two events. */
function common({ id, share, source }: WardenEvent): Details {
  return {
    eventId: id,
    requestId: source.requestId,
    userAgent: source.userAgent,
    shareId: share?.id ?? null,
    shareIdentity: share?.identity ?? null,
    shareType: share?.type ?? null,
  };
}

function writeParticipant({ alternativeId, id, media, name, point, requestor, role }: Participant): string {
  return element(
    'ActiveParticipant',
    {
      UserID: id,
      AlternativeUserID: alternativeId,
      UserName: name,
      UserIsRequestor: String(requestor),
      NetworkAccessPointID: point?.id,
      NetworkAccessPointTypeCode: point?.type,
    },
    [
      ...(role === undefined ? [] : [coded('RoleIDCode', role)]),
      ...(media === undefined ? [] : [element('MediaIdentifier', {}, [coded('MediaType', media)])]),
    ],
  );
}

function writeObject({ details, id, idType, lifeCycle, name, role, studies, type }: AuditedObject): string {
  const uids = (studies ?? []).map((UID) => element('StudyIDs', { UID }));
  return element(
    'ParticipantObjectIdentification',
    {
      ParticipantObjectID: id,
      ParticipantObjectTypeCode: type,
      ParticipantObjectTypeCodeRole: role,
      ParticipantObjectDataLifeCycle: lifeCycle,
    },
    [
      coded('ParticipantObjectIDTypeCode', idType),
      element('ParticipantObjectName', {}, name === '' ? [] : [text(name)]),
      ...writeDetails(details ?? {}),
      ...(uids.length === 0
        ? []
        : [element('ParticipantObjectDescription', {}, [element('ParticipantObjectContainsStudy', {}, uids)])]),
    ],
  );
}

function writeDetails(details: Details): string[] {
  return Object.entries(details).flatMap(([type, told]) => {
    const values = (typeof told === 'object' ? (told ?? []) : [String(told)]).filter((value) => !isBlank(value));
    return values.map((value) =>
      element('ParticipantObjectDetail', { type, value: Buffer.from(value, 'utf8').toString('base64') }),
    );
  });
}

function coded(name: string, { meaning, system, value }: Code): string {
  return element(name, { 'csd-code': value, codeSystemName: system, originalText: meaning });
}

/** The years that every reader of xsd:dateTime knows. */
const firstMoment = Date.parse('0001-01-01T00:00:00.000Z');
const lastMoment = Date.parse('9999-12-31T23:59:59.999Z');

/** With its time zone, as A.5.2.5 asks. */
function dateTime(moment: number): string {
  return new Date(Math.min(Math.max(moment, firstMoment), lastMoment)).toISOString();
}

function dateTimeOrNull(moment: number | null): string | null {
  return moment === null ? null : dateTime(moment);
}

function distinct(values: readonly string[] | undefined): string[] {
  return [...new Set(values)];
}

function known(value: string): string {
  return isBlank(value) ? unknown : value;
}

function isBlank(value: string): boolean {
  return value.trim() === '';
}

/** PS3.5 section 9.1. */
function isUid(id: string): boolean {
  return id.length <= 64 && /^\d+(\.\d+)+$/.test(id);
}
