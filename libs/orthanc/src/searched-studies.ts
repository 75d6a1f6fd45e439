import type { Argument } from './address.js';

/** PS3.18 section 8.3.4: a tag by its keyword or its number. Other spellings that a server might take are no search of ours. */
const studyInstanceUid = /^(?:StudyInstanceUID|0020000[Dd])$/;
const otherSpelling = /study[-_ ]?instance[-_ ]?uid|0020[-, ]?000d/i;

/** No wildcard: `*` and `?` would ask for other studies. */
const uid = /^[0-9A-Za-z._-]{1,128}$/;

/** Whether a text is a UID as archives have them, and no pattern. */
export function isPlainUid(text: string): boolean {
  return uid.test(text);
}

/** PS3.4 section C.3.4: counts of what else a patient has, which a server adds to its answer when it is asked to. */
const countsOfOthers = /NumberOfPatientRelated|0020[-, ]?120[0246]/i;

/** Whether the arguments name a study, in whatever spelling. */
export function namesStudies(query: readonly Argument[]): boolean {
  return query.some(({ name }) => otherSpelling.test(name));
}

/** Whether the arguments ask for what tells of other studies of the patient. */
export function revealsOthers(query: readonly Argument[]): boolean {
  return query.some(({ name, value }) => countsOfOthers.test(name) || countsOfOthers.test(value));
}

/**
 * The Study Instance UIDs to which a search of QIDO-RS is limited (PS3.18 section 8.3.4.1), as a list parted by commas or
 * backslashes. Null: it is not limited, or not in a way that leaves no doubt.
 */
export function searchedStudies(query: readonly Argument[]): readonly string[] | null {
  const naming = query.filter(({ name }) => otherSpelling.test(name));
  const [only] = naming;
  if (only === undefined || naming.length > 1 || !studyInstanceUid.test(only.name)) return null;
  const uids = only.value.split(/[,\\]/);
  return uids.every(isPlainUid) ? uids : null;
}
