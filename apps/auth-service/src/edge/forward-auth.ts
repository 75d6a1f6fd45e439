import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { GuardAnswer, LaneGuard } from '../platform/http/fast-lane.js';
import { TrustedProxies } from '../platform/http/trusted-proxies.js';
import { guardPath } from './asked-request.js';
import type { EdgeRefusal, EdgeVerdict } from './edge-verdict.js';
import { JudgeRequest } from './judge-request.usecase.js';
import type { GuardQuestion } from './read-request.js';

/** `/forward-auth`, as proxies ask it: with any method, any headers of their client and no body. */
@Injectable()
export class ForwardAuth implements LaneGuard {
  readonly path = guardPath;

  constructor(
    private readonly judgeRequest: JudgeRequest,
    private readonly proxies: TrustedProxies,
  ) {}

  answer(request: IncomingMessage): GuardAnswer | Promise<GuardAnswer> {
    const { headers, method = '', url = '', socket } = request;
    const peer = socket.remoteAddress ?? '';
    // Whoever could say for himself which request it is about would be told yes.
    if (!this.proxies.trusts(peer)) return answerOf({ passed: false, status: 403, reason: 'untrusted-proxy', id: '' });
    const client = this.proxies.clientOf(peer, headers['x-forwarded-for']);
    const question: GuardQuestion = { method, url, headers, client };
    const verdict = this.judgeRequest.atOnce(question);
    // Envoy takes 200 for a yes and nothing else.
    const yes = url.length > guardPath.length ? 200 : 204;
    if (verdict !== null) return answerOf(verdict, yes);
    return this.judgeRequest.execute(question).then((later) => answerOf(later, yes));
  }
}

function answerOf(verdict: EdgeVerdict, yes = 204): GuardAnswer {
  return verdict.passed
    ? { status: yes, headers: headersOf(verdict), caller: verdict.id || null, outcome: verdict.kind }
    : { status: verdict.status, headers: refusalHeaders(verdict), caller: verdict.id || null, outcome: verdict.reason };
}

function headersOf(verdict: EdgeVerdict & { passed: true }): Record<string, string> {
  const { kind, id, name, roles, uri, upstream, credential, cookie } = verdict;
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    'x-warden-reason': 'granted',
    'x-warden-kind': kind,
    'x-warden-uri': uri,
    'x-warden-upstream': upstream,
  };
  if (id !== '') headers['x-warden-id'] = encoded(id);
  if (name !== '') headers['x-warden-name'] = encoded(name);
  if (roles.length > 0) headers['x-warden-roles'] = roles.map(encoded).join(',');
  if (credential !== null) headers[credential[0]] = credential[1];
  if (cookie !== null) headers['set-cookie'] = cookie;
  return headers;
}

/** A text of an identity provider may hold half of a surrogate pair, which nothing encodes. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function refusalHeaders({ status, reason }: EdgeRefusal): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'x-warden-reason': reason,
    // RFC 9110 section 15.5.2; no scheme for which a browser would ask its user.
    // Whoever may not ask is not listened to.
    ...(reason === 'untrusted-proxy' ? { connection: 'close' } : {}),
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="orthanc"' } : {}),
  };
}
