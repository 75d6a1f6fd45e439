import { addressText } from '@warden/orthanc';
import type { DenialReason } from '../tokens/index.js';
import type { ReadRequest } from './read-request.js';

/** What a proxy is told: the request may go on, as it is said here and in no other way. */
export interface EdgePass {
  readonly passed: true;
  readonly kind: 'share' | 'user' | 'public';
  /** Who: of a share its identity; empty: nobody. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** The address to ask for: Orthanc's own path, and the arguments without the token. */
  readonly uri: string;
  /** Who is asked. */
  readonly upstream: 'orthanc' | 'auth-service';
  /** The header that remains of all that could be a credential; null: none. */
  readonly credential: readonly ['authorization' | 'api-key' | 'token', string] | null;
  /** For the client; null: none. */
  readonly cookie: string | null;
}

export interface EdgeRefusal {
  readonly passed: false;
  /** 401: show a credential, or one that is alive. */
  readonly status: 401 | 403;
  readonly reason: EdgeReason;
  /** Share whose token was shown; empty: none. */
  readonly id: string;
}

export type EdgeVerdict = EdgePass | EdgeRefusal;

export type EdgeReason =
  | DenialReason
  /** The one who asks is no proxy of TRUSTED_PROXIES. */
  | 'untrusted-proxy'
  /** The proxy does not say what it holds. */
  | 'no-request'
  | 'ambiguous-request'
  | 'uri-too-long'
  | 'not-an-address'
  | 'unreadable-arguments'
  | 'ambiguous-path'
  | 'method-override'
  /** Not beneath one of GUARDED_PATHS. */
  | 'unguarded-path'
  | 'no-credential'
  | 'several-credentials'
  /** It is made here for the proxy alone. */
  | 'internal-token'
  | 'unknown-route'
  /** A search that is not limited to studies of the share. */
  | 'open-search'
  /** The archive would have to be asked what a path is about, and is not configured. */
  | 'archive-needed'
  | 'archive-unavailable'
  | 'download-refused'
  /** The viewer belongs to another browser. */
  | 'other-session'
  | 'administrators-only'
  /** A page of another origin makes a browser send its user's password. */
  | 'cross-site'
  | 'identity-unavailable'
  | 'not-a-user';

export function refuse(status: EdgeRefusal['status'], reason: EdgeReason, id = ''): EdgeRefusal {
  return { passed: false, status, reason, id };
}

export function pass(
  { address, path }: Pick<ReadRequest, 'address' | 'path'>,
  more: Pick<EdgePass, 'kind'> & Partial<Omit<EdgePass, 'passed' | 'uri'>>,
): EdgePass {
  const { upstream = 'orthanc' } = more;
  const query = address.query.filter(({ name }) => name !== 'token');
  const uri = addressText(upstream === 'auth-service' ? `/edge${path}` : path, query);
  return { passed: true, id: '', name: '', roles: [], credential: null, cookie: null, ...more, upstream, uri };
}
