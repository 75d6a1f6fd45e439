import { Injectable } from '@nestjs/common';
import type { NamedThing } from '@warden/orthanc';
import { type ImageStudy, Images } from '../shares/index.js';
import { Clock } from '../platform/time/clock.js';

export type StudyOfThing = Pick<ImageStudy, 'orthancId' | 'dicomUid' | 'patientId'>;

/** Milliseconds for which an answer of the archive is kept: a study may be deleted and stored anew under another patient. */
const keptFor = 60_000;
/** Milliseconds for which it counts after that while the archive gives no answer: who is looking goes on. */
const countsFor = 600_000;
/** Milliseconds after which a silent archive is asked again. */
const askedAgainAfter = 5_000;
/** Answers of one half of the memory. */
const half = 20_000;
/** Milliseconds. */
const timeLimit = 3_000;

interface Known {
  readonly study: StudyOfThing | null;
  /** When the archive told. */
  readonly since: number;
  readonly until: number;
}

/** Which study a thing belongs to, as the archive tells. A viewer asks for a thousand things of one study. */
@Injectable()
export class Whereabouts {
  private recent = new Map<string, Known>();
  private older = new Map<string, Known>();
  private readonly underWay = new Map<string, Promise<StudyOfThing | null>>();

  constructor(
    private readonly images: Images,
    private readonly clock: Clock,
  ) {}

  get configured(): boolean {
    return this.images.configured;
  }

  /** From memory. Undefined: the archive has to be asked; null: it has no such thing, or several. */
  known(thing: NamedThing): StudyOfThing | null | undefined {
    const key = keyOf(thing);
    const known = this.recent.get(key) ?? this.older.get(key);
    return known !== undefined && this.clock.monotonic() < known.until ? known.study : undefined;
  }

  /** Throws `orthanc-unavailable`, unless it answered lately. */
  find(thing: NamedThing): Promise<StudyOfThing | null> {
    const key = keyOf(thing);
    const running =
      this.underWay.get(key) ??
      this.ask(thing, key)
        .catch((error: unknown) => this.earlier(key, error))
        .finally(() => this.underWay.delete(key));
    this.underWay.set(key, running);
    return running;
  }

  private async ask({ level, by, id }: NamedThing, key: string): Promise<StudyOfThing | null> {
    const resource = { level, dicomUid: null, orthancId: null, url: null, [by]: id };
    const found = await this.images.resolve(resource, AbortSignal.timeout(timeLimit));
    const study = found?.studies[0] ?? null;
    this.keep(key, study, this.clock.monotonic() + keptFor);
    return study;
  }

  /** What was a study a while ago is one still; where nothing was, something may be by now. */
  private earlier(key: string, error: unknown): StudyOfThing {
    const known = this.recent.get(key) ?? this.older.get(key);
    const now = this.clock.monotonic();
    if (known?.study == null || now >= known.since + countsFor) throw error;
    this.keep(key, known.study, now + askedAgainAfter, known.since);
    return known.study;
  }

  private keep(key: string, study: StudyOfThing | null, until: number, since = this.clock.monotonic()): void {
    if (this.recent.size >= half) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(key, { study, since, until });
  }
}

/** The first two are words of ours. */
function keyOf({ level, by, id }: NamedThing): string {
  return `${level} ${by} ${id}`;
}
