import type { Gathered } from './access-lane.js';
import { within } from './access-lane.js';
import type { GatheredAccess, Home } from './gathered-access.js';

/** A study, or what is asked for on a level that is none of a study, of which one token has been told to be let in. */
export class DisclosedThing implements Home {
  /** Open entry of reading. */
  reads: GatheredAccess | null = null;
  /** Open entry of all else. */
  others: GatheredAccess | null = null;

  constructor(
    readonly token: TokenThings,
    readonly study: string | null,
    readonly level: string | null,
    readonly disclosedAt: number,
  ) {}

  remove(entry: Gathered): void {
    if (this.reads === entry) this.reads = null;
    else if (this.others === entry) this.others = null;
  }
}

/**
 * Of one token, which is for one thing most of the time. Maps within maps: texts that were joined to one key could be
 * mistaken for others.
 */
class TokenThings {
  private only: DisclosedThing | null = null;
  private studies: Map<string, DisclosedThing> | null = null;
  private levels: Map<string | null, DisclosedThing> | null = null;

  constructor(readonly identity: string) {}

  get(study: string | null, level: string | null): DisclosedThing | undefined {
    const { only } = this;
    if (only?.study === study && (study !== null || only.level === level)) return only;
    return study === null ? this.levels?.get(level) : this.studies?.get(study);
  }

  /** Takes the place of what was disclosed of the same thing before. */
  set(thing: DisclosedThing): void {
    const { study, level } = thing;
    const before = this.get(study, level);
    if (before === this.only || (this.only === null && before === undefined)) this.only = thing;
    else if (study === null) (this.levels ??= new Map()).set(level, thing);
    else (this.studies ??= new Map()).set(study, thing);
  }

  /** Does nothing when another one took its place. */
  delete(thing: DisclosedThing): void {
    const { study, level } = thing;
    if (this.get(study, level) !== thing) return;
    if (this.only === thing) this.only = null;
    else if (study === null) this.levels?.delete(level);
    else this.studies?.delete(study);
  }

  get empty(): boolean {
    return this.only === null && (this.studies?.size ?? 0) === 0 && (this.levels?.size ?? 0) === 0;
  }
}

/**
 * What was disclosed to which token lately. Bounded: what was forgotten before its time is disclosed anew, which tells
 * more than has to be told and never less.
 */
export class DisclosedThings {
  private readonly tokens = new Map<string, TokenThings>();
  /** In the order of disclosure; some have been disclosed again since. */
  private order: DisclosedThing[] = [];
  private gone = 0;

  constructor(
    private readonly bound: number,
    private readonly windowMs: number,
  ) {}

  /** Undefined: not disclosed, or not lately. */
  find(identity: string, study: string | null, level: string | null, at: number): DisclosedThing | undefined {
    const thing = this.tokens.get(identity)?.get(study, level);
    return thing !== undefined && within(thing.disclosedAt, at, this.windowMs) ? thing : undefined;
  }

  add(identity: string, study: string | null, level: string | null, at: number): void {
    if (this.order.length - this.gone >= this.bound) this.forgetFirst();
    let token = this.tokens.get(identity);
    if (token === undefined) this.tokens.set(identity, (token = new TokenThings(identity)));
    const thing = new DisclosedThing(token, study, level, at);
    token.set(thing);
    this.order.push(thing);
  }

  /** Lets go of what was disclosed too long ago. */
  tidy(now: number): void {
    for (let first = this.order[this.gone]; first !== undefined; first = this.order[this.gone]) {
      if (within(first.disclosedAt, now, this.windowMs)) return;
      this.forgetFirst();
    }
  }

  private forgetFirst(): void {
    const thing = this.order[this.gone++] as DisclosedThing;
    const { token } = thing;
    token.delete(thing);
    if (token.empty) this.tokens.delete(token.identity);
    if (this.gone > 4_096 || this.gone === this.order.length) {
      this.order = this.order.slice(this.gone);
      this.gone = 0;
    }
  }
}
