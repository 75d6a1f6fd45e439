import { parseInstant } from './instant.js';
import { type JsonObject, isJsonObject } from './json-object.js';

export const RESOURCE_LEVELS = ['patient', 'study', 'series', 'instance', 'system'] as const;

export type ResourceLevel = (typeof RESOURCE_LEVELS)[number];

/** One thing that a share gives access to. An id that is null is not known to the token. */
export interface ShareResource {
  readonly level: ResourceLevel;
  /** PatientID, or Study, Series or SOP Instance UID, by level. */
  readonly dicomUid: string | null;
  readonly orthancId: string | null;
  readonly url: string | null;
}

/** What a share token says, in one shape for all generations. Times in milliseconds since 1970. */
export interface SharePayload {
  readonly generation: 1 | 2 | 3;
  readonly label: string | null;
  readonly type: string | null;
  readonly resources: readonly ShareResource[];
  readonly anonymized: boolean;
  /** The earlier one of `expiration_date` and `exp`. */
  readonly expiresAt: number | null;
  readonly notBefore: number | null;
  readonly issuedAt: number | null;
  /** Seconds; for the record only, the expiry was computed from it at minting. */
  readonly validityDuration: number | null;
  readonly jti: string | null;
  /** No key by itself: it is exchanged for a viewer's token. */
  readonly gated: boolean;
  /** Of a viewer's token: the share that it was given for. */
  readonly parent: ParentShare | null;
  /** Made by the guard for one request after another: method and path were judged. */
  readonly edge: boolean;
  /** May be looked at and not taken away, which only the guard can tell apart. */
  readonly noArchive: boolean;
  /** Of a viewer's token: good in one browser alone, and there for longer while it is used. */
  readonly session: ViewerSession | null;
}

/** The browser that a viewer's token was given to. */
export interface ViewerSession {
  /** base64url SHA-256 of what the browser keeps. */
  readonly digest: string;
  /** Milliseconds since 1970: the latest that it can go on. */
  readonly until: number;
}

/** The share behind a viewer's token: what ends it ends the viewer. */
export interface ParentShare {
  /** What revocation and the registry know it by. */
  readonly identity: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
}

export interface NewShare {
  readonly label: string | null;
  readonly resources: readonly ShareResource[];
  readonly type: string | null;
  /** As `toTokenText` or `formatPython` write it; null = never expires. */
  readonly expirationDate: string | null;
  /** Seconds. */
  readonly validityDuration: number | null;
  readonly jti: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970, rounded up to a second. */
  readonly notBefore?: number | null;
  readonly gated?: boolean;
  readonly parent?: ParentShare | null;
  readonly edge?: boolean;
  readonly noArchive?: boolean;
  readonly session?: ViewerSession | null;
}

/** The payload of generation 3 as it is signed. A type and not an interface, so that it passes for a record. */
export type SharePayloadJson = {
  readonly id: string | null;
  readonly resources: readonly {
    readonly dicom_uid: string | null;
    readonly orthanc_id: string | null;
    readonly url: string | null;
    readonly level: ResourceLevel;
  }[];
  readonly type: string | null;
  readonly expiration_date: string | null;
  readonly validity_duration: number | null;
  readonly jti: string;
  readonly iat: number;
  readonly nbf?: number;
  readonly gated?: true;
  readonly parent?: string;
  readonly parent_iat?: number;
  readonly edge?: true;
  readonly no_archive?: true;
  readonly session?: string;
  readonly session_until?: number;
};

/** base64url of 16 bytes or of 32. */
const IDENTITY = /^(?:[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43})$/;

/** The end of what a Date can hold; a time beyond it is a mistake or an attack, not a date. */
const LAST_DATE_MS = 8.64e15;

/**
 * The payload of a new token: generation 3 in the member order of the incumbent, which can read it and ignores what
 * follows (`jti`, `iat` and what is ours alone). There is no `exp`: the expiry of a share is its `expiration_date`. Ids are written as given,
 * empty ones too.
 */
export function buildSharePayload(share: NewShare): SharePayloadJson {
  const { notBefore = null, parent = null, session = null } = share;
  return {
    id: share.label,
    resources: share.resources.map(({ dicomUid, orthancId, url, level }) => ({
      dicom_uid: dicomUid,
      orthanc_id: orthancId,
      url,
      level,
    })),
    type: share.type,
    expiration_date: share.expirationDate,
    validity_duration: share.validityDuration,
    jti: share.jti,
    iat: Math.floor(share.issuedAt / 1000),
    ...(notBefore === null ? {} : { nbf: Math.ceil(notBefore / 1000) }),
    ...(share.gated === true ? { gated: true } : {}),
    ...(parent === null ? {} : { parent: parent.identity, parent_iat: Math.floor(parent.issuedAt / 1000) }),
    ...(share.edge === true ? { edge: true } : {}),
    ...(share.noArchive === true ? { no_archive: true } : {}),
    ...(session === null ? {} : { session: session.digest, session_until: Math.floor(session.until / 1000) }),
  };
}

/**
 * Reads the payload of a share token of any generation; unknown members are ignored.
 *
 * @returns null when it is not a share, or when any member that decides something is not what it must be: a limit that
 * cannot be read must not be taken for no limit.
 */
export function parseSharePayload(json: unknown): SharePayload | null {
  if (!isJsonObject(json)) return null;
  const content = readContent(json);
  const label = readText(json['id']);
  const type = readText(json['type']);
  const anonymized = json['anonymized'] ?? false;
  const expirationDate = readExpirationDate(json['expiration_date']);
  const exp = readNumericDate(json['exp']);
  const notBefore = readNumericDate(json['nbf']);
  const issuedAt = readNumericDate(json['iat']);
  const validityDuration = json['validity_duration'] ?? null;
  const gated = json['gated'] ?? false;
  const parent = readParent(json);
  const edge = json['edge'] ?? false;
  const noArchive = json['no_archive'] ?? false;
  const session = readSession(json);
  if (content === null || label === undefined || type === undefined || typeof anonymized !== 'boolean') return null;
  if (expirationDate === undefined || exp === undefined || notBefore === undefined || issuedAt === undefined)
    return null;
  if (validityDuration !== null && !Number.isFinite(validityDuration)) return null;
  if (typeof gated !== 'boolean' || parent === undefined) return null;
  if (typeof edge !== 'boolean' || typeof noArchive !== 'boolean' || session === undefined) return null;
  return {
    generation: content.generation,
    label,
    type,
    resources: content.resources,
    anonymized,
    expiresAt: expirationDate === null ? exp : exp === null ? expirationDate : Math.min(expirationDate, exp),
    notBefore,
    issuedAt,
    validityDuration: validityDuration as number | null,
    jti: typeof json['jti'] === 'string' ? json['jti'] : null,
    gated,
    parent,
    edge,
    noArchive,
    session,
  };
}

/** Both members or neither: a viewer that does not say whose it is would outlive the end of its share. */
function readParent(json: JsonObject): ParentShare | null | undefined {
  if (!Object.hasOwn(json, 'parent') && !Object.hasOwn(json, 'parent_iat')) return null;
  const { parent } = json;
  const issuedAt = readNumericDate(json['parent_iat']);
  if (typeof parent !== 'string' || !IDENTITY.test(parent) || typeof issuedAt !== 'number') return undefined;
  return { identity: parent, issuedAt };
}

/** Both members or neither: a token that does not say whose browser it is for would open in any. */
function readSession(json: JsonObject): ViewerSession | null | undefined {
  if (!Object.hasOwn(json, 'session') && !Object.hasOwn(json, 'session_until')) return null;
  const { session: digest } = json;
  const until = readNumericDate(json['session_until']);
  if (typeof digest !== 'string' || !IDENTITY.test(digest) || typeof until !== 'number') return undefined;
  return { digest, until };
}

function readContent(json: JsonObject): Pick<SharePayload, 'generation' | 'resources'> | null {
  if (Object.hasOwn(json, 'resources')) {
    const resources = readList(json['resources'], (item) => readResource(item, item['level']));
    return resources && { generation: 3, resources };
  }
  if (Object.hasOwn(json, 'studies')) {
    const resources = readList(json['studies'], (item) => readResource(item, 'study'));
    return resources && { generation: 2, resources };
  }
  if (Object.hasOwn(json, 'dicom_uid') || Object.hasOwn(json, 'orthanc_id')) {
    const study = readResource(json, 'study');
    return study && { generation: 1, resources: [study] };
  }
  return null;
}

function readList(value: unknown, read: (item: JsonObject) => ShareResource | null): ShareResource[] | null {
  if (!Array.isArray(value)) return null;
  const resources: ShareResource[] = [];
  for (const item of value as unknown[]) {
    const resource = isJsonObject(item) ? read(item) : null;
    if (resource === null) return null;
    resources.push(resource);
  }
  return resources;
}

function readResource(json: JsonObject, level: unknown): ShareResource | null {
  const dicomUid = readText(json['dicom_uid']);
  const orthancId = readText(json['orthanc_id']);
  const url = readText(json['url']);
  if (dicomUid === undefined || orthancId === undefined || url === undefined || !isLevel(level)) return null;
  return { level, dicomUid: dicomUid || null, orthancId: orthancId || null, url };
}

function isLevel(value: unknown): value is ResourceLevel {
  return (RESOURCE_LEVELS as readonly unknown[]).includes(value);
}

// In these three, null is "absent" and undefined "not readable".

function readText(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : undefined;
}

function readExpirationDate(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? parseInstant(value)?.epochMs : undefined;
}

/** A NumericDate of RFC 7519 section 2, in seconds; the section on each claim makes a number mandatory, so null is none. */
function readNumericDate(value: unknown): number | null | undefined {
  if (value === undefined) return null;
  if (typeof value !== 'number') return undefined;
  const ms = value * 1000;
  return Math.abs(ms) <= LAST_DATE_MS ? ms : undefined;
}
