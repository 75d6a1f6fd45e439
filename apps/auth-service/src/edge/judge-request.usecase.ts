import { Injectable } from '@nestjs/common';
import type { ShareToken } from '@warden/tokens';
import { auditUnavailable } from '../audit/index.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { Clock } from '../platform/time/clock.js';
import { type JudgedToken, TokenJudge, TokenSightings } from '../tokens/index.js';
import { type EdgeReason, type EdgeRefusal, type EdgeVerdict, pass, refuse } from './edge-verdict.js';
import { InternalTokens } from './internal-tokens.js';
import { LetUserIn } from './let-user-in.js';
import { type GuardQuestion, type ReadRequest, isAnsweredHere, isPublic, isRead, readRequest } from './read-request.js';
import { RecordRequest } from './record-request.js';
import { shareProblem } from './share-problem.js';
import type { ShownCredential } from './shown-credential.js';
import { ViewerVisits } from './viewer-visits.js';
import { Whereabouts } from './whereabouts.js';

export abstract class GuardRules {
  /** Paths beneath which Orthancs are, each with slashes at both ends; the longest first. */
  abstract readonly roots: readonly string[];
}

/** What a token can be that is none of a share: then it may be a user's. */
const notAShare = new Set<EdgeReason>(['malformed', 'unsupported-algorithm', 'bad-signature', 'too-long']);

/** What is shown was a key once, or will be: another one helps. */
const dead = new Set<EdgeReason>([
  'expired',
  'not-yet-valid',
  'revoked',
  'ended',
  'unregistered',
  'gated',
  'unknown-type',
  'anonymized',
]);

/** Of the archive, about one request: a search may name many studies. */
const mostQuestions = 50;

/** Refusals that may pass in a moment, whatever is shown. */
const notNow = new Set<EdgeReason>(['revocations-loading', 'revocations-stale']);

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
    private readonly record: RecordRequest,
    private readonly sightings: TokenSightings,
    private readonly users: LetUserIn,
    private readonly rules: GuardRules,
    private readonly clock: Clock,
  ) {}

  /** From memory. Null: somebody else has to be asked, see {@link execute}. */
  atOnce(question: GuardQuestion): EdgeVerdict | null {
    const request = readRequest(question, this.rules.roots);
    if (!isRead(request)) {
      const { reason, asked } = request;
      // Of what the proxy did not say there is nothing to tell.
      if (asked !== null) this.record.refused(request, reason, null, question);
      return refuse(403, reason);
    }
    const { shown } = request;
    // A cookie goes along with everything: an old one must not close what is open to all.
    if (shown === null || (shown.as === 'cookie' && isPublic(request)))
      return isPublic(request) ? pass(request, { kind: 'public' }) : refuse(401, 'no-credential');
    const judged = this.judged(shown, question);
    return mayBeUser(judged, shown) ? null : this.share(request, judged, question);
  }

  /** The verdict, whoever has to be asked for it. */
  async execute(question: GuardQuestion): Promise<EdgeVerdict> {
    const request = readRequest(question, this.rules.roots);
    if (!isRead(request) || request.shown === null) return this.atOnce(question) ?? refuse(403, 'no-request');
    const judged = this.judged(request.shown, question);
    if (mayBeUser(judged, request.shown)) return this.users.execute(request, request.shown, question);
    if (judged.ok && !(await this.learn(request, judged.token)))
      return this.refuseShare(request, 'archive-unavailable', judged.token, question);
    return this.atOnce(question) ?? this.refuseShare(request, 'archive-unavailable', judged.token, question);
  }

  private judged({ text }: ShownCredential, { headers }: GuardQuestion): JudgedToken {
    return this.judge.judge(text, this.clock.now(), null, (token) => this.visits.goesOnUntil(token, headers));
  }

  /** Null: the archive has to be asked. */
  private share(request: ReadRequest, judged: JudgedToken, question: GuardQuestion): EdgeVerdict | null {
    const { token } = judged;
    const refuseIt = (reason: EdgeReason) => this.refuseShare(request, reason, token, question);
    if (!judged.ok) return refuseIt(judged.reason);
    if (judged.token.edge) return refuseIt('internal-token');
    if (!this.visits.isOwn(judged.token, question.headers)) return refuseIt('other-session');
    if (isPublic(request)) return pass(request, { kind: 'public' });
    const problem = shareProblem(request, judged.token, this.whereabouts);
    if (problem === null) return this.letIn(request, judged, question);
    if (typeof problem === 'string') return refuseIt(problem);
    return this.whereabouts.configured ? null : refuseIt('archive-needed');
  }

  private letIn(request: ReadRequest, judged: JudgedToken & { ok: true }, question: GuardQuestion): EdgeVerdict {
    const { token, endsAt } = judged;
    const now = this.clock.now();
    if (!this.record.granted(request, token, question)) return refuse(403, auditUnavailable, token.identity);
    this.sightings.seen(token);
    return pass(request, {
      kind: 'share',
      id: token.parent?.identity ?? token.identity,
      credential: ['token', this.internal.for(token, endsAt, now)],
      upstream: isAnsweredHere(request) ? 'auth-service' : 'orthanc',
      cookie: this.visits.stampFor(token, question.headers, now),
    });
  }

  /** Asks the archive what a request is about. False: it cannot be told now. */
  private async learn(request: ReadRequest, token: ShareToken): Promise<boolean> {
    try {
      for (let asked = 0; asked < mostQuestions; asked++) {
        const problem = shareProblem(request, token, this.whereabouts);
        if (problem === null || typeof problem === 'string') return true;
        await this.whereabouts.find(problem);
      }
      return false;
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  }

  private refuseShare(
    request: ReadRequest,
    reason: EdgeReason,
    token: ShareToken | null,
    question: GuardQuestion,
  ): EdgeRefusal {
    this.record.refused(request, reason, token, question);
    const over = !notNow.has(reason) && (token === null || dead.has(reason));
    return refuse(over ? 401 : 403, reason, token?.identity);
  }
}

/** Where a user's credential stands, and it is no share of ours. */
function mayBeUser(judged: JudgedToken, { as }: ShownCredential): boolean {
  return !judged.ok && as !== 'token' && as !== 'cookie' && notAShare.has(judged.reason);
}
