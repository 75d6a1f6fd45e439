import { brokenRules } from './audit-message-rules.js';
import { RelaxNg, type XmlNode } from './relax-ng.js';

const coded = (name: string, code: string, scheme: string, meaning: string) =>
  `<${name} csd-code="${code}" codeSystemName="${scheme}" originalText="${meaning}"/>`;
const dcm = (name: string, code: string, meaning: string) => coded(name, code, 'DCM', meaning);

const event = (id: string, meaning: string, action: string, ...types: string[]) =>
  `<EventIdentification EventActionCode="${action}" EventDateTime="2026-11-21T08:00:00.000Z" EventOutcomeIndicator="0">` +
  `${dcm('EventID', id, meaning)}${types.join('')}</EventIdentification>`;
const point = 'NetworkAccessPointID="198.51.100.4" NetworkAccessPointTypeCode="2"';
const participant = (id: string, requestor: boolean, inside = '', more = point) =>
  `<ActiveParticipant UserID="${id}" UserIsRequestor="${requestor}" ${more}>${inside}</ActiveParticipant>`;
const source =
  '<AuditSourceIdentification AuditSourceID="w"><AuditSourceTypeCode csd-code="4"/></AuditSourceIdentification>';
const object = (id: string, type: string, role: string, inside: string) =>
  `<ParticipantObjectIdentification ParticipantObjectID="${id}" ParticipantObjectTypeCode="${type}"` +
  ` ParticipantObjectTypeCodeRole="${role}">${inside}</ParticipantObjectIdentification>`;
const name = '<ParticipantObjectName>n</ParticipantObjectName>';
const idType = 'ParticipantObjectIDTypeCode';
const study = object('1.2.3', '2', '3', dcm(idType, '110180', 'Study Instance UID') + name);
const patient = object('P', '1', '1', coded(idType, '2', 'RFC-3881', 'Patient Number') + name);
const log = object(
  '/log',
  '2',
  '13',
  `${coded(idType, '12', 'RFC-3881', 'URI')}<ParticipantObjectName>Security Audit Log</ParticipantObjectName>`,
);
const alertDescription = '<ParticipantObjectDetail type="Alert Description" value="YQ=="/>';
const subject = object('/roles', '2', '13', coded(idType, '12', 'RFC-3881', 'URI') + name + alertDescription);
const destination = dcm('RoleIDCode', '110152', 'Destination Role ID');
const local = dcm('RoleIDCode', '110153', 'Source Role ID');
const medium =
  dcm('RoleIDCode', '110154', 'Destination Media') +
  `<MediaIdentifier>${dcm('MediaType', '110037', 'URI')}</MediaIdentifier>`;
const alice = participant('alice', true);
const node = participant('w', false);
const message = (...parts: string[]) => `<AuditMessage>${parts.join('')}</AuditMessage>`;

const exported = message(
  event('110106', 'Export', 'R', coded('EventTypeCode', 'share.opened', '99WARDEN', 'Share opened')),
  participant('r', true, destination),
  participant('w', false, local),
  participant('https://s', false, medium),
  source,
  study,
  patient,
);
const accessed = message(event('110103', 'DICOM Instances Accessed', 'R'), alice, node, source, study, patient);
const login = dcm('EventTypeCode', '110122', 'Login');
const authenticated = message(event('110114', 'User Authentication', 'E', login), alice, node, source);
const changed = dcm('EventTypeCode', '110136', 'Security Roles Changed');
const alerted = message(event('110113', 'Security Alert', 'E', changed), alice, node, source, subject);
const logRead = message(event('110101', 'Audit Log Used', 'R'), alice, source, log);
const start = dcm('EventTypeCode', '110120', 'Application Start');
const application = dcm('RoleIDCode', '110150', 'Application');
const started = message(
  event('110100', 'Application Activity', 'E', start),
  participant('w', true, application),
  source,
);
const good = { exported, accessed, authenticated, alerted, logRead, started };

let grammar: RelaxNg;
beforeAll(() => {
  grammar = new RelaxNg('dicom-audit-message.rng');
});
afterAll(() => grammar.close());

/** Replaces what is there: a change that changes nothing would test nothing. */
function altered(text: string, from: string | RegExp, to: string): string {
  const changedText = text.replace(from, to);
  expect(changedText).not.toBe(text);
  return changedText;
}

describe('the grammar of PS3.15 A.5.1.1', () => {
  it.each(Object.entries(good))('accepts %s', async (_title, text) => {
    expect(await grammar.judge([text])).toEqual([expect.objectContaining({ fault: null })]);
  });

  it('accepts all that the schema lets be', async () => {
    const description =
      '<ParticipantObjectDescription><MPPS UID="1.2"/><Accession Number="A1"/><SOPClass UID="1.2.840" NumberOfInstances="2">' +
      '<Instance UID="1.2.5"/></SOPClass><SOPClass NumberOfInstances="0"/><ParticipantObjectContainsStudy><StudyIDs UID="1.2.3"/>' +
      '</ParticipantObjectContainsStudy><Encrypted>true</Encrypted><Anonymized>false</Anonymized></ParticipantObjectDescription>';
    const query = '<ParticipantObjectQuery>YQ==</ParticipantObjectQuery>';
    const texts = [
      altered(exported, `${name}</Part`, `${name}${alertDescription.repeat(2)}${description.repeat(2)}</Part`),
      altered(exported, name, query),
      altered(exported, '<AuditSourceTypeCode csd-code="4"/>', ''),
      altered(exported, ' csd-code="4"/>', ' csd-code="pacs" codeSystemName="99X" originalText="PACS"/>'),
      altered(exported, ' originalText="Export"', ' originalText="Export" displayName="Ausfuhr"'),
      altered(exported, '08:00:00.000Z', '09:00:00+01:00'),
      altered(exported, ' EventActionCode="R"', ''),
      altered(
        exported,
        '</EventIdentification>',
        '<EventOutcomeDescription>fine</EventOutcomeDescription></EventIdentification>',
      ),
      altered(exported, ' NetworkAccessPointTypeCode="2"', ''),
    ];
    expect((await grammar.judge(texts)).map(({ fault }) => fault)).toEqual(texts.map(() => null));
  });

  it.each<[string, string | RegExp, string]>([
    ['another root', /AuditMessage>/g, 'Message>'],
    ['a namespace', '<AuditMessage>', '<AuditMessage xmlns="urn:a">'],
    ['an attribute of the root', '<AuditMessage>', '<AuditMessage version="1">'],
    ['no event', /<EventIdentification .*<\/EventIdentification>/, ''],
    ['two events', /(<EventIdentification .*<\/EventIdentification>)/, '$1$1'],
    ['no participant', /<ActiveParticipant .*<\/ActiveParticipant>/, ''],
    ['no source', source, ''],
    ['two sources', source, source + source],
    [
      'the source before the participants',
      /(<ActiveParticipant .*<\/ActiveParticipant>)(.*<\/AuditSourceIdentification>)/,
      '$2$1',
    ],
    ['an object before the source', source + study, study + source],
    ['the type before the EventID', /(<EventID [^>]*>)(<EventTypeCode [^>]*>)/, '$2$1'],
    ['two EventIDs', /(<EventID [^>]*>)/, '$1$1'],
    ['no EventID', /<EventID [^>]*>/, ''],
    ['the medium before the role', /(<RoleIDCode [^>]*110154[^>]*>)(<MediaIdentifier>.*<\/MediaIdentifier>)/, '$2$1'],
    ['two media of one participant', /(<MediaIdentifier>.*<\/MediaIdentifier>)/, '$1$1'],
    ['a medium without type', /<MediaType [^>]*>/, ''],
    [
      'a name before the type of the id',
      /(<ParticipantObjectIDTypeCode [^>]*>)(<ParticipantObjectName>n<\/ParticipantObjectName>)/,
      '$2$1',
    ],
    ['no type of the id', /<ParticipantObjectIDTypeCode [^>]*>/, ''],
    ['neither name nor query', name, ''],
    ['a name and a query', name, `${name}<ParticipantObjectQuery>YQ==</ParticipantObjectQuery>`],
    ['a detail before the name', name, alertDescription + name],
    ['a detail that is not base64', name, `${name}<ParticipantObjectDetail type="a" value="a b!"/>`],
    ['a detail without type', name, `${name}<ParticipantObjectDetail value="YQ=="/>`],
    ['no time', / EventDateTime="[^"]*"/, ''],
    ['a time without zone', '08:00:00.000Z', '08:00:00.000'],
    ['a day that no month has', '2026-11-21', '2026-11-31'],
    ['no outcome', ' EventOutcomeIndicator="0"', ''],
    ['an outcome of no such code', 'EventOutcomeIndicator="0"', 'EventOutcomeIndicator="1"'],
    ['an action of no such code', 'EventActionCode="R"', 'EventActionCode="X"'],
    ['no UserID', ' UserID="r"', ''],
    ['an empty UserID', 'UserID="r"', 'UserID=""'],
    ['nothing about the requestor', ' UserIsRequestor="true"', ''],
    ['a requestor that is neither', 'UserIsRequestor="true"', 'UserIsRequestor="yes"'],
    ['an access point of no such type', 'NetworkAccessPointTypeCode="2"', 'NetworkAccessPointTypeCode="6"'],
    ['a type of no access point', 'NetworkAccessPointID="198.51.100.4" ', ''],
    ['no AuditSourceID', ' AuditSourceID="w"', ''],
    ['a source of no such type', 'csd-code="4"', 'csd-code="10"'],
    ['no ParticipantObjectID', ' ParticipantObjectID="1.2.3"', ''],
    ['an object of no such type', 'ParticipantObjectTypeCode="2"', 'ParticipantObjectTypeCode="5"'],
    ['an object of no such role', 'ParticipantObjectTypeCodeRole="3"', 'ParticipantObjectTypeCodeRole="27"'],
    [
      'a life cycle of no such code',
      ' ParticipantObjectTypeCode="2"',
      ' ParticipantObjectTypeCode="2" ParticipantObjectDataLifeCycle="16"',
    ],
    ['a code in the attribute of RFC 3881', 'csd-code="110106"', 'code="110106"'],
    ['a code without scheme', ' codeSystemName="DCM" originalText="Export"', ' originalText="Export"'],
    ['a code without meaning', ' originalText="Export"', ''],
    ['a code that is not of CID 400', '"110106"', '"110116"'],
    ['the meaning of another code', '"110106"', '"110107"'],
    ['a type of DCM that is none', '"99WARDEN"', '"DCM"'],
    ['a role that is not of CID 402', '"110152"', '"110156"'],
    ['a medium that is not of CID 405', '"110037"', '"110099"'],
    ['an id type that is not of RFC 3881', 'csd-code="2"', 'csd-code="99"'],
    ['an id type of the wrong scheme', '"110180" codeSystemName="DCM"', '"110180" codeSystemName="RFC-3881"'],
    ['text between elements', '</EventIdentification>', '</EventIdentification>text'],
    ['an element that is not of it', '</EventIdentification>', '</EventIdentification><Extra/>'],
  ])('refuses %s', async (_title, from, to) => {
    const [judged] = await grammar.judge([altered(exported, from, to)]);
    expect(judged?.root).not.toBeNull();
    expect(judged?.fault).not.toBeNull();
  });

  it.each<[string, string]>([
    ['anonymized before encrypted', '<Anonymized>true</Anonymized><Encrypted>true</Encrypted>'],
    ['a class without a number of instances', '<SOPClass UID="1.2"/>'],
    [
      'a study that is no UID',
      '<ParticipantObjectContainsStudy><StudyIDs UID="abc"/></ParticipantObjectContainsStudy>',
    ],
    ['a UID that is too long', `<MPPS UID="1.${'2'.repeat(63)}"/>`],
  ])('refuses a description with %s', async (_title, inside) => {
    const description = `<ParticipantObjectDescription>${inside}</ParticipantObjectDescription>`;
    const [judged] = await grammar.judge([altered(exported, name, name + description)]);
    expect(judged?.fault).not.toBeNull();
  });

  it('refuses what is no XML', async () => {
    const texts = ['', '<AuditMessage>', '<AuditMessage a="&#0;"/>', `${exported}<a/>`];
    expect((await grammar.judge(texts)).map(({ root }) => root)).toEqual(texts.map(() => null));
  });
});

describe('the rules between elements', () => {
  const broken = async (text: string) => {
    const [judged] = await grammar.judge([text]);
    // The grammar finds nothing wrong: that is what these rules are for.
    expect(judged?.fault).toBeNull();
    return brokenRules(judged?.root as XmlNode);
  };

  it.each(Object.entries(good))('are kept by %s', async (_title, text) => expect(await broken(text)).toEqual([]));

  it.each<[string, string, string | RegExp, string]>([
    ['A.5.2: at most one requestor', accessed, 'UserIsRequestor="false"', 'UserIsRequestor="true"'],
    [
      'Table A.5.2-1: a study is contained in what is no study itself',
      accessed,
      name,
      `${name}<ParticipantObjectDescription><ParticipantObjectContainsStudy/></ParticipantObjectDescription>`,
    ],
    [
      '110107 DCM is not one of the messages that are sent',
      exported,
      '110106" codeSystemName="DCM" originalText="Export"',
      '110107" codeSystemName="DCM" originalText="Import"',
    ],
    ['A.5.3.1: executed', started, 'EventActionCode="E"', 'EventActionCode="R"'],
    ['A.5.3.1: started or stopped', started, start, ''],
    ['A.5.3.1: one application, and who launched it', started, application, ''],
    ['A.5.3.1: no objects', started, source, source + log],
    ['A.5.3.2: read', logRead, 'EventActionCode="R"', 'EventActionCode="U"'],
    ['A.5.3.2: one person or process, or both', logRead, alice, alice + node + node],
    ['A.5.3.2: the log alone, by its name', logRead, 'Security Audit Log', 'Audit Log'],
    ['A.5.3.2: the log alone, by its name', logRead, log, log + log],
    ['A.5.3.4: read', exported, 'EventActionCode="R"', 'EventActionCode="C"'],
    ['A.5.3.4: one medium', exported, /<ActiveParticipant UserID="https.*?<\/ActiveParticipant>/, ''],
    [
      'A.5.3.4: the medium is no requestor',
      exported,
      'UserID="https://s" UserIsRequestor="false"',
      'UserID="https://s" UserIsRequestor="true"',
    ],
    ['A.5.3.4: the medium has a type', exported, /<MediaIdentifier>.*<\/MediaIdentifier>/, ''],
    [
      'A.5.3.4: what is no physical medium has an access point',
      exported,
      `UserID="https://s" UserIsRequestor="false" ${point}`,
      'UserID="https://s" UserIsRequestor="false"',
    ],
    ['A.5.3.4: one local person or process, or both', exported, local, destination],
    ['A.5.3.4: nobody without a part', exported, destination, ''],
    ['A.5.3.4.1: exactly one requestor', exported, 'UserIsRequestor="true"', 'UserIsRequestor="false"'],
    ['A.5.3.4: one patient at least', exported, patient, ''],
    ['A.5.3.4: nothing else', exported, patient, patient + log],
    ['A.5.3.6: created, read, updated or deleted', accessed, 'EventActionCode="R"', 'EventActionCode="E"'],
    ['A.5.3.6: one person or process, or both', accessed, node, node + node],
    ['A.5.3.6: one study at least', accessed, study, ''],
    ['A.5.3.6: exactly one patient', accessed, patient, ''],
    ['A.5.3.6: exactly one patient', accessed, patient, patient + patient],
    ['A.5.3.6: nothing else', accessed, patient, patient + log],
    ['A.5.3.11: executed', alerted, 'EventActionCode="E"', 'EventActionCode="R"'],
    ['A.5.3.11: a type of alert', alerted, changed, ''],
    ['A.5.3.11: a type of alert', alerted, changed, login],
    [
      'A.5.3.11: the subject is a file or a resource, by URI or node',
      alerted,
      'ParticipantObjectTypeCodeRole="13"',
      'ParticipantObjectTypeCodeRole="3"',
    ],
    ['A.5.3.11: the alert is described', alerted, alertDescription, ''],
    ['A.5.3.12: executed', authenticated, 'EventActionCode="E"', 'EventActionCode="R"'],
    ['A.5.3.12: login or logout', authenticated, login, ''],
    ['A.5.3.12: one person, and the node that asked who it is', authenticated, node, node + node],
    ['A.5.3.12: the person has an access point', authenticated, ` ${point}`, ''],
    ['A.5.3.12: no objects', authenticated, source, source + study],
  ])('find that broken: %s', async (rule, text, from, to) => {
    expect(await broken(altered(text, from, to))).toContain(rule);
  });
});
