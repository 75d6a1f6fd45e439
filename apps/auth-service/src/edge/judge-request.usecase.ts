import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import {
  type Address,
  type MatchedRoute,
  RouteTable,
  addressText,
  answeredHere,
  decodePath,
  isPlainPath,
  mayReachAdministration,
  readAddress,
  readRoutes,
  searchedStudies,
} from '@warden/orthanc';
import { holds } from '@warden/permissions';
import type { ShareToken } from '@warden/tokens';
import { AccessRecorder, auditUnavailable } from '../audit/index.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { Callers } from '../users/index.js';
import { crossSiteRefusal } from '../platform/http/cross-site.js';
import { Clock } from '../platform/time/clock.js';
import { type JudgedToken, type Refusal, TokenJudge } from '../tokens/index.js';
import { type AskedRequest, askedRequest } from './asked-request.js';
import { mayGive } from './download-rules.js';
import type { EdgePass, EdgeReason, EdgeRefusal, EdgeVerdict } from './edge-verdict.js';
import { InternalTokens } from './internal-tokens.js';
import { scopeOf, searchesInside } from './share-scope.js';
import { type ShownCredential, shownCredential } from './shown-credential.js';
import { ViewerVisits } from './viewer-visits.js';
import { Whereabouts } from './whereabouts.js';

/** What a proxy asks, and where its client is. */
export interface GuardQuestion {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly client: string;
}

export abstract class GuardRules {
  /** Paths beneath which Orthancs are, each with slashes at both ends; the longest first. */
  abstract readonly roots: readonly string[];
}

/** Characters of an address: of a viewer's pages, whose arguments may name many studies, and of all else. */
const longest = { page: 64 * 1024, other: 8 * 1024 };

const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;

/** What a token can be that is none of a share: then it may be a user's. */
const notAShare = new Set<Refusal>(['malformed', 'unsupported-algorithm', 'bad-signature', 'too-long']);

/** Faults of a token that is over, or was none: showing another one helps. The others pass, or are about what is asked. */
const notNow = new Set<EdgeReason>(['revocations-loading', 'revocations-stale']);

const table = new RouteTable(readRoutes);

/** A request that can be read in one way only, and names its credential. */
interface ReadRequest {
  readonly asked: AskedRequest;
  readonly address: Address;
  /** Orthanc's own. */
  readonly path: string;
  readonly route: MatchedRoute | null;
  readonly shown: ShownCredential | null;
}

/**
 * Says whether a request that a proxy holds may go on to Orthanc, and as what: method, address and credential together. What
 * is not known to be harmless is refused. See docs/adr/0012.
 */
@Injectable()
export class JudgeRequest {
  constructor(
    private readonly judge: TokenJudge,
    private readonly whereabouts: Whereabouts,
    private readonly internal: InternalTokens,
    private readonly visits: ViewerVisits,
    private readonly recorder: AccessRecorder,
    private readonly callers: Callers,
    private readonly rules: GuardRules,
    private readonly clock: Clock,
  ) {}

  /** From memory. Null: somebody else has to be asked, see {@link execute}. */
  atOnce(question: GuardQuestion): EdgeVerdict | null {
    const read = this.read(question);
    if (typeof read === 'string') return refuse(403, read);
    const { shown } = read;
    if (shown === null) return this.nobody(read);
    const now = this.clock.now();
    const judged = this.judged(shown, question, now);
    if (!judged.ok && mayBeUser(judged.reason, shown)) return null;
    return this.share(read, judged, question, now);
  }

  /** The verdict, whoever has to be asked for it. Never throws. */
  async execute(question: GuardQuestion): Promise<EdgeVerdict> {
    const first = this.atOnce(question);
    if (first !== null) return first;
    const read = this.read(question);
    if (typeof read === 'string' || read.shown === null) return refuse(403, 'no-request');
    const { shown } = read;
    const judged = this.judged(shown, question, this.clock.now());
    if (!judged.ok && mayBeUser(judged.reason, shown)) return this.user(read, shown, question);
    const problem = await this.learn(read, judged);
    if (problem !== null) return this.refuseShare(read, problem, judged.token, question);
    return this.atOnce(question) ?? refuse(403, 'archive-unavailable');
  }

  private judged({ text }: ShownCredential, { headers }: GuardQuestion, now: number): JudgedToken {
    return this.judge.judge(text, now, null, (token) => this.visits.goesOnUntil(token, headers));
  }

  private read({ method, url, headers }: GuardQuestion): ReadRequest | EdgeReason {
    const asked = askedRequest(method, url, headers);
    if (typeof asked === 'string') return asked;
    const { uri } = asked;
    if (uri.length > longest.page) return 'uri-too-long';
    const address = readAddress(uri);
    if (typeof address === 'string') return address;
    const root = this.rules.roots.find((one) => address.path.startsWith(one));
    if (root === undefined) return 'unguarded-path';
    const path = address.path.slice(root.length - 1);
    const plain = isPlainPath(path);
    const route = plain ? table.match(path) : null;
    if (uri.length > longest.other && route?.route.gives !== 'page') return 'uri-too-long';
    if (overrides.some((name) => headers[name] !== undefined)) return 'method-override';
    if (address.query.some(({ name }) => name.toLowerCase() === '_method')) return 'method-override';
    const shown = shownCredential(headers, address.query);
    if (shown === 'several-credentials') return shown;
    return { asked, address, path, route, shown };
  }

  private nobody(read: ReadRequest): EdgeVerdict {
    return isPublic(read) ? pass(read, { kind: 'public' }) : refuse(401, 'no-credential');
  }

  /** Null: the archive has to be asked. */
  private share(read: ReadRequest, judged: JudgedToken, question: GuardQuestion, now: number): EdgeVerdict | null {
    if (!judged.ok) {
      return this.refuseShare(read, judged.reason, judged.token, question);
    }
    const { token } = judged;
    if (token.edge) return refuse(403, 'internal-token');
    if (!this.visits.isOwn(token, question.headers)) return this.refuseShare(read, 'other-session', token, question);
    if (isPublic(read)) return pass(read, { kind: 'public' });
    const problem = this.problemOf(read, token);
    if (problem === 'ask') {
      if (this.whereabouts.configured) return null;
      return this.refuseShare(read, 'archive-needed', token, question);
    }
    if (problem !== null) return this.refuseShare(read, problem, token, question);
    if (!this.record(read, true, 'granted', token, question)) return refuse(403, auditUnavailable, token.identity);
    const credential = ['token', this.internal.for(token, judged.endsAt, now)] as const;
    return pass(read, {
      kind: 'share',
      id: token.parent?.identity ?? token.identity,
      credential,
      upstream: isAnsweredHere(read) ? 'auth-service' : 'orthanc',
      cookie: this.visits.stampFor(token, question.headers, now),
    });
  }

  /** `ask`: the archive knows. */
  private problemOf(read: ReadRequest, token: ShareToken): EdgeReason | 'ask' | null {
    const { asked, address, path, route } = read;
    if (isAnsweredHere(read)) return null;
    if (asked.method !== 'GET' && asked.method !== 'HEAD') return 'write-refused';
    if (!isPlainPath(path)) return 'ambiguous-path';
    if (route === null) return 'unknown-route';
    if (!mayGive(route.route.gives, token)) return 'download-refused';
    const { resources } = token;
    if (route.route.search === true) {
      const studies = searchedStudies(address.query);
      if (studies === null) return 'open-search';
      return searchesInside(studies, resources) ? null : 'outside-grant';
    }
    const scope = scopeOf(route, resources, this.whereabouts);
    if (scope.is === 'unknown') return 'ask';
    return scope.is === 'inside' ? null : 'outside-grant';
  }

  /** Asks the archive what a path is about. Null: it is known now. */
  private async learn({ route }: ReadRequest, judged: JudgedToken): Promise<EdgeReason | null> {
    if (route === null || !judged.ok) return null;
    const scope = scopeOf(route, judged.token.resources, this.whereabouts);
    if (scope.is !== 'unknown') return null;
    try {
      await this.whereabouts.find(scope.thing);
      return null;
    } catch (error) {
      if (error instanceof DomainError) return 'archive-unavailable';
      throw error;
    }
  }

  /** A verified credential passes; what it may do in Orthanc, the plugin judges. */
  private async user(read: ReadRequest, shown: ShownCredential, question: GuardQuestion): Promise<EdgeVerdict> {
    const name = shown.as === 'api-key' ? 'api-key' : 'authorization';
    const value = shown.as === 'bearer' ? `Bearer ${shown.text}` : shown.text;
    // A browser adds a password to whatever any page makes it send.
    if (
      shown.as === 'basic' &&
      crossSiteRefusal(read.asked.method, { ...question.headers, [name]: value }) !== undefined
    )
      return refuse(403, 'cross-site');
    let caller;
    try {
      caller = await this.callers.resolve({ [name]: value });
    } catch (error) {
      if (error instanceof DomainError) return refuse(403, 'identity-unavailable');
      throw error;
    }
    if (caller === null || caller.via === 'nothing') return refuse(401, 'not-a-user');
    const { id, permissions, roles } = caller;
    // USERS holds machines too: the plugin, the landing page.
    if (caller.via === 'basic' && !holds(permissions, 'view')) return refuse(403, 'not-a-user', id);
    if (mayReachAdministration(read.path) && !holds(permissions, 'admin-permissions'))
      return refuse(403, 'administrators-only', id);
    return pass(read, { kind: 'user', id, name: caller.name, roles, credential: [name, value] });
  }

  private refuseShare(
    read: ReadRequest,
    reason: EdgeReason,
    token: ShareToken | null,
    question: GuardQuestion,
  ): EdgeRefusal {
    this.record(read, false, reason, token, question);
    return refuse(isOver(reason, token) ? 401 : 403, reason, token?.identity);
  }

  /** False: it cannot be recorded, and must not be given. */
  private record(
    read: ReadRequest,
    granted: boolean,
    reason: EdgeReason | 'granted',
    token: ShareToken | null,
    { client, headers }: GuardQuestion,
  ): boolean {
    const { asked, address, route } = read;
    const study = route?.things.find(({ level }) => level === 'study');
    const [searched] = route?.route.search === true ? (searchedStudies(address.query) ?? []) : [];
    const named = study === undefined ? undefined : study.id;
    return this.recorder.judged(
      {
        level: study !== undefined || searched !== undefined ? 'study' : (route?.things[0]?.level ?? null),
        method: asked.method.toLowerCase(),
        dicomUid: study?.by === 'orthancId' ? null : (named ?? searched ?? null),
        orthancId: study?.by === 'orthancId' ? study.id : null,
        serverId: null,
      },
      { granted, reason },
      token,
      'guard',
      this.clock.now(),
      {
        address: client,
        userAgent: headers['user-agent'] ?? null,
        route: route?.route.path ?? (isAnsweredHere(read) ? read.path : null),
      },
    );
  }
}

const readable = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** The same for everybody, and what reads a token that is in its body. */
function isPublic({ asked: { method }, path, route }: ReadRequest): boolean {
  if (method === 'POST') return path === decodePath;
  return readable(method) && route?.route.gives === 'page';
}

function isAnsweredHere({ asked: { method }, path }: ReadRequest): boolean {
  return method === 'POST' && answeredHere.some((one) => one === path);
}

/** Where a user's credential stands, and it is no share of ours. */
function mayBeUser(reason: Refusal, { as }: ShownCredential): boolean {
  return as !== 'token' && notAShare.has(reason);
}

/** The token is none, or none any more. */
function isOver(reason: EdgeReason, token: ShareToken | null): boolean {
  return !notNow.has(reason) && (token === null || deadTokens.has(reason));
}

const deadTokens = new Set<EdgeReason>([
  'expired',
  'not-yet-valid',
  'revoked',
  'ended',
  'unregistered',
  'gated',
  'unknown-type',
  'anonymized',
]);

function refuse(status: EdgeRefusal['status'], reason: EdgeReason, id = ''): EdgeRefusal {
  return { passed: false, status, reason, id };
}

function pass(read: ReadRequest, more: Pick<EdgePass, 'kind'> & Partial<Omit<EdgePass, 'passed' | 'uri'>>): EdgePass {
  const { address, path } = read;
  const query = address.query.filter(({ name }) => name !== 'token');
  const uri = addressText(more.upstream === 'auth-service' ? `/edge${path}` : path, query);
  return {
    passed: true,
    id: '',
    name: '',
    roles: [],
    upstream: 'orthanc',
    credential: null,
    cookie: null,
    ...more,
    uri,
  };
}
