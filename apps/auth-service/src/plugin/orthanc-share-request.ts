import { DomainError, type FieldFault, invalidInput } from '../platform/errors/domain-error.js';
import type { ShareRequest } from '../shares/index.js';
import { readShareRequest } from './share-request.js';
import { type JsonObject, objectBody } from './wire.js';

const inBody = {
  ID: 'id',
  Type: 'type',
  ServerId: 'server-id',
  Resources: 'resources',
  ExpirationDate: 'expiration-date',
  ValidityDuration: 'validity-duration',
};
const inResource = { Level: 'level', DicomUid: 'dicom-uid', OrthancId: 'orthanc-id', Url: 'url' };

/**
 * Reads `PUT /auth/tokens/{type}`: Orthanc's spelling of the members, or the plugin's. Throws `invalid-input` with all
 * faults, each under the name that the caller wrote.
 */
export function readOrthancShareRequest(json: unknown, type: string): ShareRequest {
  const body = new Spelling(objectBody(json), inBody);
  const list = body.dashed.resources;
  const resources = Array.isArray(list) ? (list as unknown[]).map((one) => new Spelling(one, inResource)) : null;
  const twice = body.twice.map(givenTwice);
  const name = (field: string): string => {
    const [, index = '', member] = /^resources\[(\d+)\](?:\.(.+))?$/.exec(field) ?? [];
    if (index === '') return body.nameOf(field);
    const at = `${body.nameOf('resources')}[${index}]`;
    return member === undefined ? at : `${at}.${resources?.[Number(index)]?.nameOf(member) ?? member}`;
  };
  resources?.forEach((one, index) =>
    twice.push(...one.twice.map((member) => givenTwice(`${name(`resources[${index}]`)}.${member}`))),
  );
  try {
    const request = readShareRequest({ ...body.dashed, ...(resources && { resources: resources.map(read) }) }, type);
    // Told below, together with whatever else is wrong.
    if (twice.length > 0) throw invalidInput([]);
    return request;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid-input') throw error;
    const faults = (error.options.faults ?? []).map((one) => ({ ...one, field: name(one.field) }));
    throw invalidInput([...twice, ...faults]);
  }
}

const read = (one: Spelling): unknown => one.dashed;

function givenTwice(field: string): FieldFault {
  return { field, problem: 'is given twice, in two spellings', remedy: 'send one of them' };
}

/** An object under dashed names, and how its sender wrote each. */
class Spelling {
  readonly dashed: JsonObject;
  /** Names that the sender wrote for a member that was there already. */
  readonly twice: string[] = [];
  private readonly written = new Map<string, string>();
  private readonly orthancs: ReadonlyMap<string, string>;

  constructor(value: unknown, names: Readonly<Record<string, string>>) {
    this.orthancs = new Map(Object.entries(names).map(([orthancs, dashes]) => [dashes, orthancs]));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      // Left for the reader to refuse.
      this.dashed = value as JsonObject;
      return;
    }
    const dashed = new Map<string, unknown>();
    for (const [name, member] of Object.entries(value)) {
      const known = Object.hasOwn(names, name) ? (names[name] ?? name) : name.replaceAll('_', '-');
      if (this.written.has(known) && this.orthancs.has(known)) this.twice.push(name);
      this.written.set(known, name);
      dashed.set(known, member);
    }
    this.dashed = Object.fromEntries(dashed);
  }

  /** As the sender wrote it; of what is missing, Orthanc's name. */
  nameOf(dashes: string): string {
    return this.written.get(dashes) ?? this.orthancs.get(dashes) ?? dashes;
  }
}
