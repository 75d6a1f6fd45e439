import { Injectable } from '@nestjs/common';
import { type NamedThing, type ThingLevel, isPlainUid } from '@warden/orthanc';
import type { ShareToken } from '@warden/tokens';
import { DomainError } from '../platform/errors/domain-error.js';
import { Clock } from '../platform/time/clock.js';
import { ArchiveSearch, Images, type WantedParts } from '../shares/index.js';
import { TokenJudge } from '../tokens/index.js';
import { scopeOf } from './share-scope.js';
import { Whereabouts } from './whereabouts.js';

/** A match, as Orthanc spells it. */
export interface FoundThing {
  readonly ID: string;
  readonly Path: string;
  readonly Type: string;
}

const levels: readonly { readonly level: ThingLevel; readonly path: string; readonly Type: string }[] = [
  { level: 'study', path: 'studies', Type: 'Study' },
  { level: 'series', path: 'series', Type: 'Series' },
  { level: 'instance', path: 'instances', Type: 'Instance' },
];

/** Milliseconds. */
const timeLimit = 5_000;

/** Answers what a viewer posts to Orthanc, for what its share opens and nothing else. */
@Injectable()
export class AnswerViewer {
  constructor(
    private readonly judge: TokenJudge,
    private readonly images: Images,
    private readonly archive: ArchiveSearch,
    private readonly whereabouts: Whereabouts,
    private readonly clock: Clock,
  ) {}

  /** Throws `not-allowed`, `orthanc-unavailable`. */
  async lookup(text: string, id: string): Promise<FoundThing[]> {
    const token = this.require(text);
    if (!isPlainUid(id) || !this.images.configured) return [];
    const signal = AbortSignal.timeout(timeLimit);
    const found: FoundThing[] = [];
    for (const { level, path, Type } of levels) {
      const one = await this.images.resolve({ level, dicomUid: id, orthancId: null, url: null }, signal);
      if (one === null || !(await this.isInside(token, { level, by: 'orthancId', id: one.orthancId }))) continue;
      found.push({ ID: one.orthancId, Path: `/${path}/${one.orthancId}`, Type });
    }
    return found;
  }

  /** Throws `not-allowed`, `orthanc-unavailable`, and what `read` throws: the credential is judged first. */
  async find(text: string, read: () => WantedParts): Promise<readonly string[]> {
    const token = this.require(text);
    const wanted = read();
    const study: NamedThing = { level: 'study', by: 'dicomUid', id: wanted.studyInstanceUid };
    // The archive must know one such study and not two: of the other one nothing is shared.
    if (!this.archive.configured || (await this.whereabouts.find(study)) === null) return [];
    if (!(await this.isInside(token, study))) return [];
    return this.archive.parts(wanted, AbortSignal.timeout(timeLimit));
  }

  private require(text: string): ShareToken {
    const judged = this.judge.judge(text, this.clock.now(), null);
    if (judged.ok && judged.token.edge) return judged.token;
    throw new DomainError('not-allowed', 'Send the token that /forward-auth answered.');
  }

  private async isInside({ resources }: ShareToken, thing: NamedThing): Promise<boolean> {
    const named = { things: [thing] };
    if (scopeOf(named, resources, this.whereabouts).is === 'unknown') await this.whereabouts.find(thing);
    return scopeOf(named, resources, this.whereabouts).is === 'inside';
  }
}
