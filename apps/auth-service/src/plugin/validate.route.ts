import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AccessRecorder, auditUnavailable } from '../audit/index.js';
import type { Caller } from '../platform/http/caller.js';
import type { LaneRoute } from '../platform/http/fast-lane.js';
import { Clock } from '../platform/time/clock.js';
import { DecisionTally, ValidateToken, type Verdict } from '../tokens/index.js';
import { readTokenQuestion } from './token-question.js';

/** Anyone who has the token may ask what it is good for; still only with credentials of their own. */
export const validateAccess = { scopes: ['plugin'], permissions: ['share'] } as const;

/** `POST /tokens/validate`: one answer for both ways in, the lane and the controller. */
@Injectable()
export class ValidateRoute implements LaneRoute {
  readonly method = 'POST';
  readonly path = '/tokens/validate';
  readonly access = validateAccess;

  constructor(
    private readonly validateToken: ValidateToken,
    private readonly tally: DecisionTally,
    private readonly recorder: AccessRecorder,
    private readonly clock: Clock,
  ) {}

  judge(body: unknown, headers: IncomingHttpHeaders, caller: Caller): Verdict {
    const question = readTokenQuestion(body, headers.token);
    let verdict = this.validateToken.execute(question);
    // The guard has recorded whom it let through, and knows more of them.
    const recorded = verdict.granted && verdict.token.edge;
    if (!recorded && !this.recorder.judged(question.access, verdict, verdict.token, caller.id, this.clock.now()))
      verdict = this.validateToken.refuse(verdict, auditUnavailable);
    this.tally.add(verdict.reason);
    return verdict;
  }

  answer(body: unknown, request: IncomingMessage, caller: Caller): { json: string; outcome: string } {
    const verdict = this.judge(body, request.headers, caller);
    return { json: `{"granted":${verdict.granted},"validity":${verdict.validity}}`, outcome: verdict.reason };
  }
}
