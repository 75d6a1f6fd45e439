import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { LaneRoute } from '../platform/http/fast-lane.js';
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
  ) {}

  judge(body: unknown, headers: IncomingHttpHeaders): Verdict {
    const verdict = this.validateToken.execute(readTokenQuestion(body, headers.token));
    this.tally.add(verdict.reason);
    return verdict;
  }

  answer(body: unknown, request: IncomingMessage): { json: string; outcome: string } {
    const verdict = this.judge(body, request.headers);
    return { json: `{"granted":${verdict.granted},"validity":${verdict.validity}}`, outcome: verdict.reason };
  }
}
