import type { EventActor } from '@warden/events';
import type { ShareToken } from '@warden/tokens';
import { Lane, type Windows, within } from './access-lane.js';
import { type DisclosedThing, DisclosedThings } from './disclosed-things.js';
import { SeenOrigins, type Source } from './seen-origins.js';
import {
  type AccessOrigin,
  type Asked,
  GatheredAccess,
  type GatheredEntry,
  GatheredUse,
  OpenEntries,
  type Use,
} from './gathered-access.js';

/** What was asked, as far as it is told of. Ids that are null or empty are absent. */
export interface AccessQuestion {
  readonly level: string | null;
  readonly method: string;
  readonly dicomUid: string | null;
  readonly orthancId: string | null;
  readonly serverId: string | null;
}

export type AskedToken = Pick<ShareToken, 'identity' | 'parent' | 'resources'>;

/**
 * Bounds in entries, times in milliseconds.
 *
 * Memory, measured with node 20 and UIDs of 64 characters: 0.3 kB for a disclosure that waits, 0.3 kB for a grant, 0.5 kB
 * for a profile, 0.3 to 0.8 kB for a denial, 0.35 kB for a thing that is remembered. With the usual bounds that is 17 MB of
 * what waits at the most, and 18 MB of what is remembered. Ids of 256 characters, the longest that are kept, double it, and
 * so does what the guard sees of a client: 0.5 kB of address and browser for each entry.
 */
export interface RecorderSettings {
  /** False: nothing is gathered, and nothing is refused for it. */
  readonly recording: boolean;
  readonly disclosures: number;
  readonly grants: number;
  readonly denials: number;
  /** Things that tokens were let in to, so that the next grant is no disclosure. */
  readonly remembered: number;
  readonly grantWindowMs: number;
  readonly disclosureWindowMs: number;
  readonly denialWindowMs: number;
  readonly useWindowMs: number;
  /** What cannot be recorded is not granted. */
  readonly strict: boolean;
  /** A disclosure that has waited this long shows that none can be recorded. */
  readonly strictWaitMs: number;
}

const usual: RecorderSettings = {
  recording: true,
  disclosures: 10_000,
  grants: 20_000,
  denials: 5_000,
  remembered: 50_000,
  grantWindowMs: 10_000,
  disclosureWindowMs: 3_600_000,
  denialWindowMs: 60_000,
  useWindowMs: 300_000,
  strict: false,
  strictWaitMs: 30_000,
};

/** @param grantValidity seconds for which the plugin keeps a grant: it does not ask again before */
export function recorderSettings(
  grantValidity: number,
  { access: recording, strict }: { readonly access: boolean; readonly strict: boolean },
): Partial<RecorderSettings> {
  return { grantWindowMs: Math.max(10, grantValidity) * 1_000, recording, strict };
}

type DenialsByReason = Map<string, OpenEntries<GatheredAccess>>;
type DenialsByServer = Map<string | null, DenialsByReason>;

/** Why a grant was refused that could not be recorded. */
export const auditUnavailable = 'audit-unavailable';

/**
 * Gathers what is asked many times a second into few events, in memory. Returns at once, never throws, and is bounded;
 * three lanes, so that a flood in one costs nothing of another. Times in milliseconds since the epoch.
 */
export class AccessRecorder {
  readonly disclosures: Lane<GatheredEntry>;
  readonly accesses: Lane<GatheredEntry>;
  readonly denials: Lane<GatheredEntry>;
  private readonly settings: RecorderSettings;
  private readonly disclosed: DisclosedThings;
  private readonly origins = new SeenOrigins();
  private readonly deniedOrigins = new SeenOrigins();
  private readonly disclosureWindows: Windows<GatheredEntry>;
  private readonly grantWindows: Windows<GatheredEntry>;
  private readonly denialWindows: Windows<GatheredEntry>;
  private readonly useWindows: Windows<GatheredEntry>;
  /** By caller, server and reason, and there by the identity of the token. */
  private readonly denied = new Map<string, DenialsByServer>();
  private readonly profiles = new Map<string, OpenEntries<GatheredUse>>();
  private readonly keys = new OpenEntries<GatheredUse>();

  constructor(settings: Partial<RecorderSettings> = {}) {
    this.settings = { ...usual, ...settings };
    const { disclosures, grants, denials, grantWindowMs, denialWindowMs, useWindowMs } = this.settings;
    this.disclosures = new Lane('disclosure', disclosures);
    this.accesses = new Lane('access', grants);
    this.denials = new Lane('denial', denials);
    this.disclosureWindows = this.disclosures.addWindows(0);
    this.grantWindows = this.accesses.addWindows(grantWindowMs);
    this.useWindows = this.accesses.addWindows(useWindowMs);
    this.denialWindows = this.denials.addWindows(denialWindowMs);
    this.disclosed = new DisclosedThings(this.settings.remembered, this.settings.disclosureWindowMs);
  }

  get lanes(): readonly Lane<GatheredEntry>[] {
    return [this.disclosures, this.accesses, this.denials];
  }

  /** False: a disclosure could not be recorded now, or none was for a while. Cheap. */
  mayGrant(at: number): boolean {
    const since = this.disclosures.waitingSince;
    return !this.disclosures.full && (since === null || at - since <= this.settings.strictWaitMs);
  }

  /**
   * Takes note of an answer that is about to be given.
   * @param token null: no key of ours signed what was shown, if anything was
   * @param asker id of the caller
   * @param origin null: the plugin asked, which does not say where its user is
   * @returns false, with `strict` only: the grant cannot be recorded and must not be given; the refusal is noted already
   */
  judged(
    question: AccessQuestion,
    answer: { readonly granted: boolean; readonly reason: string },
    token: AskedToken | null,
    asker: string,
    at: number,
    origin: AccessOrigin | null = null,
  ): boolean {
    if (!this.settings.recording) return true;
    // Nothing is granted without a token.
    if (!answer.granted || token === null) this.refused(question, answer.reason, token, asker, at, origin);
    else if (!this.granted(question, token, asker, at, origin)) {
      this.refused(question, auditUnavailable, token, asker, at, origin);
      return false;
    }
    return true;
  }

  /** @param roles of the user, configured or not */
  profileResolved(actor: EventActor, via: string, roles: readonly string[], at: number): void {
    let open = this.profiles.get(via);
    if (open === undefined)
      this.profiles.set(via, (open = new OpenEntries<GatheredUse>(() => this.profiles.delete(via))));
    this.used(open, actor.id, actor, { name: 'profile.resolved', via, roles }, at);
  }

  /** @param keyId UUID of a key of this service */
  apiKeyUsed(keyId: string, actor: EventActor, at: number): void {
    this.used(this.keys, keyId, actor, { name: 'api-key.used', keyId }, at);
  }

  /** Forgets what is remembered for no longer. To be called now and then. */
  tidy(now: number): void {
    this.disclosed.tidy(now);
  }

  /** @returns false, with `strict` only: it cannot be recorded */
  private granted(
    question: AccessQuestion,
    token: AskedToken,
    asker: string,
    at: number,
    origin: AccessOrigin | null,
  ): boolean {
    const { strict, grantWindowMs } = this.settings;
    if (strict && !this.mayGrant(at)) return false;
    const { level, serverId } = question;
    const method = methodOf(question);
    const study = studyGranted(question, token);
    const source = this.origins.of(token.identity, cut(origin), at);
    const route = origin?.route ?? null;
    const thing = this.disclosed.find(source.key, study, level, at);
    if (thing === undefined) return this.disclose(question, study, token, asker, at, source);
    const reads = method === 'get' || method === 'head';
    const open = reads ? thing.reads : thing.others;
    if (open !== null && within(open.at, at, grantWindowMs)) {
      open.again(at);
      open.agree(level, method, study, serverId === null ? null : short(serverId), route);
      return true;
    }
    if (this.accesses.full) {
      if (!strict) this.accesses.lose(at);
      return !strict;
    }
    const entry = grantOf('access.granted', question, study, token, asker, at, source, thing);
    if (reads) thing.reads = entry;
    else thing.others = entry;
    this.grantWindows.open(entry);
    return true;
  }

  private disclose(
    question: AccessQuestion,
    study: string | null,
    token: AskedToken,
    asker: string,
    at: number,
    source: Source,
  ): boolean {
    // Not remembered when it is lost: the next one may be told.
    if (this.disclosures.full) {
      this.disclosures.lose(at);
      return true;
    }
    this.disclosed.add(source.key, study, question.level, at);
    this.disclosureWindows.open(grantOf('access.disclosed', question, study, token, asker, at, source, null));
    return true;
  }

  private refused(
    question: AccessQuestion,
    reason: string,
    token: AskedToken | null,
    asker: string,
    at: number,
    origin: AccessOrigin | null,
  ): void {
    const { level } = question;
    const method = methodOf(question);
    const serverId = question.serverId === null ? null : short(question.serverId);
    const study = studyAsked(question);
    // What was signed by no key of ours is one thing, however many texts there are.
    const identity = token?.identity ?? '';
    // What is seen of a client tells its requests apart: one study is not another, nor one method.
    const source = this.deniedOrigins.of(identity, cut(origin), at, `${method} ${study ?? ''}`);
    const { key } = source;
    const route = origin?.route ?? null;
    const open = this.denied.get(asker)?.get(serverId)?.get(reason)?.get(key);
    if (open !== undefined && within(open.at, at, this.settings.denialWindowMs)) {
      open.again(at);
      open.agree(level, method, study, serverId, route);
      return;
    }
    if (this.denials.full) {
      this.denials.lose(at);
      return;
    }
    const home = this.homeOfDenials(asker, serverId, reason);
    const asked: Asked = { level, method, study, serverId, route };
    const share = token === null ? '' : shareOf(token);
    const entry = new GatheredAccess(at, 'access.denied', reason, key, share, asker, asked, source.origin, home);
    home.add(entry);
    this.denialWindows.open(entry);
  }

  private homeOfDenials(asker: string, serverId: string | null, reason: string): OpenEntries<GatheredAccess> {
    let servers = this.denied.get(asker);
    if (servers === undefined) this.denied.set(asker, (servers = new Map() as DenialsByServer));
    let reasons = servers.get(serverId);
    if (reasons === undefined) servers.set(serverId, (reasons = new Map() as DenialsByReason));
    let home = reasons.get(reason);
    if (home === undefined) reasons.set(reason, (home = new OpenEntries(() => this.prune(asker, serverId, reason))));
    return home;
  }

  private prune(asker: string, serverId: string | null, reason: string): void {
    const servers = this.denied.get(asker);
    const reasons = servers?.get(serverId);
    reasons?.delete(reason);
    if (reasons?.size === 0) servers?.delete(serverId);
    if (servers?.size === 0) this.denied.delete(asker);
  }

  private used(home: OpenEntries<GatheredUse>, key: string, actor: EventActor, use: Use, at: number): void {
    if (!this.settings.recording) return;
    const open = home.get(key);
    if (open !== undefined && within(open.at, at, this.settings.useWindowMs)) {
      open.again(at);
      return;
    }
    if (this.accesses.full) {
      this.accesses.lose(at);
      return;
    }
    const entry = new GatheredUse(at, key, actor, use, home);
    home.add(entry);
    this.useWindows.open(entry);
  }
}

function grantOf(
  name: 'access.disclosed' | 'access.granted',
  question: AccessQuestion,
  study: string | null,
  token: AskedToken,
  asker: string,
  at: number,
  { key, origin }: Source,
  thing: DisclosedThing | null,
): GatheredAccess {
  const { level, serverId } = question;
  const method = methodOf(question);
  const route = origin?.route ?? null;
  const asked: Asked = { level, method, study, serverId: serverId === null ? null : short(serverId), route };
  return new GatheredAccess(at, name, null, key, shareOf(token), asker, asked, origin, thing);
}

/** A viewer's token is told of as the share that it was given for. */
function shareOf({ identity, parent }: AskedToken): string {
  return parent?.identity ?? identity;
}

/** Null: it is not told which study it is about. A PatientID is no study, and is not told as one. */
function studyAsked({ level, dicomUid, orthancId }: AccessQuestion): string | null {
  if (level !== 'study') return null;
  const id = dicomUid || orthancId;
  return id ? short(id) : null;
}

/** Of what was granted the token knows more: the UID beside Orthanc's id, and which of its things are studies. */
function studyGranted(question: AccessQuestion, { resources }: AskedToken): string | null {
  const { level, dicomUid, orthancId } = question;
  if (level === 'study' && dicomUid) return short(dicomUid);
  if (level !== 'study' && level !== null) return null;
  const granted = resources.find(
    (one) =>
      one.level === 'study' &&
      ((dicomUid && one.dicomUid === dicomUid) || (orthancId && one.orthancId === orthancId) || false),
  );
  const id = granted === undefined ? studyAsked(question) : granted.dicomUid || orthancId || dicomUid;
  return id ? short(id) : null;
}

/** Characters of an id that are told; a longer one is none of DICOM or Orthanc. */
const longest = 256;

/** A cut text of its own: a slice would keep the whole one in memory. */
function short(text: string): string {
  return text.length <= longest ? text : Buffer.from(text.slice(0, longest)).toString();
}

function cut(origin: AccessOrigin | null): AccessOrigin | null {
  if (origin?.userAgent == null || origin.userAgent.length <= longest) return origin;
  return { ...origin, userAgent: short(origin.userAgent) };
}

const methods: readonly string[] = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'];

/** Others are whatever somebody thinks of, and told of as one. */
function methodOf({ method }: AccessQuestion): string {
  return methods.includes(method) ? method : 'other';
}
