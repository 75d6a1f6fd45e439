import type { MatchedRoute, NamedThing } from '@warden/orthanc';
import type { ShareResource } from '@warden/tokens';
import type { StudyOfThing, Whereabouts } from './whereabouts.js';

/** `unknown`: the path does not say enough, and the archive has to be asked about `thing`. */
export type Scope = { readonly is: 'inside' | 'outside' } | { readonly is: 'unknown'; readonly thing: NamedThing };

const inside: Scope = { is: 'inside' };
const outside: Scope = { is: 'outside' };

/**
 * Whether what a path names is part of what is shared, as far as the path and the archive's earlier answers tell. Orthanc
 * itself sees to it that the series of a DICOMweb path is one of its study.
 */
export function scopeOf(
  { things }: Pick<MatchedRoute, 'things'>,
  resources: readonly ShareResource[],
  whereabouts: Pick<Whereabouts, 'known' | 'configured'>,
): Scope {
  const [outermost] = things;
  if (outermost === undefined) return outside;
  const named = resources.find((resource) => isNamed(resource, things));
  // One UID may be that of two studies, of two patients; the archive alone can tell.
  const proven = named !== undefined && (outermost.by === 'orthancId' || named.level !== 'study');
  if (named !== undefined && (proven || !whereabouts.configured)) return inside;
  if (named === undefined && !resources.some((resource) => mayHold(resource, outermost))) return outside;
  const study = whereabouts.known(outermost);
  if (study === undefined) return { is: 'unknown', thing: outermost };
  return study !== null && resources.some((resource) => holds(resource, study)) ? inside : outside;
}

/** The path names the very thing that is shared. */
function isNamed({ level, dicomUid, orthancId }: ShareResource, things: readonly NamedThing[]): boolean {
  return things.some((thing) => thing.level === level && thing.id === (thing.by === 'dicomUid' ? dicomUid : orthancId));
}

/** Whether the archive could tell that it does. */
function mayHold({ level, dicomUid, orthancId }: ShareResource, thing: NamedThing): boolean {
  if (level === 'patient') return dicomUid !== null;
  if (level !== 'study') return false;
  // Two ids of one kind were compared: they differ.
  return thing.level !== 'study' || (thing.by === 'dicomUid' ? dicomUid : orthancId) === null;
}

/** As with the plugin's questions, both ids must agree where both are known. */
function holds({ level, dicomUid, orthancId }: ShareResource, study: StudyOfThing): boolean {
  if (level === 'patient') return dicomUid !== null && dicomUid === study.patientId;
  if (level !== 'study') return false;
  const differs =
    (dicomUid !== null && dicomUid !== study.dicomUid) || (orthancId !== null && orthancId !== study.orthancId);
  return !differs && (dicomUid !== null || orthancId !== null);
}

/** Whether a search is limited to studies that are shared. */
export function scopeOfSearch(
  studies: readonly string[],
  resources: readonly ShareResource[],
  whereabouts: Pick<Whereabouts, 'known' | 'configured'>,
): Scope {
  const scopes = studies.map((id) =>
    scopeOf({ things: [{ level: 'study', by: 'dicomUid', id }] }, resources, whereabouts),
  );
  return scopes.find(({ is }) => is === 'outside') ?? scopes.find(({ is }) => is === 'unknown') ?? inside;
}
