// One form for what each way of telling the record says of an event, so that all of them can be held to one story:
// event, actor, name, address, share, study, patient, outcome, reason. Null: it does not say.
import assert from 'node:assert/strict';

const outcomes = { 0: 'success', 4: 'minor-failure', 8: 'serious-failure', 12: 'major-failure' };

/** An event of the search API. */
export function ofSearch({ event, actor, address, share, outcome, reason, detail }) {
  return {
    event,
    actor: actor.id,
    name: actor.name,
    address,
    share: share?.id ?? null,
    study: detail.study ?? share?.studies[0] ?? null,
    patient: share?.patients[0] ?? null,
    outcome,
    reason,
  };
}

/** A row of events.csv. */
export function ofCsv(row) {
  return {
    event: row.event,
    actor: row.actorId,
    name: row.actorName,
    address: row.address || null,
    share: row.shareId || null,
    study: JSON.parse(row.detail).study ?? (row.studies || null),
    patient: row.patients || null,
    outcome: row.outcome,
    reason: row.reason || null,
  };
}

/** An AuditEvent of FHIR. The service is `service`, and a recipient the share that they hold. */
export function ofFhir({ subtype, outcome, outcomeDesc = null, agent, entity = [] }, service) {
  const [requestor, ...others] = agent.filter((one) => one.requestor);
  assert.deepEqual(others, []);
  const actor = requestor.who.identifier.value;
  const named = (type) => entity.find(({ what }) => what?.type === type)?.what.identifier.value ?? null;
  const share = entity.find(({ name }) => name === 'Share');
  return {
    event: subtype.find(({ system }) => system === 'urn:orthanc-warden:event').code,
    actor: actor === service ? 'system:warden' : actor.replace(/^share:/, ''),
    name: requestor.name ?? '',
    address: actor === service ? null : (requestor.network?.address ?? null),
    share: share?.what.identifier.value.replace('urn:uuid:', '') ?? null,
    study: named('ImagingStudy')?.replace('urn:oid:', '') ?? null,
    patient: named('Patient'),
    outcome: outcomes[outcome],
    reason: outcomeDesc,
  };
}

/** A DICOM audit message, or the syslog message that carries one. */
export function ofDicom(message, service) {
  const found = (name) => elements(message, name);
  const [{ attributes: happened }] = found('EventIdentification');
  const own = found('EventTypeCode').find(({ attributes }) => attributes.codeSystemName === '99WARDEN');
  const people = found('ActiveParticipant');
  const person = people.find(
    ({ attributes, inside }) =>
      attributes.UserID !== service && attributes.UserName !== 'Orthanc' && !inside.includes('<MediaIdentifier'),
  );
  const objects = found('ParticipantObjectIdentification');
  const typed = (code) =>
    objects.find(({ inside }) => elements(inside, 'ParticipantObjectIDTypeCode')[0].attributes['csd-code'] === code)
      ?.attributes.ParticipantObjectID;
  const detail = (type) => {
    const [first] = found('ParticipantObjectDetail').filter(({ attributes }) => attributes.type === type);
    return first === undefined ? undefined : Buffer.from(first.attributes.value, 'base64').toString();
  };
  const { UserID, UserName = '', NetworkAccessPointTypeCode: kind, NetworkAccessPointID } = person?.attributes ?? {};
  const uri = person?.attributes.AlternativeUserID;
  const [contained] = found('StudyIDs');
  return {
    event: own.attributes['csd-code'],
    actor: person === undefined ? 'system:warden' : UserID.replace(/^share:/, ''),
    name: UserName,
    address: kind === '2' ? NetworkAccessPointID : null,
    share: detail('shareId') ?? uri?.split('/').at(-1).replace('urn:uuid:', '') ?? null,
    study: typed('110180') ?? detail('study') ?? contained?.attributes.UID ?? null,
    patient: typed('2') ?? detail('patient') ?? null,
    outcome: outcomes[happened.EventOutcomeIndicator],
    reason: found('EventOutcomeDescription')[0]?.inside ?? null,
  };
}

/** Lines of the printable page, cell by cell; a line break in a cell is one. */
export function rowsOfPage(html) {
  return [...html.matchAll(/<tr>((?:<td>.*?<\/td>)+)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => unescaped(cell.replaceAll('<br>', '\n'))),
  );
}

/** RFC 4180, by the names of the header row. */
export function rowsOfCsv(text) {
  const rows = [];
  let row = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  const [columns, ...lines] = rows;
  return lines.map((cells) => {
    assert.equal(cells.length, columns.length);
    // What a spreadsheet would take for a formula begins with an apostrophe.
    const plain = cells.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, ''));
    return Object.fromEntries(plain.map((cell, index) => [columns[index], cell]));
  });
}

/** Every text with what it holds in base64 and in hexadecimal, as XML and PostgreSQL write what is no text of theirs. */
export function laidOpen(text) {
  const inside = [
    ...[...text.matchAll(/\bvalue="([\w+/]+=*)"/g)].map(([, value]) => Buffer.from(value, 'base64').toString()),
    ...[...text.matchAll(/\\x([\da-f]+)/g)].map(([, value]) => Buffer.from(value, 'hex').toString('latin1')),
  ];
  return [text, ...inside].join('\n');
}

function elements(xml, name) {
  const pattern = new RegExp(`<${name}((?:\\s+[\\w:-]+="[^"]*")*)\\s*(?:/>|>(.*?)</${name}>)`, 'gs');
  return [...xml.matchAll(pattern)].map(([, attributes, inside = '']) => ({
    attributes: Object.fromEntries(
      [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, unescaped(value)]),
    ),
    inside: unescaped(inside.includes('<') ? '' : inside) || inside,
  }));
}

function unescaped(text) {
  const named = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (_, decimal, hex, name) =>
    name === undefined
      ? String.fromCodePoint(Number.parseInt(decimal ?? hex, hex === undefined ? 10 : 16))
      : named[name],
  );
}
