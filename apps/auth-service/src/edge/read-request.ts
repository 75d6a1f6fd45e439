import type { IncomingHttpHeaders } from 'node:http';
import {
  type Address,
  type MatchedRoute,
  RouteTable,
  answeredHere,
  decodePath,
  isPlainPath,
  readAddress,
  readRoutes,
} from '@warden/orthanc';
import { type AskedRequest, askedRequest } from './asked-request.js';
import type { EdgeReason } from './edge-verdict.js';
import { type ShownCredential, shownCredential } from './shown-credential.js';

/** What a proxy asks, and where its client is. */
export interface GuardQuestion {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly client: string;
}

/** A request that can be read in one way only, and names its credential. */
export interface ReadRequest {
  readonly asked: AskedRequest;
  readonly address: Address;
  /** Orthanc's own. */
  readonly path: string;
  /** Null: the path has more than one reading, or is not in the table. */
  readonly route: MatchedRoute | null;
  readonly shown: ShownCredential | null;
}

export interface UnreadRequest {
  readonly reason: EdgeReason;
  /** Null: the proxy did not say. */
  readonly asked: AskedRequest | null;
}

/** Characters of an address: of a viewer's pages, whose arguments may name many studies, and of all else. */
const longest = { page: 64 * 1024, other: 8 * 1024 };

const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;

const table = new RouteTable(readRoutes);

/** @param roots paths beneath which Orthancs are, each with slashes at both ends; the longest first */
export function readRequest(question: GuardQuestion, roots: readonly string[]): ReadRequest | UnreadRequest {
  const { method, url, headers } = question;
  const asked = askedRequest(method, url, headers);
  if (typeof asked === 'string') return { reason: asked, asked: null };
  const unread = (reason: EdgeReason): UnreadRequest => ({ reason, asked });
  const { uri } = asked;
  if (uri.length > longest.page) return unread('uri-too-long');
  const address = readAddress(uri);
  if (typeof address === 'string') return unread(address);
  const root = roots.find((one) => address.path.startsWith(one));
  if (root === undefined) return unread('unguarded-path');
  const path = address.path.slice(root.length - 1);
  // What is forwarded begins with the path: two slashes would make it the address of another host.
  if (path.startsWith('//')) return unread('ambiguous-path');
  const route = isPlainPath(path) ? table.match(path) : null;
  if (uri.length > longest.other && route?.route.gives !== 'page') return unread('uri-too-long');
  if (overrides.some((name) => headers[name] !== undefined)) return unread('method-override');
  if (address.query.some(({ name }) => name.toLowerCase() === '_method')) return unread('method-override');
  const shown = shownCredential(headers, address.query);
  if (shown === 'several-credentials') return unread(shown);
  return { asked, address, path, route, shown };
}

export function isRead(request: ReadRequest | UnreadRequest): request is ReadRequest {
  return 'path' in request;
}

export const reads = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** The same for everybody, and what reads a token that is in its body. */
export function isPublic({ asked: { method }, path, route }: ReadRequest): boolean {
  if (method === 'POST') return path === decodePath;
  return reads(method) && route?.route.gives === 'page';
}

/** Only the body tells what it asks: this service answers in Orthanc's place. */
export function isAnsweredHere({ asked: { method }, path }: ReadRequest): boolean {
  return method === 'POST' && answeredHere.some((one) => one === path);
}
