import { FhirRefusal } from './fhir-refusal.js';

export const fhirMediaType = 'application/fhir+json; charset=utf-8';

/** R4 RESTful API, `_format`; a plus that nobody escaped is a blank in an address. */
const formats = /^(json|text\/json|application\/json|application\/fhir[+ ]json)$/;
const ranges = /^(\*\/\*|application\/\*|application\/json|application\/fhir\+json|text\/json)$/;

/**
 * Refuses whoever takes no JSON of this release of FHIR. `_format` counts before `Accept`, since a browser cannot choose that.
 * @param format as the query has it: once, several times or not at all.
 */
export function requireJson(format: string | readonly string[] | undefined, accept: string | undefined): void {
  const offered = 'only JSON of FHIR 4.0 is offered here; send application/fhir+json';
  if (format !== undefined) {
    if (![format].flat().every((one) => isAcceptable(one, formats)))
      throw new FhirRefusal(406, [{ code: 'not-supported', parameter: '_format', problem: offered }]);
  } else if (
    accept !== undefined &&
    accept.trim() !== '' &&
    !accept.split(',').some((one) => isAcceptable(one, ranges))
  )
    throw new FhirRefusal(406, [{ code: 'not-supported', parameter: 'Accept', problem: offered }]);
}

function isAcceptable(range: string, types: RegExp): boolean {
  const [type = '', ...parameters] = range
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  // R4 RESTful API, FHIR version parameter: the release of FHIR is a parameter of the media type.
  return (
    types.test(type) && !parameters.some((one) => /^q=0(\.0*)?$/.test(one) || /^fhirversion=(?!"?4\.0"?$)/.test(one))
  );
}

/** Whether what is not known here may be left out of a search (R4 search, errors). */
export function isLenient(prefer: string | readonly string[] | undefined): boolean {
  return [prefer ?? []].flat().some((one) => /(^|[,;])\s*handling\s*=\s*"?lenient"?\s*($|[,;])/i.test(one));
}
