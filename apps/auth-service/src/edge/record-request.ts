import { searchedStudies } from '@warden/orthanc';
import type { ShareToken } from '@warden/tokens';
import { Injectable } from '@nestjs/common';
import { AccessRecorder } from '../audit/index.js';
import { Clock } from '../platform/time/clock.js';
import type { EdgeReason } from './edge-verdict.js';
import { type GuardQuestion, type ReadRequest, type UnreadRequest, isAnsweredHere, isRead } from './read-request.js';
import { Whereabouts } from './whereabouts.js';

/** Ids of a study, as far as they are known. */
interface ToldStudy {
  readonly dicomUid: string | null;
  readonly orthancId: string | null;
}

/** Takes note of what recipients ask, with where they are and what they use. */
@Injectable()
export class RecordRequest {
  constructor(
    private readonly recorder: AccessRecorder,
    private readonly whereabouts: Whereabouts,
    private readonly clock: Clock,
  ) {}

  /** False: it cannot be recorded, and must not be given. */
  granted(request: ReadRequest, token: ShareToken, question: GuardQuestion): boolean {
    return this.record(request, 'granted', token, question);
  }

  /** @param token null: no key of ours signed what was shown, or nothing was looked at */
  refused(
    request: ReadRequest | UnreadRequest,
    reason: EdgeReason,
    token: ShareToken | null,
    question: GuardQuestion,
  ): void {
    this.record(request, reason, token, question);
  }

  private record(
    request: ReadRequest | UnreadRequest,
    reason: EdgeReason | 'granted',
    token: ShareToken | null,
    { client, headers }: GuardQuestion,
  ): boolean {
    const method = (request.asked?.method ?? '').toLowerCase();
    const origin = { address: client, userAgent: headers['user-agent'] ?? null, route: routeOf(request) };
    const told = isRead(request) ? this.studiesOf(request) : [];
    const level = isRead(request) ? (request.route?.things[0]?.level ?? null) : null;
    let recorded = true;
    for (const study of told.length === 0 ? [null] : told) {
      const question = {
        level: study === null ? level : 'study',
        method,
        dicomUid: study?.dicomUid ?? null,
        orthancId: study?.orthancId ?? null,
        serverId: null,
      };
      const answer = { granted: reason === 'granted', reason };
      recorded = this.recorder.judged(question, answer, token, 'guard', this.clock.now(), origin) && recorded;
    }
    return recorded;
  }

  /** The studies that a request is about. Of a series or an instance the archive has told, or nothing is known. */
  private studiesOf({ address, route }: ReadRequest): ToldStudy[] {
    if (route === null) return [];
    if (route.route.search === true)
      return (searchedStudies(address.query) ?? []).map((dicomUid) => ({ dicomUid, orthancId: null }));
    const [outermost] = route.things;
    if (outermost === undefined) return [];
    if (outermost.level !== 'study') {
      const study = this.whereabouts.known(outermost);
      return study == null ? [] : [study];
    }
    const { by, id } = outermost;
    return [{ dicomUid: by === 'dicomUid' ? id : null, orthancId: by === 'orthancId' ? id : null }];
  }
}

function routeOf(request: ReadRequest | UnreadRequest): string | null {
  if (!isRead(request)) return null;
  return request.route?.route.path ?? (isAnsweredHere(request) ? request.path : null);
}
