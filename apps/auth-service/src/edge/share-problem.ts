import { isPlainPath, namesStudies, revealsOthers, searchedStudies } from '@warden/orthanc';
import type { ShareToken } from '@warden/tokens';
import { mayGive } from './download-rules.js';
import type { EdgeReason } from './edge-verdict.js';
import { type ReadRequest, isAnsweredHere, reads } from './read-request.js';
import { scopeOf, searchesInside } from './share-scope.js';
import type { Whereabouts } from './whereabouts.js';

/**
 * What stands against a request of a share whose token is alive. `ask`: the archive knows what the path is about. Null:
 * nothing.
 */
export function shareProblem(
  request: ReadRequest,
  token: ShareToken,
  whereabouts: Pick<Whereabouts, 'known'>,
): EdgeReason | 'ask' | null {
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
    if (!searchesInside(studies, resources)) return 'outside-grant';
    if (route.route.search === true) return null;
  }
  const scope = scopeOf(route, resources, whereabouts);
  if (scope.is === 'unknown') return 'ask';
  return scope.is === 'inside' ? null : 'outside-grant';
}
