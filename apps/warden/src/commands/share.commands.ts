import type { Schemas } from '@warden/auth-service-api';
import { connect, jsonBody } from '../api.js';
import { defineCommand, jsonOption } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { listOptions, readChoice, readIfMatch, readLimit } from '../option-values.js';
import { jsonText, safeText, table } from '../output.js';
import { largestPage, readList } from '../page-reader.js';
import { readTerms, secondsOfDays, termsNotes, termsOptions } from '../share-terms.js';
import { type Share, eventHeads, eventRow, shareHeads, shareRow, shareSheet } from '../share-text.js';
import { writeOutput } from '../write-output.js';

type Created = Schemas['CreatedShareDto'];
type Changed = Schemas['ChangedShareDto'];
type Revoked = Schemas['RevokedSharesDto'];
type SharedStudies = Schemas['SharedStudiesDto'];

/** A state that the service adds has to be added here: the compiler says so. */
const states = Object.keys({
  scheduled: true,
  live: true,
  closed: true,
  expired: true,
  revoked: true,
} satisfies Record<Share['state'], true>) as Share['state'][];

/** As Orthanc makes its ids; anything else is the UID of DICOM. */
const orthancId = /^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/;

export const createShare = defineCommand({
  name: 'share create',
  summary: 'Shares studies and prints the link.',
  notes: [
    ...termsNotes,
    'Without --expires and --days the share policy says until when. With --gate, --not-before, --max-opens or --opaque the',
    'link is opened on the landing page (PUBLIC_SHARE_ROOT); else whoever has it has the images.',
  ],
  options: {
    type: { type: 'string', required: true, value: 'TYPE', help: 'such as stone-viewer-publication' },
    study: {
      type: 'string',
      required: true,
      multiple: true,
      value: 'UID|ORTHANC-ID',
      help: 'once for each study',
    },
    ...termsOptions,
    viewer: {
      type: 'string',
      multiple: true,
      value: 'TYPE',
      help: 'further viewers to choose among, once for each; all unless told, none with TYPE itself',
    },
    download: { type: 'boolean', help: 'offers the study as an archive too' },
    'no-archive': { type: 'boolean', help: 'the images may be looked at and not taken away; needs the guard' },
    opaque: { type: 'boolean', help: 'a short link, which may be extended' },
    notify: { type: 'boolean', help: 'sends the link to the recipient; never the PIN' },
    label: { type: 'string', help: 'a name of yours, not unique' },
    'idempotency-key': {
      type: 'string',
      value: 'KEY',
      help: 'the same one gives the same share for 24 hours',
    },
    json: jsonOption,
  },
  async run(values, _operands, surroundings) {
    const {
      type,
      study,
      viewer,
      download,
      'no-archive': noArchive,
      opaque,
      notify,
      label,
      'idempotency-key': key,
      json,
    } = values;
    if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key))
      throw new WrongUsage('--idempotency-key must be 1 to 255 printable ASCII characters without spaces.');
    const body: Schemas['CreateShareBody'] = {
      type,
      resources: study.map((id) => ({
        level: 'study',
        ...(orthancId.test(id) ? { orthancId: id } : { dicomUid: id }),
      })),
      ...(await readTerms(values, surroundings)),
      ...(values.days === undefined ? {} : { validityDuration: secondsOfDays(values.days) }),
      ...(viewer.length === 0 ? {} : { viewers: [...viewer] }),
      ...(opaque ? { link: 'opaque' } : {}),
      ...(label === undefined ? {} : { label }),
      download,
      noArchive,
      notify,
    };
    const made = await connect(surroundings).json<Created>(
      {
        method: 'POST',
        path: '/api/v1/shares',
        body: jsonBody(body),
        headers: key === undefined ? {} : { 'idempotency-key': key },
      },
      'share',
    );
    const { share, notification } = made;
    // Whoever sent a PIN has it; one that was made is told here alone.
    const pin = values['pin-stdin'] ? null : made.pin;
    if (json) surroundings.out(jsonText({ ...made, pin }));
    else {
      surroundings.out(`${safeText(made.url ?? made.token)}\n`);
      if (made.url === null) surroundings.err('This type has no address of its own: that is the token.\n');
      sayPin(pin, surroundings.err);
      surroundings.err(`Its id is ${share.id}.\n`);
      surroundings.err(share.expiresAt === null ? 'It never expires.\n' : `It expires ${share.expiresAt}.\n`);
      if (notification === 'sent') surroundings.err('The recipient was sent the link.\n');
    }
    if (notification !== 'failed') return 0;
    surroundings.err('The share was made, but the recipient was not sent the link: send it yourself.\n');
    return 1;
  },
});

export const listShares = defineCommand({
  name: 'share list',
  summary: "Lists shares, newest first: yours, or everyone's with admin-permissions.",
  options: {
    ...listOptions,
    state: { type: 'string', value: 'STATE', help: `only these: ${states.join(', ')}` },
    study: { type: 'string', value: 'UID|ORTHANC-ID', help: 'that share this study' },
    patient: { type: 'string', value: 'ID', help: 'of this PatientID' },
    recipient: { type: 'string', help: 'for this address or exactly this name' },
    sharer: { type: 'string', value: 'WHO', help: 'minted by, such as basic:doctor' },
    label: { type: 'string', help: 'with exactly this label' },
    type: { type: 'string', value: 'TYPE', help: 'of this type' },
    images: { type: 'string', value: 'resolved|unresolved', help: 'whether Orthanc has told what is shared' },
    'minted-after': { type: 'string', value: 'TIME', help: 'at this moment or later' },
    'minted-before': { type: 'string', value: 'TIME', help: 'before this moment' },
    'expires-after': { type: 'string', value: 'TIME', help: 'at this moment or later, or never' },
    'expires-before': { type: 'string', value: 'TIME', help: 'before this moment' },
    json: jsonOption,
  },
  async run({ limit, all, json, ...asked }, _operands, surroundings) {
    const most = readLimit({ limit, all });
    readChoice(asked.state, 'state', states);
    readChoice(asked.images, 'images', ['resolved', 'unresolved']);
    const { items, more } = await readList<Share>(connect(surroundings), '/api/v1/shares', most, {
      query: membersOf(asked),
    });
    if (json) surroundings.out(jsonText(items));
    else {
      surroundings.out(table(shareHeads, items.map(shareRow)));
      if (more) surroundings.err('There are more: --limit N or --all.\n');
    }
    return 0;
  },
});

export const showShare = defineCommand({
  name: 'share show',
  summary: 'Shows one share. Never its token.',
  operands: ['ID'],
  options: {
    studies: { type: 'boolean', help: 'what is shared by patient, date and description too' },
    history: { type: 'boolean', help: `what happened to it too: the newest ${largestPage} events` },
    json: jsonOption,
  },
  async run({ studies, history, json }, [id = ''], surroundings) {
    const api = connect(surroundings);
    const share = await api.json<Share>({ method: 'GET', path: sharePath(id) }, 'state');
    const shared = studies
      ? await api.json<SharedStudies>({ method: 'GET', path: `${sharePath(id)}/studies` }, 'items')
      : null;
    const events = history
      ? await readList<Schemas['ShareEventDto']>(api, `${sharePath(id)}/history`, largestPage)
      : null;
    if (json) {
      const more = { ...(shared === null ? {} : { studies: shared }), ...(events && { history: events.items }) };
      surroundings.out(jsonText({ ...share, ...more }));
      return 0;
    }
    surroundings.out(shareSheet(share));
    if (shared !== null) {
      const rows = shared.items.map((one) => [
        one.studyDate ?? '-',
        one.patientId ?? '-',
        one.description ?? '-',
        one.studyDicomUid,
      ]);
      surroundings.out(`\n${table(['DATE', 'PATIENT', 'DESCRIPTION', 'STUDY'], rows)}`);
      if (shared.state !== 'resolved')
        surroundings.err(`These may not be all: ${shared.problem ?? 'Orthanc was not asked yet'}.\n`);
    }
    if (events !== null) {
      surroundings.out(`\n${table(eventHeads, events.items.map(eventRow))}`);
      if (events.more) surroundings.err('There are more: GET /api/v1/shares/{id}/history.\n');
    }
    return 0;
  },
});

const away = {
  'no-gate': 'gate',
  'no-expiry': 'expiresAt',
  'no-not-before': 'notBefore',
  'no-max-opens': 'maxOpens',
} as const;

export const changeShare = defineCommand({
  name: 'share change',
  summary: 'Changes a share. What is not named stays.',
  notes: [
    ...termsNotes,
    'A link that is a token says itself how long it is good: a longer life or a first gate makes another share with another',
    'link, which is printed. The old link ends at once with a first gate, else when it would have. A short link stays.',
  ],
  operands: ['ID'],
  options: {
    ...termsOptions,
    'no-gate': { type: 'boolean', help: 'takes the gate away' },
    'no-expiry': { type: 'boolean', help: 'takes the end away' },
    'no-not-before': { type: 'boolean', help: 'takes the begin away' },
    'no-max-opens': { type: 'boolean', help: 'lets in as many as have the link' },
    'if-match': { type: 'string', value: 'N', help: 'refuse when it has another Revision: somebody changed it' },
    json: jsonOption,
  },
  async run(values, [id = ''], surroundings) {
    const headers = readIfMatch(values['if-match'], 'if-match');
    const body = {
      ...(await readTerms(values, surroundings)),
      ...(values.days === undefined ? {} : { expiresAt: afterDays(values.days, surroundings.now()) }),
    };
    for (const [option, member] of Object.entries(away) as [keyof typeof away, (typeof away)[keyof typeof away]][]) {
      if (!values[option]) continue;
      if (body[member] !== undefined) throw new WrongUsage(`--${option} is given beside what it takes away.`);
      body[member] = null;
    }
    if (Object.keys(body).length === 0) throw new WrongUsage('Say what to change.');
    const api = connect(surroundings);
    // The service replaces a recipient as a whole.
    if (body.recipient != null && (body.recipient.name === null || body.recipient.email === null)) {
      const { recipient, revision } = await api.json<Share>({ method: 'GET', path: sharePath(id) }, 'state');
      const { name, email } = body.recipient;
      body.recipient = { name: name ?? recipient?.name ?? null, email: email ?? recipient?.email ?? null };
      headers['if-match'] ??= `"${revision}"`;
    }
    const changed = await api.json<Changed>(
      { method: 'PATCH', path: sharePath(id), body: jsonBody(body), headers },
      'share',
    );
    const pin = values['pin-stdin'] ? null : changed.pin;
    if (values.json) {
      surroundings.out(jsonText({ ...changed, pin }));
      return 0;
    }
    surroundings.out(shareSheet(changed.share));
    if (changed.link !== null) {
      surroundings.out(`\n${safeText(changed.link.url ?? changed.link.token)}\n`);
      surroundings.err('This is another share with another link: hand it out.\n');
    }
    sayPin(pin, surroundings.err);
    return 0;
  },
});

export const unlockShare = defineCommand({
  name: 'share unlock',
  summary: 'Forgets wrong attempts at the gate of a share, so that a locked one opens again.',
  operands: ['ID'],
  options: { json: jsonOption },
  async run({ json }, [id = ''], surroundings) {
    const share = await connect(surroundings).json<Share>({ method: 'POST', path: `${sharePath(id)}/unlock` }, 'state');
    surroundings.out(json ? jsonText(share) : shareSheet(share));
    return 0;
  },
});

export const readShareLink = defineCommand({
  name: 'share link',
  summary: 'Prints the link of a share again. Without a gate, whoever has it has the images.',
  operands: ['ID'],
  options: { json: jsonOption },
  async run({ json }, [id = ''], surroundings) {
    const link = await connect(surroundings).json<Schemas['ShareLinkDto']>(
      { method: 'GET', path: `${sharePath(id)}/link` },
      'token',
    );
    surroundings.out(json ? jsonText(link) : `${safeText(link.url ?? link.token)}\n`);
    return 0;
  },
});

const pictures = {
  svg: { type: 'image/svg+xml', begins: Buffer.from('<svg') },
  png: { type: 'image/png', begins: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
} as const;

export const writeQrCode = defineCommand({
  name: 'share qr',
  summary: 'Writes the link of a share as a QR code.',
  operands: ['ID'],
  options: {
    out: {
      type: 'string',
      required: true,
      value: 'FILE',
      help: 'ends with .svg or .png, and the picture is of that kind',
    },
  },
  async run({ out }, [id = ''], surroundings) {
    const format = /\.(svg|png)$/i.exec(out)?.[1]?.toLowerCase() as keyof typeof pictures | undefined;
    if (format === undefined) throw new WrongUsage('--out must end with .svg or .png.');
    const { type, begins } = pictures[format];
    const picture = await connect(surroundings).bytes({
      method: 'GET',
      path: `${sharePath(id)}/qr?format=${format}`,
      headers: { accept: type },
    });
    if (!picture.subarray(0, begins.length).equals(begins))
      throw new CommandFailed('What was answered is no such picture. Check WARDEN_URL.');
    writeOutput(out, picture, surroundings);
    return 0;
  },
});

export const revokeShare = defineCommand({
  name: 'share revoke',
  summary: 'Ends a share at once, or all that match. One that was ended before stays as it is, with its first reason.',
  notes: [
    'Without ID every link that matches all that is given ends, those that are never seen here included; by --recipient,',
    '--sharer or --label known shares alone. Try it with --dry-run, which counts. Needs admin-permissions.',
  ],
  operands: ['[ID]'],
  options: {
    reason: { type: 'string', required: true, help: 'why; kept in the record' },
    study: { type: 'string', value: 'UID|ORTHANC-ID', help: 'all that share this study' },
    patient: { type: 'string', value: 'ID', help: 'all of this PatientID' },
    recipient: { type: 'string', help: 'all for this address or exactly this name' },
    sharer: { type: 'string', value: 'WHO', help: 'all minted by, such as basic:doctor' },
    label: { type: 'string', help: 'all with exactly this label' },
    'minted-before': { type: 'string', value: 'TIME', help: 'all minted before this moment' },
    'dry-run': { type: 'boolean', help: 'counts, and ends nothing' },
    json: jsonOption,
  },
  async run({ reason, study, 'dry-run': dryRun, json, ...others }, [id], surroundings) {
    const many: Record<string, string> = {
      ...membersOf(others),
      ...(study === undefined ? {} : orthancId.test(study) ? { studyOrthancId: study } : { studyDicomUid: study }),
    };
    const isMany = Object.keys(many).length > 0;
    if (id === undefined && !isMany) throw new WrongUsage('Give an ID, or say which shares end.');
    if (id !== undefined && (isMany || dryRun)) throw new WrongUsage('Give an ID or say which shares end, not both.');
    const api = connect(surroundings);
    if (id !== undefined) {
      const share = await api.json<Share>(
        { method: 'POST', path: `${sharePath(id)}/revoke`, body: jsonBody({ reason }) },
        'state',
      );
      surroundings.out(json ? jsonText(share) : shareSheet(share));
      return 0;
    }
    const done = await api.json<Revoked>(
      { method: 'POST', path: '/api/v1/shares/revoke', body: jsonBody({ ...many, reason, dryRun }) },
      'revoked',
    );
    if (json) surroundings.out(jsonText(done));
    else
      surroundings.out(
        `${done.revoked} live ${done.revoked === 1 ? 'share' : 'shares'} ${dryRun ? 'would end' : 'ended'}.\n`,
      );
    if (!json && done.ruleId !== null) surroundings.err('Links never seen here end too, by a rule that is kept.\n');
    return 0;
  },
});

function afterDays(days: string, now: number): string {
  return new Date(now + secondsOfDays(days) * 1000).toISOString();
}

function sharePath(id: string): string {
  return `/api/v1/shares/${encodeURIComponent(id)}`;
}

/** Options that were given, by the names of the API. */
function membersOf(options: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const camelCase = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(given.map(([name, value]) => [camelCase(name), value]));
}

function sayPin(pin: string | null, say: (text: string) => void): void {
  if (pin !== null) say(`Its PIN is ${pin}: tell it by another way than the link. It is not shown again.\n`);
}
