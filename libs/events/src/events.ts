/** Everything that is told of. Closed: who reads events knows each of them. */
export const eventNames = [
  'share.created',
  'share.opened',
  'share.refused',
  'share.locked',
  'share.changed',
  'share.revoked',
  'share.expired',
] as const;

export type EventName = (typeof eventNames)[number];

export const eventActorKinds = ['user', 'api-key', 'service', 'plugin', 'recipient', 'system'] as const;

export type EventActorKind = (typeof eventActorKinds)[number];

/** Who caused it. */
export interface EventActor {
  readonly kind: EventActorKind;
  /** `keycloak:…`, `basic:…`, `key:…`; of a recipient the identity of the share. */
  readonly id: string;
  /** For people; may be empty. */
  readonly name: string;
}

/** Where the request came from. */
export interface EventSource {
  /** Network address as it was told. */
  readonly address: string | null;
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
  /** PatientIDs. */
  readonly patients: readonly string[];
}

/** Codes 0, 4, 8 and 12 of DICOM PS3.15 A.5 and FHIR AuditEvent, in words. */
export const eventOutcomes = ['success', 'minor-failure', 'serious-failure', 'major-failure'] as const;

export type EventOutcome = (typeof eventOutcomes)[number];

export const sharingWays = ['plugin', 'person', 'api'] as const;

export type SharingWay = (typeof sharingWays)[number];

/** One member of a share that was changed. */
export interface ShareChange {
  readonly member: string;
  readonly from: string | null;
  readonly to: string | null;
}

interface Common {
  /** UUIDv7. */
  readonly id: string;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly actor: EventActor;
  readonly source: EventSource;
  readonly share: EventShare;
  readonly outcome: EventOutcome;
  /** Code of why, a closed word; null: nothing to tell. */
  readonly reason: string | null;
}

/** What happened, in full: nothing has to be looked up to tell it, now or in ten years. Times in milliseconds since the epoch. */
export type WardenEvent = Common &
  (
    | {
        readonly name: 'share.created';
        readonly detail: {
          readonly way: SharingWay;
          /** Null: never. */
          readonly expiresAt: number | null;
          readonly notBefore: number | null;
          /** Its kind; never what opens it. */
          readonly gate: string | null;
          readonly maxOpens: number | null;
          readonly recipient: string | null;
          /** Code of HL7 v3 PurposeOfUse. */
          readonly purposeOfUse: string | null;
          /** In the sharer's words. */
          readonly why: string | null;
          /** Id of the share that this one was made from. */
          readonly replaces: string | null;
        };
      }
    | {
        readonly name: 'share.opened';
        readonly detail: {
          readonly viewer: string;
          /** Tells recipients apart; opens nothing. */
          readonly session: string;
          /** False: this recipient was counted before. */
          readonly counted: boolean;
          readonly opens: number;
        };
      }
    | { readonly name: 'share.refused'; readonly detail: Readonly<Record<string, never>> }
    | { readonly name: 'share.locked'; readonly detail: { readonly attempts: number } }
    | { readonly name: 'share.changed'; readonly detail: { readonly changes: readonly ShareChange[] } }
    | {
        readonly name: 'share.revoked';
        readonly detail: {
          /** In the words of who ended it. */
          readonly why: string;
          /** The rule that ended it with others. */
          readonly ruleId: string | null;
        };
      }
    | { readonly name: 'share.expired'; readonly detail: Readonly<Record<string, never>> }
  );
