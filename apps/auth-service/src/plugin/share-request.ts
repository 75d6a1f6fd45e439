import { orthancId } from '@warden/orthanc';
import { RESOURCE_LEVELS, type ShareResource, parseInstant, toEchoText } from '@warden/tokens';
import type { ShareRequest } from '../shares/index.js';
import { type JsonObject, WireReader, objectBody } from './wire.js';

/** A link with more studies than this is longer than what proxies and browsers carry. */
const limits = { resources: 200, id: 256, text: 1_024 };

/** DICOM PS3.5 section 9.1: digits and dots, at most 64. Leading zeros occur in the wild and are let through. */
const uid = /^[0-9]+(\.[0-9]+)*$/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/;

/**
 * Reads `PUT /tokens/{type}`. Members may be spelled with dashes, as the plugin sends them, or with underscores, as the
 * incumbent also took them. Throws `invalid-input` with all faults.
 */
export function readShareRequest(json: unknown, type: string): ShareRequest {
  const body = withDashes(objectBody(json));
  const reader = new WireReader();
  const bodyType = reader.text(body, 'type');
  if (bodyType !== null && bodyType !== type)
    reader.fault('type', 'differs from the type in the address', 'send the same, or leave it out');
  const request: ShareRequest = {
    type,
    label: plainText(reader, body, 'id'),
    serverId: plainText(reader, body, 'server-id'),
    resources: readResources(reader, body.resources),
    expiration: readExpiration(reader, body['expiration-date']),
    validityDuration: readDuration(reader, body),
  };
  reader.settle();
  return request;
}

function withDashes(object: JsonObject): JsonObject {
  const dashed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) dashed[name.replaceAll('_', '-')] = value;
  return { ...dashed, ...object };
}

function readResources(reader: WireReader, value: unknown): ShareResource[] {
  if (!Array.isArray(value)) {
    reader.fault('resources', 'is missing or not a list', 'send a JSON array of {"level", "dicom-uid", "orthanc-id"}');
    return [];
  }
  if (value.length > limits.resources) {
    reader.fault('resources', `holds more than ${limits.resources} entries`, 'mint several shares');
    return [];
  }
  return value.map((entry: unknown, index) => readResource(reader, entry, `resources[${index}]`));
}

function readResource(reader: WireReader, entry: unknown, at: string): ShareResource {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    reader.fault(at, 'is not an object', 'send {"level", "dicom-uid", "orthanc-id"}');
    return { level: 'study', dicomUid: null, orthancId: null, url: null };
  }
  const resource = withDashes(entry as JsonObject);
  const level = reader.choice(resource, 'level', RESOURCE_LEVELS, `${at}.level`);
  if (resource.level === undefined || resource.level === null) {
    reader.fault(`${at}.level`, 'is missing', `send one of ${RESOURCE_LEVELS.join(', ')}`);
  }
  const dicomUid = presence(plainText(reader, resource, 'dicom-uid', `${at}.dicom-uid`, limits.id));
  const id = presence(plainText(reader, resource, 'orthanc-id', `${at}.orthanc-id`, limits.id));
  // A patient's dicom-uid is a PatientID, which is free text (PS3.3 section C.7.1.1, VR LO).
  if (dicomUid !== null && level !== 'patient' && (dicomUid.length > 64 || !uid.test(dicomUid))) {
    reader.fault(`${at}.dicom-uid`, 'is not a DICOM unique identifier', 'send digits and dots, at most 64 characters');
  }
  if (id !== null && !orthancId.test(id)) {
    reader.fault(
      `${at}.orthanc-id`,
      'is not an Orthanc identifier',
      'send five groups of eight hexadecimal digits, as Orthanc gives it',
    );
  }
  return {
    level: level ?? 'study',
    dicomUid,
    orthancId: id,
    url: presence(plainText(reader, resource, 'url', `${at}.url`)),
  };
}

function presence(text: string | null): string | null {
  return text === '' ? null : text;
}

function plainText(
  reader: WireReader,
  object: JsonObject,
  field: string,
  at = field,
  longest = limits.text,
): string | null {
  const text = reader.text(object, field, at);
  if (text === null) return null;
  if (text.length > longest) reader.fault(at, `is longer than ${longest} characters`, 'shorten it');
  else if (control.test(text)) reader.fault(at, 'holds a control character', 'leave it out');
  else if (!text.isWellFormed()) reader.fault(at, 'is not valid Unicode', 'send well-formed text');
  return text;
}

function readExpiration(reader: WireReader, value: unknown): ShareRequest['expiration'] {
  if (value === undefined || value === null) return null;
  // Seconds since the epoch name one moment without a zone; the incumbent took them too.
  const text =
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2e10
      ? new Date(value * 1000).toISOString()
      : value;
  const instant = typeof text === 'string' ? parseInstant(text) : null;
  if (instant === null) {
    reader.fault(
      'expiration-date',
      'is not a date and time with a zone',
      'send ISO 8601 with Z or an offset, as 2030-12-31T18:00:00Z',
    );
    return null;
  }
  return { epochMs: instant.epochMs, text: toEchoText(instant.text) };
}

function readDuration(reader: WireReader, body: JsonObject): number | null {
  const value = body['validity-duration'];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && value >= 0 && Number.isInteger(value)) return value;
  reader.fault('validity-duration', 'is not a whole number of seconds', 'send a JSON number, 0 or more');
  return null;
}

/** The request as the answer repeats it: every member, null where absent, the expiry filled in. */
export function echoOf(request: ShareRequest, expiresText: string | null, validityDuration: number | null) {
  return {
    id: request.label,
    resources: request.resources.map(({ level, dicomUid, orthancId: id, url }) => ({
      'dicom-uid': dicomUid,
      'orthanc-id': id,
      url,
      level,
    })),
    type: request.type,
    'expiration-date': expiresText === null ? null : toEchoText(expiresText),
    'validity-duration': validityDuration,
  };
}
