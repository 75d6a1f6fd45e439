import { isLenient, requireJson } from './fhir-format.js';
import { FhirRefusal } from './fhir-refusal.js';

describe('the format of an answer', () => {
  it.each<[string | string[] | undefined, string | undefined]>([
    [undefined, undefined],
    [undefined, ''],
    [undefined, '*/*'],
    [undefined, 'text/html, application/xml;q=0.9, */*;q=0.8'],
    [undefined, 'Application/FHIR+JSON; fhirVersion=4.0'],
    [undefined, 'application/fhir+xml;q=0.9, application/json;q=0.5'],
    ['json', 'application/xml'],
    ['application/fhir+json', undefined],
    ['application/fhir json', undefined],
    ['text/json', undefined],
    [['json', 'application/json'], undefined],
  ])('_format %j and Accept %j get JSON', (format, accept) => {
    expect(() => requireJson(format, accept)).not.toThrow();
  });

  it.each<[string | string[] | undefined, string | undefined]>([
    [undefined, 'application/fhir+xml'],
    [undefined, 'text/html'],
    [undefined, 'application/fhir+json;q=0'],
    [undefined, 'application/fhir+json;q=0.000, text/turtle'],
    [undefined, 'application/fhir+json; fhirVersion=3.0'],
    ['xml', undefined],
    ['xml', 'application/json'],
    ['', undefined],
    [['json', 'xml'], undefined],
    ['application/fhir+json;fhirVersion=5.0', undefined],
  ])('_format %j and Accept %j are refused', (format, accept) => {
    expect(() => requireJson(format, accept)).toThrow(FhirRefusal);
  });
});

it.each([
  ['handling=lenient', true],
  ['return=minimal; handling="lenient"', true],
  ['respond-async, Handling = Lenient', true],
  ['handling=strict', false],
  ['nothandling=lenient', false],
  ['handling=lenient2', false],
  [undefined, false],
])('Prefer: %s is lenient: %s', (prefer, lenient) => {
  expect(isLenient(prefer)).toBe(lenient);
});
