/** Control characters that a FHIR string cannot hold (R4 datatypes, string), and what is no character at all. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const unspeakable = /[\0-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ufffe\uffff]/g;

/** White space that the pattern of a FHIR string does not know. */
const strangeSpace = /[^\S \t\r\n]/g;

/**
 * A string of FHIR: well-formed, trimmed, at least one character. Null: nothing is left, and FHIR has no empty string.
 */
export function fhirText(value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  const text = value.toWellFormed().replace(unspeakable, '\ufffd').replace(strangeSpace, ' ').trim();
  return text === '' ? null : text;
}

/** The years that an `instant` knows. */
const firstMoment = Date.parse('0001-01-01T00:00:00.000Z');
const lastMoment = Date.parse('9999-12-31T23:59:59.999Z');

/** An `instant` of FHIR, which is a `dateTime` too: milliseconds, and always UTC. */
export function fhirInstant(moment: number): string {
  return new Date(Math.min(Math.max(moment, firstMoment), lastMoment)).toISOString();
}
