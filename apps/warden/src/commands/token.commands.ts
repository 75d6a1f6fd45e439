import type { Schemas } from '@warden/auth-service-api';
import { type TokenFault, decodeBase64Url, verifyShareToken } from '@warden/tokens';
import { connect, jsonBody } from '../api.js';
import { defineCommand, jsonOption } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { readDuration, readFuture } from '../option-values.js';
import { jsonText, sheet } from '../output.js';
import { readToken } from '../read-input.js';
import { readKeyring, readRequiredKeyring } from '../settings.js';
import type { Surroundings } from '../surroundings.js';

type MintBody = Schemas['MintBody'];
type MintAnswer = Schemas['MintAnswer'];

export const mintToken = defineCommand({
  name: 'token mint',
  summary: 'Makes a share and prints its link.',
  options: {
    type: { type: 'string', required: true, value: 'TYPE', help: 'such as stone-viewer-publication' },
    study: {
      type: 'string',
      required: true,
      multiple: true,
      value: 'UID',
      help: 'Study Instance UID; once for each study',
    },
    'orthanc-id': { type: 'string', multiple: true, value: 'ID', help: "Orthanc's id of the study, in the same order" },
    expires: { type: 'string', value: 'TIME', help: 'until when, such as 2030-12-31T18:00:00Z' },
    for: { type: 'string', value: 'TIME', help: 'for how long, such as 12h or 7d; without either, for ever' },
    label: { type: 'string', help: 'a name of yours, not unique' },
    json: jsonOption,
  },
  async run({ type, study, 'orthanc-id': orthancIds, expires, for: duration, label, json }, _operands, surroundings) {
    if (expires !== undefined && duration !== undefined) throw new WrongUsage('Give --expires or --for, not both.');
    if (orthancIds.length > 0 && orthancIds.length !== study.length)
      throw new WrongUsage('Give --orthanc-id for each --study, or for none.');
    const body: MintBody = {
      id: label ?? null,
      resources: study.map((uid, index) => ({
        level: 'study',
        'dicom-uid': uid,
        'orthanc-id': orthancIds[index] ?? null,
      })),
      ...(expires === undefined ? {} : { 'expiration-date': readFuture(expires, 'expires', surroundings.now()) }),
      ...(duration === undefined ? {} : { 'validity-duration': readDuration(duration, 'for') }),
    };
    const answer = await connect(surroundings).json<MintAnswer>(
      { method: 'PUT', path: `/tokens/${encodeURIComponent(type)}`, body: jsonBody(body) },
      'token',
    );
    surroundings.out(json ? jsonText(answer) : `${answer.url ?? answer.token}\n`);
    if (!json) {
      if (answer.url === null) surroundings.err('This type has no address of its own: that is the token.\n');
      const until = answer.request['expiration-date'];
      surroundings.err(until === null ? 'It never expires.\n' : `It expires ${until}.\n`);
    }
    return 0;
  },
});

const tokenOptions = {
  'token-file': { type: 'string', value: 'FILE', help: 'where the token or its address is; stdin unless told' },
  token: { type: 'string', help: 'refused: see below' },
  json: jsonOption,
} as const;

const tokenNotes = [
  'The token is never an argument: everybody on this machine can read the arguments of a process, and a shell keeps them.',
];

export const decodeToken = defineCommand({
  name: 'token decode',
  summary: 'Prints what a token says. Asks no service.',
  notes: [...tokenNotes, 'With SECRET_KEY (or DATA_DIR/secret-key) it also says whether a key of yours signed it.'],
  operands: ['[TOKEN]'],
  options: tokenOptions,
  async run({ 'token-file': file, token, json }, operands, surroundings) {
    const text = await tokenOf(file, token, operands, surroundings);
    const { header, claims } = readParts(text);
    const keyring = readKeyring(surroundings);
    const verified = keyring === null ? null : verifyShareToken(text, keyring, surroundings.now());
    const standing =
      verified === null
        ? 'not verified: SECRET_KEY is not given'
        : verified.ok
          ? 'verified: one of the keys signed it, and it is in force'
          : verified.token === undefined
            ? `not verified: ${faults[verified.reason]}`
            : `verified: one of the keys signed it; ${faults[verified.reason]}`;
    const isVerified = verified !== null && (verified.ok || verified.token !== undefined);
    if (json) surroundings.out(jsonText({ verified: isVerified, standing, header, claims }));
    else surroundings.out(`${standing}\n${jsonText({ header, claims })}`);
    return 0;
  },
});

export const verifyToken = defineCommand({
  name: 'token verify',
  summary: 'Says whether a key of yours signed a token and it is in force. Asks no service.',
  notes: [
    ...tokenNotes,
    'Needs SECRET_KEY (or DATA_DIR/secret-key); SECRET_KEYS_PREVIOUS is looked at too.',
    'Whether the share was revoked, only the service knows: warden share list.',
  ],
  operands: ['[TOKEN]'],
  options: tokenOptions,
  async run({ 'token-file': file, token, json }, operands, surroundings) {
    const text = await tokenOf(file, token, operands, surroundings);
    const verified = verifyShareToken(text, readRequiredKeyring(surroundings), surroundings.now());
    const share = verified.token;
    const facts = {
      valid: verified.ok,
      reason: verified.ok ? null : verified.reason,
      type: share?.type ?? null,
      label: share?.label ?? null,
      fingerprint: share?.identity ?? null,
      key: share?.kid ?? null,
      expiresAt: isoOf(share?.expiresAt),
      resources: share?.resources ?? [],
    };
    if (json) surroundings.out(jsonText(facts));
    else {
      surroundings.out(verified.ok ? 'Valid.\n' : `Not valid: ${faults[verified.reason]}.\n`);
      if (share !== undefined)
        surroundings.out(
          sheet([
            ['Type', facts.type ?? '-'],
            ['Label', facts.label ?? '-'],
            ['Expires', facts.expiresAt ?? 'never'],
            ['Shares', facts.resources.map((one) => `${one.level} ${one.dicomUid ?? one.orthancId ?? '?'}`).join(', ')],
            ['Fingerprint', share.identity],
          ]),
        );
      if (share?.keyRegisteredOnly) surroundings.out('Its key is good for registered shares only: ask the service.\n');
    }
    return verified.ok ? 0 : 1;
  },
});

/** Refuses a token among the arguments without repeating it. */
async function tokenOf(
  file: string | undefined,
  token: string | undefined,
  operands: readonly string[],
  surroundings: Surroundings,
): Promise<string> {
  if (token !== undefined || operands.length > 0)
    throw new WrongUsage(
      'A token is not taken from the arguments, which everybody on this machine can read. Send it to stdin, or name a file with --token-file. This one has been seen: think of revoking it.',
    );
  return readToken(file, surroundings);
}

/** Header and claims as they are written, whoever wrote them. */
function readParts(token: string): { header: unknown; claims: unknown } {
  const [header, claims] = token.split('.').map((part) => {
    try {
      return JSON.parse(decodeBase64Url(part)?.toString('utf8') ?? '') as unknown;
    } catch {
      return undefined;
    }
  });
  if (header === undefined || claims === undefined)
    throw new CommandFailed('That has the shape of a token, but its header or its claims are not JSON.');
  return { header, claims };
}

function isoOf(epochMs: number | null | undefined): string | null {
  return epochMs === null || epochMs === undefined ? null : new Date(epochMs).toISOString();
}

/** Why a token is refused, to follow "not valid:". */
const faults: Readonly<Record<TokenFault, string>> = {
  absent: 'there is none',
  'too-long': 'it is too long',
  malformed: 'it is damaged',
  'unsupported-algorithm': 'it is not signed with HS256',
  'bad-signature': 'none of the keys signed it',
  'key-retired': 'the key that signed it has ended (SECRET_KEYS_PREVIOUS)',
  'not-a-share': 'it is no share',
  'not-yet-valid': 'it is not in force yet',
  expired: 'it has expired',
};
