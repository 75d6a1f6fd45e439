import type { AuditSource } from '../audit-source.js';
import { type Code, eventIds, eventTypes, mediaTypes, roles } from '../dicom/dicom-codes.js';
import type { EventDetail, EventName, EventOutcome, WardenEvent } from '../events.js';
import {
  actReasonSystem,
  agentTypes,
  dcm,
  disclose,
  entityRoles,
  entityTypes,
  eventSystem,
  lifecycles,
  privacyDisclosureSource,
  sourceTypes,
} from './fhir-codes.js';
import type {
  FhirAgent,
  FhirAuditEvent,
  FhirCodeableConcept,
  FhirCoding,
  FhirDetail,
  FhirEntity,
  FhirNetwork,
  FhirReference,
} from './fhir-resources.js';
import { fhirInstant, fhirText } from './fhir-text.js';
import { isPrivacyDisclosureAtSource } from './privacy-disclosure.js';

type EventOf<Name extends EventName> = Extract<WardenEvent, { readonly name: Name }>;

/** Null, and what is blank, is not told; of a list each value is told by itself. */
type Details = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** What a resource says of one kind of event. */
interface Telling<Event extends WardenEvent> {
  /** Our name in words. */
  readonly title: string;
  /** EventID of DICOM. */
  readonly type: Code;
  /** EventTypeCode of DICOM, and others beside our own name. */
  readonly subtypes: readonly FhirCoding[];
  readonly action: 'R' | 'E';
  readonly agents: (event: Event, source: AuditSource) => readonly FhirAgent[];
  readonly entities: (event: Event, source: AuditSource) => readonly FhirEntity[];
}

const outcomes: Readonly<Record<EventOutcome, '0' | '4' | '8' | '12'>> = {
  success: '0',
  'minor-failure': '4',
  'serious-failure': '8',
  'major-failure': '12',
};

/** Every event, with the codes of its DICOM audit message. */
const tellings: { readonly [Name in EventName]: Telling<EventOf<Name>> } = {
  'share.created': alert('Share created', eventTypes.objectSecurityAttributesChanged, (event) => {
    const { expiresAt, notBefore } = event.detail;
    return ofShare(event, {
      ...event.detail,
      expiresAt: instantOrNull(expiresAt),
      notBefore: instantOrNull(notBefore),
    });
  }),
  'share.sent': exported('Share sent by e-mail', []),
  'share.opened': exported('Share opened', [disclose]),
  'share.refused': authentication('Share not opened: wrong secret', (event) => ofShare(event, {})),
  'share.locked': authentication('Share locked after wrong secrets', (event) => ofShare(event, event.detail)),
  'share.changed': alert('Share changed', eventTypes.objectSecurityAttributesChanged, (event) =>
    ofShare(event, {
      change: event.detail.changes.map(({ from, member, to }) => `${member}: ${from ?? 'none'} → ${to ?? 'none'}`),
    }),
  ),
  'share.revoked': alert('Share revoked', eventTypes.objectSecurityAttributesChanged, (event) =>
    ofShare(event, { ...event.detail }),
  ),
  'share.expired': alert('Share expired', eventTypes.objectSecurityAttributesChanged, (event) => ofShare(event, {})),
  'revocation-rule.added': alert(
    'Rule added that revokes shares',
    eventTypes.objectSecurityAttributesChanged,
    ({ detail }) => {
      const { keyId, label, mintedBefore, patient, ruleId, study, why } = detail;
      return [
        ...studies([study], undefined),
        ...patients([patient]),
        object(uuidReference(ruleId), 'Revocation rule', {
          label,
          keyId,
          mintedBefore: fhirInstant(mintedBefore),
          why,
        }),
      ];
    },
  ),
  'access.disclosed': accessed('Images disclosed through a share', [disclose], lifecycles.disclosure),
  'access.granted': accessed('Access granted', [], lifecycles.access),
  // Agents as in an authorization decision of BALP 3:5.7.6. Its profile wants a consent and the organisation of the
  // user, which are not known here, so it is not claimed.
  'access.denied': {
    ...alert('Access denied', eventTypes.useOfRestrictedFunction, (event) => accessEntities(event, undefined)),
    agents: (event, source) => [
      ...actor(event, concept(agentTypes.informationRecipient)),
      ...orthanc(event.detail.serverId, concept(dcm(roles.application))),
      service(event, source, concept(agentTypes.authorizer)),
    ],
  },
  'profile.resolved': authentication('Profile resolved', ({ detail }) => {
    const { count, roles: role, via } = detail;
    return [object(undefined, 'User profile', { via, role, count })];
  }),
  'api-key.used': authentication('API key used', ({ detail }) => [apiKey(detail.keyId, { count: detail.count })]),
  'api-key.created': alert('API key created', eventTypes.objectSecurityAttributesChanged, ({ detail }) => {
    const { expiresAt, keyId, labels, owner, permissions } = detail;
    return [apiKey(keyId, { owner, permission: permissions, label: labels, expiresAt: instantOrNull(expiresAt) })];
  }),
  'api-key.rotated': alert('API key rotated', eventTypes.objectSecurityAttributesChanged, ({ detail }) => [
    apiKey(detail.keyId, {}),
  ]),
  'api-key.revoked': alert('API key revoked', eventTypes.objectSecurityAttributesChanged, ({ detail }) => [
    apiKey(detail.keyId, { why: detail.why }),
  ]),
  'roles.changed': alert('Roles changed', eventTypes.securityRolesChanged, ({ detail }) => [
    versioned('/api/v1/roles', 'Roles', detail),
  ]),
  'share-policy.changed': alert('Share policy changed', eventTypes.securityConfiguration, ({ detail }) => [
    versioned('/api/v1/share-policy', 'Share policy', detail),
  ]),
  'settings.loaded': alert('Settings loaded', eventTypes.softwareConfiguration, ({ detail }, source) => [
    object(observer(source), 'Settings', { given: detail.given, weakness: detail.weaknesses }),
  ]),
  'service.started': activity('Service started', eventTypes.applicationStart, ({ detail }) => ({ ...detail })),
  'service.stopped': activity('Service stopped', eventTypes.applicationStop, () => ({})),
  'audit.read': logUsed('Audit record read', ({ detail }) => ({ ...detail })),
  'audit.exported': logUsed('Audit record exported', ({ detail }) => ({ ...detail })),
  'audit.checkpoint': logUsed('Audit record signed', ({ detail }) => ({ ...detail })),
  'audit.lost': alert('Events lost before they were recorded', eventTypes.auditRecordingStopped, ({ detail }) => [
    auditLog({ lane: detail.lane, count: detail.count }),
  ]),
  'audit.erased': alert(
    'Personal data erased from the audit record',
    eventTypes.useOfRestrictedFunction,
    ({ detail }) => [{ ...auditLog({ ...detail }), lifecycle: lifecycles.erasure }],
  ),
  'audit.expired': alert(
    'Part of the audit record dropped at the end of its time',
    eventTypes.objectSecurityAttributesChanged,
    ({ detail }) => [{ ...auditLog({ ...detail }), lifecycle: lifecycles.erasure }],
  ),
};

/**
 * An event as AuditEvent of FHIR R4, valid whatever its texts are. One resource, also for several patients. It holds no
 * token, secret or key: `agent.policy` names a token by its jti or its fingerprint (BALP 3:5.7.5).
 */
export function toFhirAuditEvent(event: WardenEvent, source: AuditSource): FhirAuditEvent {
  // Which of the tellings it is, the name of the same event says.
  const { action, agents, entities, subtypes, title, type } = tellings[event.name] as Telling<WardenEvent>;
  const entity = [...withUserAgent(entities(event, source), event), ...requestId(event)];
  const resource: FhirAuditEvent = {
    resourceType: 'AuditEvent',
    id: event.id,
    type: dcm(type),
    subtype: [...subtypes, { system: eventSystem, code: event.name, display: title }],
    action,
    ...period(event),
    recorded: fhirInstant(event.at),
    outcome: outcomes[event.outcome],
    ...given('outcomeDesc', fhirText(event.reason)),
    ...purpose(event),
    agent: agents(event, source),
    source: {
      ...given('site', fhirText(source.site)),
      observer: observer(source),
      type: [sourceTypes.applicationServer],
    },
    ...(entity.length === 0 ? {} : { entity }),
  };
  const { id, resourceType, ...rest } = resource;
  return isPrivacyDisclosureAtSource(resource)
    ? { resourceType, id, meta: { profile: [privacyDisclosureSource] }, ...rest }
    : resource;
}

/** 110113, DICOM PS3.15 A.5.3.11. */
function alert<Event extends WardenEvent>(
  title: string,
  subtype: Code,
  entities: Telling<Event>['entities'],
): Telling<Event> {
  return {
    title,
    type: eventIds.securityAlert,
    subtypes: [dcm(subtype)],
    action: 'E',
    agents: (event, source) => [...actor(event), service(event, source, concept(dcm(roles.application)))],
    entities,
  };
}

/** 110114, DICOM PS3.15 A.5.3.12. */
function authentication<Event extends WardenEvent>(
  title: string,
  entities: Telling<Event>['entities'],
): Telling<Event> {
  return {
    title,
    type: eventIds.userAuthentication,
    subtypes: [dcm(eventTypes.login)],
    action: 'E',
    agents: (event, source) => [...actor(event), service(event, source)],
    entities,
  };
}

/** 110106, DICOM PS3.15 A.5.3.4; BALP 3:5.7.7 as far as what it asks for is known. */
function exported(title: string, subtypes: readonly FhirCoding[]): Telling<EventOf<'share.opened' | 'share.sent'>> {
  return {
    title,
    type: eventIds.export,
    subtypes,
    action: 'R',
    agents: (event, source) => {
      const role = event.actor.kind === 'recipient' ? roles.destination : roles.source;
      const media = event.name === 'share.opened' ? dcm(mediaTypes.uri) : null;
      return [
        service(event, source, concept(dcm(roles.source))),
        ...actor(event, concept(dcm(role))).map((one) => ({ ...one, ...given('media', media) })),
        ...(event.name === 'share.sent' ? [mailbox(event.detail.to)] : []),
      ];
    },
    entities: (event) => {
      // An address of e-mail is told with the mailbox.
      const details: Details = event.name === 'share.sent' ? { what: event.detail.what } : { ...event.detail };
      return ofShare(event, details, lifecycles.disclosure);
    },
  };
}

/** 110103, DICOM PS3.15 A.5.3.6. It is Orthanc that gives out what it was told it may. */
function accessed(
  title: string,
  subtypes: readonly FhirCoding[],
  lifecycle: FhirCoding,
): Telling<EventOf<'access.disclosed' | 'access.granted'>> {
  return {
    title,
    type: eventIds.instancesAccessed,
    subtypes,
    action: 'R',
    agents: (event, source) => {
      const from = orthanc(event.detail.serverId, concept(dcm(roles.source)));
      const role = from.length === 0 ? dcm(roles.source) : agentTypes.authorizer;
      return [...from, service(event, source, concept(role)), ...actor(event, concept(dcm(roles.destination)))];
    },
    entities: (event) => accessEntities(event, lifecycle),
  };
}

function accessEntities(
  { detail, share }: EventOf<'access.disclosed' | 'access.granted' | 'access.denied'>,
  lifecycle: FhirCoding | undefined,
): FhirEntity[] {
  const { count, level, method, route = null, serverId, study } = detail;
  const details = { level, method, route, serverId, count };
  return [
    ...studies(study === null ? share?.studies : [study], lifecycle),
    ...patients(share?.patients),
    shareObject(share, details),
  ];
}

/** 110101, DICOM PS3.15 A.5.3.2. */
function logUsed<Event extends WardenEvent>(title: string, detailsOf: (event: Event) => Details): Telling<Event> {
  return {
    title,
    type: eventIds.auditLogUsed,
    subtypes: [],
    action: 'R',
    agents: (event, source) => [...actor(event), service(event, source)],
    entities: (event) => [auditLog(detailsOf(event))],
  };
}

/** 110100, DICOM PS3.15 A.5.3.1. */
function activity<Event extends WardenEvent>(
  title: string,
  subtype: Code,
  detailsOf: (event: Event) => Details,
): Telling<Event> {
  return {
    title,
    type: eventIds.applicationActivity,
    subtypes: [dcm(subtype)],
    action: 'E',
    agents: (event, source) => [
      service(event, source, concept(dcm(roles.application))),
      ...actor(event, concept(dcm(roles.applicationLauncher))),
    ],
    entities: (event, source) => [object(observer(source), 'Service', detailsOf(event))],
  };
}

/** None: the service did it by itself. */
function actor(
  { actor: { id, kind, name }, share, source }: WardenEvent,
  type: FhirCodeableConcept | undefined = undefined,
): FhirAgent[] {
  if (kind === 'system') return [];
  const known = fhirText(id);
  // The identity of a recipient is that of a link, not of a person.
  const value = known !== null && kind === 'recipient' ? `share:${known}` : known;
  const token = kind === 'recipient' ? fhirText(share?.identity) : null;
  return [
    {
      ...given('type', type),
      ...given('who', value === null ? null : { identifier: { value } }),
      ...given('name', fhirText(name)),
      requestor: true,
      ...given('policy', token === null ? null : [`urn:ietf:params:oauth:jti:${encodeURIComponent(token)}`]),
      ...given('network', network(source.address)),
    },
  ];
}

function service(
  { actor: { kind } }: WardenEvent,
  source: AuditSource,
  type: FhirCodeableConcept | undefined = undefined,
): FhirAgent {
  return {
    ...given('type', type),
    who: observer(source),
    requestor: kind === 'system',
    ...given('network', network(source.host)),
  };
}

/** None: it did not say which it is. */
function orthanc(serverId: string | null, type: FhirCodeableConcept): FhirAgent[] {
  const value = fhirText(serverId);
  return value === null
    ? []
    : [{ type, who: { type: 'Device', identifier: { value } }, name: 'Orthanc', requestor: false }];
}

/** Where a mail went. The address may have been erased. */
function mailbox(to: string): FhirAgent {
  const address = fhirText(to);
  return {
    type: concept(dcm(roles.destinationMedia)),
    ...given('who', address === null ? null : { identifier: { value: `mailto:${address}` } }),
    requestor: false,
    media: dcm(mediaTypes.email),
    ...given('network', address === null ? null : { address, type: '4' as const }),
  };
}

/** The same in every place: BALP compares them. */
function observer({ id, version }: AuditSource): FhirReference {
  return {
    type: 'Device',
    identifier: { value: fhirText(id) ?? 'unknown' },
    ...given('display', fhirText(`orthanc-warden ${version}`)),
  };
}

function network(value: string | null): FhirNetwork | null {
  const address = fhirText(value);
  if (address === null) return null;
  return { address, type: isIpAddress(address) ? '2' : '1' };
}

function isIpAddress(text: string): boolean {
  const octets = text.split('.');
  if (octets.length === 4 && octets.every((one) => /^\d{1,3}$/.test(one) && Number(one) <= 255)) return true;
  // A name has no colon, and with a port it has one.
  return /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*(%[\w.-]+)?$/i.test(text);
}

/** What a share is of, and the share with what is told of the event. */
function ofShare({ share }: WardenEvent, details: Details, lifecycle?: FhirCoding): FhirEntity[] {
  return [...studies(share?.studies, lifecycle), ...patients(share?.patients), shareObject(share, details)];
}

function shareObject(share: WardenEvent['share'], details: Details): FhirEntity {
  if (share === null) return object(undefined, 'Request', details);
  const { id, identity, type } = share;
  return object(uuidReference(id), 'Share', { ...details, shareType: type, shareIdentity: identity });
}

/** A Study Instance UID as ImagingStudy.identifier has it. Where only Orthanc's own id is known, its system is not told. */
function studies(ids: readonly (string | null)[] | undefined, lifecycle: FhirCoding | undefined): FhirEntity[] {
  return distinct(ids).map((value) => ({
    what: {
      type: 'ImagingStudy',
      identifier: isUid(value) ? { system: 'urn:dicom:uid', value: `urn:oid:${value}` } : { value },
    },
    type: entityTypes.systemObject,
    role: entityRoles.report,
    ...given('lifecycle', lifecycle),
  }));
}

/** Which authority gave a PatientID is not known, so it has no system. */
function patients(ids: readonly (string | null)[] | undefined): FhirEntity[] {
  return distinct(ids).map((value) => ({
    what: { type: 'Patient', identifier: { value } },
    type: entityTypes.person,
    role: entityRoles.patient,
  }));
}

function object(what: FhirReference | undefined, name: string, details: Details): FhirEntity {
  return {
    ...given('what', what),
    type: entityTypes.systemObject,
    role: entityRoles.securityResource,
    name,
    ...detail(details),
  };
}

const apiKey = (keyId: string, details: Details): FhirEntity => object(uuidReference(keyId), 'API key', details);

/** The name is the one that DICOM PS3.15 A.5.3.2 asks for. */
const auditLog = (details: Details): FhirEntity =>
  object({ identifier: { value: '/api/v1/audit/events' } }, 'Security Audit Log', details);

function versioned(path: string, name: string, told: EventDetail<'roles.changed'>): FhirEntity {
  return object({ identifier: { value: path } }, name, { ...told });
}

function uuidReference(uuid: string): FhirReference {
  return { identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${uuid}` } };
}

/** BALP 3:5.7.3. */
function requestId({ source }: WardenEvent): FhirEntity[] {
  const value = fhirText(source.requestId);
  return value === null ? [] : [{ what: { identifier: { value } }, type: entityTypes.requestId }];
}

/** What is told of the event as such stands with its subject, which is the last of the entities. */
function withUserAgent(entities: readonly FhirEntity[], { source }: WardenEvent): FhirEntity[] {
  return entities.map((one, index) =>
    index < entities.length - 1 ? one : { ...one, ...detail({ userAgent: source.userAgent }, one.detail) },
  );
}

function detail(details: Details, before: readonly FhirDetail[] = []): { readonly detail?: readonly FhirDetail[] } {
  const told = Object.entries(details).flatMap(([type, value]) => {
    const values = typeof value === 'object' ? (value ?? []) : [String(value)];
    return values.flatMap((one) => {
      const valueString = fhirText(one);
      return valueString === null ? [] : [{ type, valueString }];
    });
  });
  return before.length + told.length === 0 ? {} : { detail: [...before, ...told] };
}

/** Of what is told of together: from the first to the last. */
function period({ at, detail: told }: WardenEvent): Pick<FhirAuditEvent, 'period'> {
  if (!('until' in told)) return {};
  return { period: { start: fhirInstant(at), end: fhirInstant(Math.max(at, told.until)) } };
}

function purpose({ detail: told }: WardenEvent): Pick<FhirAuditEvent, 'purposeOfEvent'> {
  const code = 'purposeOfUse' in told ? fhirText(told.purposeOfUse) : null;
  if (code === null) return {};
  return {
    purposeOfEvent: [/^[A-Z]{3,9}$/.test(code) ? concept({ system: actReasonSystem, code }) : { text: code }],
  };
}

function concept(coding: FhirCoding): FhirCodeableConcept {
  return { coding: [coding] };
}

function instantOrNull(moment: number | null): string | null {
  return moment === null ? null : fhirInstant(moment);
}

/** As FHIR strings, each once. */
function distinct(values: readonly (string | null)[] | undefined): string[] {
  return [...new Set(values?.map(fhirText).filter((one) => one !== null))];
}

/** The member, or nothing: FHIR has no null. */
function given<Member extends string, Value>(
  member: Member,
  value: Value | null | undefined,
): { readonly [Key in Member]?: Value } {
  return value === null || value === undefined ? {} : ({ [member]: value } as { [Key in Member]: Value });
}

/** DICOM PS3.5 section 9.1. */
function isUid(id: string): boolean {
  return id.length <= 64 && /^[0-2](\.(0|[1-9]\d*))+$/.test(id);
}
