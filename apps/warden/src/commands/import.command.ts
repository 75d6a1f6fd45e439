import { setTimeout as sleep } from 'node:timers/promises';
import type { Schemas } from '@warden/auth-service-api';
import { type Keyring, type ShareToken, verifyShareToken } from '@warden/tokens';
import { type Api, connect, jsonBody } from '../api.js';
import { defineCommand, jsonOption } from '../command.js';
import { digestOf, findTokens } from '../find-tokens.js';
import { jsonText, sheet } from '../output.js';
import { largestPage, readPages } from '../page-reader.js';
import { readLines } from '../read-input.js';
import { readRequiredKeyring } from '../settings.js';
import type { Surroundings } from '../surroundings.js';

type Share = Schemas['ShareDto'];

/** Links asked about before their registration is looked for: the service lets 1,000 wait, those of its own traffic among them. */
const batchSize = 250;
/** Questions under way at a time. */
const atOnce = 4;
/** How often, and how long apart, the registry is asked whether a batch has arrived. */
const looks = { times: 40, apartMs: 250 };

interface Candidate {
  readonly text: string;
  readonly token: ShareToken;
}

interface Counts {
  found: number;
  registered: number;
  alreadyKnown: number;
  expired: number;
  notOurs: number;
  /** Signed with a key of ours, but the service does not take it: see what is said beside the counts. */
  notAccepted: number;
  /** The service took it, and the registry does not show it. */
  notConfirmed: number;
}

export const importLinks = defineCommand({
  name: 'import',
  summary: 'Enters links that orthanc-auth-service minted into the registry, so that they can be seen and ended.',
  notes: [
    'FILE (- for stdin) is a list of tokens or addresses, or its log as it is: whatever looks like a token is looked at.',
    'Needs SECRET_KEY, the key that signed them, and credentials with admin-permissions and share. No token is printed.',
  ],
  operands: ['FILE'],
  options: { json: jsonOption },
  async run({ json }, [file = ''], surroundings) {
    const keyring = readRequiredKeyring(surroundings);
    const api = connect(surroundings);
    const { counts, candidates } = await readCandidates(file, keyring, surroundings);

    const unknown = await leaveOutKnown(api, candidates);
    counts.alreadyKnown = candidates.size - unknown.size;
    const waiting = [...unknown.values()];
    for (let start = 0; start < waiting.length; start += batchSize) {
      const batch = waiting.slice(start, start + batchSize);
      const taken = await offer(api, batch);
      counts.notAccepted += batch.length - taken.size;
      const missing = await awaitRegistration(api, taken);
      counts.registered += taken.size - missing;
      counts.notConfirmed += missing;
    }

    if (json) surroundings.out(jsonText(counts));
    else
      surroundings.out(
        sheet([
          ['Links found', String(counts.found)],
          ['Registered', String(counts.registered)],
          ['Already known', String(counts.alreadyKnown)],
          ['Expired', String(counts.expired)],
          ['Not ours', String(counts.notOurs)],
          ['Not accepted', String(counts.notAccepted)],
          ['Not confirmed', String(counts.notConfirmed)],
        ]),
      );
    if (counts.notAccepted > 0)
      surroundings.err(
        'Not accepted: the key has ended or is "registered-only", ACCEPT_UNREGISTERED_TOKENS is false, the service has another SECRET_KEY, or the type of the link is not known to it.\n',
      );
    if (counts.notConfirmed > 0)
      surroundings.err(
        'Not confirmed: the service took them, but its registry does not show them to you. Without admin-permissions you see your own shares only; else look at the log for adoption-postponed, and run this again.\n',
      );
    return counts.notAccepted + counts.notConfirmed > 0 ? 1 : 0;
  },
});

/** Live links by their identity, each once, however often and in whatever spelling they were found. */
async function readCandidates(
  file: string,
  keyring: Keyring,
  surroundings: Surroundings,
): Promise<{ counts: Counts; candidates: Map<string, Candidate> }> {
  const counts: Counts = {
    found: 0,
    registered: 0,
    alreadyKnown: 0,
    expired: 0,
    notOurs: 0,
    notAccepted: 0,
    notConfirmed: 0,
  };
  const seen = new Set<string>();
  const candidates = new Map<string, Candidate>();
  const now = surroundings.now();
  for await (const line of readLines(file, surroundings)) {
    for (const text of findTokens(line)) {
      const digest = digestOf(text);
      if (seen.has(digest)) continue;
      seen.add(digest);
      counts.found++;
      const verified = verifyShareToken(text, keyring, now);
      if (verified.ok) candidates.set(verified.token.identity, { text, token: verified.token });
      else if (verified.reason === 'expired') counts.expired++;
      else if (verified.reason === 'key-retired' || verified.reason === 'not-yet-valid') counts.notAccepted++;
      else counts.notOurs++;
    }
  }
  return { counts, candidates };
}

/** The links that the registry does not show. Goes through it once, and no further than needed. */
async function leaveOutKnown(api: Api, candidates: ReadonlyMap<string, Candidate>): Promise<Map<string, Candidate>> {
  const unknown = new Map(candidates);
  if (unknown.size === 0) return unknown;
  for await (const page of readPages<Share>(api, '/api/v1/shares', largestPage)) {
    for (const { fingerprint } of page) unknown.delete(fingerprint);
    if (unknown.size === 0) break;
  }
  return unknown;
}

/** Shows links to the service, which adopts every valid one that it sees. Returns the identities of those that it took. */
async function offer(api: Api, batch: readonly Candidate[]): Promise<Set<string>> {
  const taken = new Set<string>();
  const waiting = [...batch];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
      if (await isTaken(api, next)) taken.add(next.token.identity);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return taken;
}

/**
 * Decoding has a link adopted whatever server it is for, so it is asked first. A link without a type is not decoded, and one of
 * MedDream would have the service ask MedDream for each: these are validated, for the first thing that they share.
 */
async function isTaken(api: Api, { text, token }: Candidate): Promise<boolean> {
  if (token.type !== null && !token.type.startsWith('meddream')) {
    const body: Schemas['DecodeBody'] = { 'token-key': 'token', 'token-value': text };
    const answer = await api.json<Schemas['DecodeAnswer']>(
      { method: 'POST', path: '/tokens/decode', body: jsonBody(body) },
      'error-code',
    );
    return answer['error-code'] === null;
  }
  const [first] = token.resources;
  const body: Schemas['ValidateBody'] = {
    method: 'get',
    // The system level is open to no share; without a level ids alone are compared.
    level: first === undefined || first.level === 'system' ? null : first.level,
    'dicom-uid': first?.dicomUid ?? null,
    'orthanc-id': first?.orthancId ?? null,
    'token-key': 'token',
    'token-value': text,
  };
  const answer = await api.json<Schemas['ValidateAnswer']>(
    { method: 'POST', path: '/tokens/validate', body: jsonBody(body) },
    'granted',
  );
  return answer.granted;
}

/** Adoption goes on behind the answer. Looks at the newest shares until all are there; returns how many are not. */
async function awaitRegistration(api: Api, taken: ReadonlySet<string>): Promise<number> {
  const missing = new Set(taken);
  for (let look = 0; look < looks.times && missing.size > 0; look++) {
    if (look > 0) await sleep(looks.apartMs);
    // Others mint meanwhile; the links of a batch are still among the newest pages.
    let pages = 0;
    for await (const page of readPages<Share>(api, '/api/v1/shares', largestPage)) {
      for (const { fingerprint } of page) missing.delete(fingerprint);
      if (missing.size === 0 || ++pages === 3) break;
    }
  }
  return missing.size;
}
