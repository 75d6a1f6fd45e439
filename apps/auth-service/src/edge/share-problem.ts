import { type NamedThing, isPlainPath, namesStudies, revealsOthers, searchedStudies } from '@warden/orthanc';
import type { ShareToken } from '@warden/tokens';
import { mayGive } from './download-rules.js';
import type { EdgeReason } from './edge-verdict.js';
import { type ReadRequest, isAnsweredHere, reads } from './read-request.js';
import { type Scope, scopeOf, scopeOfSearch } from './share-scope.js';
import type { Whereabouts } from './whereabouts.js';

/**
 * What stands against a request of a share whose token is alive. A thing: the archive has to be asked about it. Null:
 * nothing.
 */
export function shareProblem(
  request: ReadRequest,
  token: ShareToken,
  whereabouts: Pick<Whereabouts, 'known' | 'configured'>,
): EdgeReason | NamedThing | null {
  const { asked, address, path, route } = request;
  if (isAnsweredHere(request)) return null;
  if (!reads(asked.method)) return 'write-refused';
  if (!isPlainPath(path)) return 'ambiguous-path';
  if (route === null) return 'unknown-route';
  if (!mayGive(route.route.gives, token)) return 'download-refused';
  if (revealsOthers(address.query)) return 'open-search';
  const { resources } = token;
  if (route.route.search === true || namesStudies(address.query)) {
    const studies = searchedStudies(address.query);
    if (studies === null) return 'open-search';
    const problem = problemOf(scopeOfSearch(studies, resources, whereabouts));
    if (problem !== null || route.route.search === true) return problem;
  }
  return problemOf(scopeOf(route, resources, whereabouts));
}

function problemOf(scope: Scope): EdgeReason | NamedThing | null {
  if (scope.is === 'unknown') return scope.thing;
  return scope.is === 'inside' ? null : 'outside-grant';
}
