/** Everything that is told of, and how long-lived it is. Closed: who reads events knows each of them. */
const classes = {
  'share.created': 'management',
  'share.sent': 'disclosure',
  'share.opened': 'disclosure',
  'share.refused': 'denial',
  'share.locked': 'management',
  'share.changed': 'management',
  'share.revoked': 'management',
  'share.expired': 'management',
  'revocation-rule.added': 'management',
  'access.disclosed': 'disclosure',
  'access.granted': 'access',
  'access.denied': 'denial',
  'profile.resolved': 'access',
  'api-key.used': 'access',
  'api-key.created': 'management',
  'api-key.rotated': 'management',
  'api-key.revoked': 'management',
  'roles.changed': 'management',
  'share-policy.changed': 'management',
  'settings.loaded': 'management',
  'service.started': 'management',
  'service.stopped': 'management',
  'audit.read': 'management',
  'audit.exported': 'management',
  'audit.checkpoint': 'management',
  'audit.lost': 'management',
  'audit.erased': 'management',
  'audit.expired': 'management',
} as const;

export type EventName = keyof typeof classes;

export const eventNames = Object.keys(classes) as readonly EventName[];

/**
 * How long an event is kept and which chain it stands in. `management`: what was done, by whom. `disclosure`: images, or
 * the key to them, went to somebody. `access`: each further use. `denial`: what was refused.
 */
export const eventClasses = ['management', 'disclosure', 'access', 'denial'] as const;

export type EventClass = (typeof eventClasses)[number];

export function classOf(name: EventName): EventClass {
  return classes[name];
}

export const eventActorKinds = ['user', 'api-key', 'service', 'plugin', 'recipient', 'system'] as const;

export type EventActorKind = (typeof eventActorKinds)[number];

/** Who caused it. */
export interface EventActor {
  readonly kind: EventActorKind;
  /** `keycloak:…`, `basic:…`, `key:…`; of a recipient the identity of the share. */
  readonly id: string;
  /** For people; may be empty. Erasable. */
  readonly name: string;
}

/** What the service does by itself. */
export const itself: EventActor = Object.freeze({ kind: 'system', id: 'system:warden', name: '' });

/** Where the request came from. */
export interface EventSource {
  /** Network address as it was told. Erasable. */
  readonly address: string | null;
  /** Erasable. */
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** What was done by the service itself came from nowhere. */
export const noSource: EventSource = Object.freeze({ address: null, userAgent: null, requestId: null });

export interface EventShare {
  /** UUID in the registry. */
  readonly id: string;
  /** What the token is known by: its jti or its fingerprint, never the token. */
  readonly identity: string;
  readonly type: string;
  /** Study Instance UIDs; Orthanc's id where the UID is not known. */
  readonly studies: readonly string[];
  /** PatientIDs. Erasable. */
  readonly patients: readonly string[];
}

/** Codes 0, 4, 8 and 12 of DICOM PS3.15 A.5 and FHIR AuditEvent, in words. */
export const eventOutcomes = ['success', 'minor-failure', 'serious-failure', 'major-failure'] as const;

export type EventOutcome = (typeof eventOutcomes)[number];

export const sharingWays = ['plugin', 'person', 'api'] as const;

export type SharingWay = (typeof sharingWays)[number];

/** One member of a thing that was changed. Erasable. */
export interface MemberChange {
  readonly member: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Questions of one kind that are told of together: asked within one window, of the same thing, with the same answer. */
interface Questions {
  /** How many there were. */
  readonly count: number;
  /** When the last of them came, milliseconds since the epoch; `at` tells of the first. */
  readonly until: number;
}

/** What was asked for: by the plugin, or by whom the guard saw. */
interface Access extends Questions {
  /** `patient`, `study`, `series`, `instance` or `system`. */
  readonly level: string | null;
  /** `get`, `head`, `post`, `put`, `patch`, `delete`, `options`, or `other`. */
  readonly method: string | null;
  /** Study Instance UID; Orthanc's id where the UID is not told. */
  readonly study: string | null;
  /** As the Orthanc that asked calls itself. */
  readonly serverId: string | null;
  /** Of Orthanc's routes, as `/studies/{study}/archive`. Missing: the plugin asked, or several were asked for. */
  readonly route?: string;
}

type Nothing = Readonly<Record<string, never>>;

/** What is told of each, beside who, when, where from, which share and with which outcome. Times in milliseconds since the epoch. */
interface Details {
  'share.created': {
    readonly way: SharingWay;
    /** Null: never. */
    readonly expiresAt: number | null;
    readonly notBefore: number | null;
    /** Its kind; never what opens it. */
    readonly gate: string | null;
    readonly maxOpens: number | null;
    /** Erasable. */
    readonly recipient: string | null;
    /** Code of HL7 v3 PurposeOfUse. */
    readonly purposeOfUse: string | null;
    /** In the sharer's words. Erasable. */
    readonly why: string | null;
    /** Id of the share that this one was made from. */
    readonly replaces: string | null;
  };
  'share.sent': {
    /** The link, or the code that opens it. */
    readonly what: 'link' | 'code';
    /** E-mail address. Erasable. */
    readonly to: string;
  };
  'share.opened': {
    readonly viewer: string;
    /** Tells recipients apart; opens nothing. */
    readonly session: string;
    /** False: this recipient was counted before. */
    readonly counted: boolean;
    readonly opens: number;
  };
  'share.refused': Nothing;
  'share.locked': { readonly attempts: number };
  'share.changed': { readonly changes: readonly MemberChange[] };
  'share.revoked': {
    /** In the words of who ended it. Erasable. */
    readonly why: string;
    /** The rule that ended it with others. */
    readonly ruleId: string | null;
  };
  'share.expired': Nothing;
  'revocation-rule.added': {
    readonly ruleId: string;
    readonly study: string | null;
    /** PatientID. Erasable. */
    readonly patient: string | null;
    readonly label: string | null;
    readonly keyId: string | null;
    readonly mintedBefore: number;
    /** Erasable. */
    readonly why: string;
  };
  /** The first grant to one recipient in a while: images went out. */
  'access.disclosed': Access;
  'access.granted': Access;
  /** `reason` says why. */
  'access.denied': Access;
  'profile.resolved': Questions & { readonly via: string; readonly roles: readonly string[] };
  'api-key.used': Questions & { readonly keyId: string };
  'api-key.created': {
    readonly keyId: string;
    /** Erasable. */
    readonly owner: string;
    readonly permissions: readonly string[];
    readonly labels: readonly string[];
    readonly expiresAt: number | null;
  };
  'api-key.rotated': { readonly keyId: string };
  'api-key.revoked': {
    readonly keyId: string;
    /** Erasable. */
    readonly why: string;
  };
  'roles.changed': Versioned;
  'share-policy.changed': Versioned;
  'settings.loaded': {
    /** Names of the settings that were given, without their values. */
    readonly given: readonly string[];
    /** Closed words: what is weak about them. */
    readonly weaknesses: readonly string[];
  };
  'service.started': { readonly version: string; readonly node: string };
  'service.stopped': Nothing;
  'audit.read': AuditReading;
  'audit.exported': AuditReading;
  'audit.checkpoint': {
    /** Events in the record when it was made. */
    readonly size: number;
    readonly keyId: string;
  };
  /** What was to be recorded and is not. */
  'audit.lost': {
    /** `disclosure`, `access`, `denial`. */
    readonly lane: string;
    readonly count: number;
    readonly until: number;
  };
  'audit.erased': {
    /** Events whose erasable part is gone. */
    readonly count: number;
    readonly why: string;
  };
  /** A chain was kept for as long as it was to be, and is gone but for its end. */
  'audit.expired': {
    readonly class: EventClass;
    /** `2026-11`. */
    readonly month: string;
    readonly count: number;
  };
}

interface Versioned {
  readonly version: number;
  /** The version before it; null: this is the first one. */
  readonly before: number | null;
  /** What is different, in lines. */
  readonly difference: readonly string[];
  /** Erasable. */
  readonly why: string | null;
}

interface AuditReading {
  /** `json`, `csv`, `ndjson`, `html`, `fhir`, `proof`. */
  readonly format: string;
  /** What was asked for, as `name=value`. Erasable. */
  readonly filter: string;
}

export type EventDetail<Name extends EventName> = Details[Name];

interface Common {
  /** UUIDv7. */
  readonly id: string;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly actor: EventActor;
  readonly source: EventSource;
  /** Null: it is about no share, or about one that the registry does not know. */
  readonly share: EventShare | null;
  readonly outcome: EventOutcome;
  /** Code of why, a closed word; null: nothing to tell. */
  readonly reason: string | null;
}

/** What happened, in full: nothing has to be looked up to tell it, now or in ten years. */
export type WardenEvent = {
  [Name in EventName]: Common & { readonly name: Name; readonly detail: Details[Name] };
}[EventName];
