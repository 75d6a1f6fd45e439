import { type QueryMembers, readFhirQuery } from './fhir-query.js';
import { FhirRefusal } from './fhir-refusal.js';

const read = (members: QueryMembers, lenient = false) => readFhirQuery(members, lenient);
const sought = (members: QueryMembers) => read(members).alternatives;
const refused = (members: QueryMembers, lenient = false) => {
  try {
    read(members, lenient);
  } catch (error) {
    if (error instanceof FhirRefusal) return error.faults.map(({ code, parameter }) => [parameter, code]);
    throw error;
  }
  return [];
};
const share = '019a8cca-1371-7000-b9bc-1de2d5b62426';
const orthanc = '0195f6b0-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd';
const all = [{}];

describe('a search of the FHIR API', () => {
  it('without a parameter is for everything', () => {
    expect(sought({})).toEqual(all);
  });

  it.each<[string, QueryMembers, object[]]>([
    ['a day', { date: '2026-11-21' }, [{ from: Date.UTC(2026, 10, 21), to: Date.UTC(2026, 10, 22) }]],
    ['a span', { date: ['ge2026-01-01', 'lt2026-02-01'] }, [{ from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 1, 1) }]],
    ['an agent', { agent: 'keycloak:1' }, [{ actor: 'keycloak:1' }]],
    ['an agent of no system', { 'agent:identifier': '|keycloak:1' }, [{ actor: 'keycloak:1' }]],
    ['a recipient as the resource names it', { agent: 'share:abc' }, [{ actor: 'share:abc' }, { actor: 'abc' }]],
    ['a patient', { patient: 'P^1' }, [{ patient: 'P^1' }]],
    ['a patient by identifier', { 'patient:identifier': '|P1' }, [{ patient: 'P1' }]],
    ['a patient by a chain', { 'patient.identifier': 'Patient/7' }, [{ patient: 'Patient/7' }]],
    ['a patient with a bar and a comma', { patient: 'a\\|b\\,c' }, [{ patient: 'a|b,c' }]],
    ['any of two patients', { patient: 'P1,P2' }, [{ patient: 'P1' }, { patient: 'P2' }]],
    ['a study', { entity: 'urn:oid:1.2.3' }, [{ study: '1.2.3' }]],
    ['a study of its system', { entity: 'urn:dicom:uid|urn:oid:1.2.3' }, [{ study: '1.2.3' }]],
    ['a study by its plain UID', { 'entity:identifier': 'urn:dicom:uid|1.2.3' }, [{ study: '1.2.3' }]],
    ['a share', { entity: `urn:uuid:${share.toUpperCase()}` }, [{ share }]],
    ['a share of its system', { 'entity.identifier': `urn:ietf:rfc:3986|urn:uuid:${share}` }, [{ share }]],
    ["Orthanc's id of a study", { entity: orthanc }, [{ study: orthanc }]],
    ['an identifier without a system', { entity: '|P1' }, [{ study: 'P1' }, { patient: 'P1' }]],
    ['an outcome', { outcome: '8' }, [{ outcome: 'serious-failure' }]],
    ['an outcome of its system', { outcome: 'http://hl7.org/fhir/audit-event-outcome|0' }, [{ outcome: 'success' }]],
    ['a kind of event', { subtype: 'urn:orthanc-warden:event|share.sent' }, [{ events: ['share.sent'] }]],
    ['any of two kinds', { subtype: 'share.sent,share.opened' }, [{ events: ['share.sent', 'share.opened'] }]],
    ['an event', { _id: share.toUpperCase() }, [{ id: share }]],
    ['an event that cannot be', { _id: 'x' }, []],
    ['two agents at once', { agent: ['a', 'b'] }, []],
    ['one of several, given again', { agent: ['a,b', 'b,c'] }, [{ actor: 'b' }]],
    ['the same patient twice', { patient: ['P1', 'P1'] }, [{ patient: 'P1' }]],
    ['no time at all', { date: ['ge2026', 'lt2026'] }, []],
    ['two kinds at once', { subtype: ['share.sent', 'share.opened'] }, []],
    ['a kind of several', { subtype: ['share.sent,share.opened', 'share.opened'] }, [{ events: ['share.opened'] }]],
    [
      'each with each',
      { patient: 'P1,P2', outcome: '4,8' },
      [
        { patient: 'P1', outcome: 'minor-failure' },
        { patient: 'P1', outcome: 'serious-failure' },
        { patient: 'P2', outcome: 'minor-failure' },
        { patient: 'P2', outcome: 'serious-failure' },
      ],
    ],
    ['a study and a share', { entity: ['urn:oid:1.2.3', `urn:uuid:${share}`] }, [{ study: '1.2.3', share }]],
  ])('asks for %s', (_title, members, alternatives) => {
    expect(sought(members)).toEqual(alternatives);
  });

  it.each<[string, QueryMembers, string, string]>([
    ['what is not known', { colour: 'red' }, 'colour', 'not-supported'],
    ['a parameter of every object', { constructor: 'a' }, 'constructor', 'not-supported'],
    ['an order of another kind', { _sort: 'date' }, '_sort', 'not-supported'],
    ['more beside the events', { _include: 'AuditEvent:patient' }, '_include', 'not-supported'],
    ['an empty value', { patient: '' }, 'patient', 'value'],
    ['an empty one of several', { patient: 'P1,' }, 'patient', 'value'],
    ['NUL', { agent: 'a\0b' }, 'agent', 'value'],
    ['a value that is too long', { patient: 'x'.repeat(257) }, 'patient', 'value'],
    ['no date', { date: 'yesterday' }, 'date', 'value'],
    ['a prefix that is not offered', { date: 'ne2026' }, 'date', 'value'],
    ['a Patient', { patient: 'Patient/7' }, 'patient', 'not-supported'],
    ['a resource elsewhere', { entity: 'https://example.org/ImagingStudy/7' }, 'entity', 'not-supported'],
    ['a system of PatientIDs', { 'patient:identifier': 'urn:oid:1.2|P1' }, 'patient:identifier', 'value'],
    ['a system of agents', { agent: 'urn:x|a' }, 'agent', 'value'],
    ['a system without a value', { 'entity:identifier': 'urn:dicom:uid|' }, 'entity:identifier', 'value'],
    ['a system of entities', { entity: 'urn:x|a' }, 'entity', 'value'],
    ['no UID', { entity: 'urn:oid:1.02' }, 'entity', 'value'],
    ['no UUID', { entity: 'urn:uuid:1' }, 'entity', 'value'],
    ['neither study nor share', { entity: 'urn:ietf:rfc:3986|http://a' }, 'entity', 'value'],
    ['no outcome', { outcome: '5' }, 'outcome', 'value'],
    ['an outcome of another system', { outcome: 'urn:x|4' }, 'outcome', 'value'],
    ['no event', { subtype: 'share.stolen' }, 'subtype', 'value'],
    ['a kind of another system', { subtype: 'http://x|110106' }, 'subtype', 'not-supported'],
    ['no id', { _id: 'a/b' }, '_id', 'value'],
    ['no page', { _count: '0' }, '_count', 'value'],
    ['a page of words', { _count: 'ten' }, '_count', 'value'],
    ['two pages', { _count: ['1', '2'] }, '_count', 'value'],
    ['a cursor of another list', { cursor: 'AZqMyhNxcAC5vB3i1bYkJg' }, 'cursor', 'value'],
    ['two patients at once', { patient: ['P1', 'P2'] }, 'patient', 'not-supported'],
    ['two studies at once', { entity: ['urn:oid:1.2', 'urn:oid:1.3'] }, 'entity', 'not-supported'],
    ['too many at once', { patient: Array.from({ length: 17 }, (_, n) => `P${n}`).join() }, 'patient', 'too-costly'],
    ['too many of each', { patient: 'a,b,c,d,e', agent: 'a,b,c,d' }, 'agent', 'too-costly'],
  ])('refuses %s, by name', (_title, members, parameter, code) => {
    expect(refused(members)).toEqual([[parameter, code]]);
  });

  it('names all that is wrong', () => {
    expect(refused({ outcome: '5', date: 'x', colour: 'red' })).toEqual([
      ['outcome', 'value'],
      ['date', 'value'],
      ['colour', 'not-supported'],
    ]);
  });

  it('leaves out what it does not know if it may, and tells so by what it says it searched for', () => {
    const query = read({ colour: 'red', patient: 'P1', _include: 'x' }, true);
    expect(query.alternatives).toEqual([{ patient: 'P1' }]);
    expect(query.linkTo(null)).toBe('AuditEvent?patient=P1&_count=50');
  });

  it.each<[string, QueryMembers]>([
    ['a modifier that it does not know', { 'patient:exact': 'P1' }],
    ['a chain that it does not know', { 'patient.name': 'Doe' }],
    ['a modifier where there is none', { 'date:missing': 'true' }],
    ['a value that it does not understand', { outcome: '5' }],
    ['two patients at once', { patient: ['P1', 'P2'] }],
  ])('however lenient, does not leave out %s: more would be found than was asked for', (_title, members) => {
    expect(refused(members, true)).toHaveLength(1);
  });

  it('holds 50 events on a page, as many as are asked for, and 1,000 at most', () => {
    expect([read({}).limit, read({ _count: '7' }).limit, read({ _count: '5000' }).limit]).toEqual([50, 7, 1_000]);
    expect(read({ _count: '5000' }).linkTo(null)).toBe('AuditEvent?_count=1000');
  });

  it('leads from page to page with what was asked for', () => {
    const key = { filedAt: 1_795_800_000_000_123, id: share };
    const link = read({ patient: 'a&b=c d', date: ['ge2026', 'lt2027'], _sort: '-date', _format: 'json' }).linkTo(key);
    expect(link).toMatch(
      /^AuditEvent\?patient=a%26b%3Dc\+d&date=ge2026&date=lt2027&_sort=-date&_format=json&_count=50&cursor=\S{32}$/,
    );
    expect(read({ cursor: new URLSearchParams(link).get('cursor') ?? '' }).after).toEqual(key);
  });

  it('tells for the record what was looked for', () => {
    expect(read({ patient: 'a&b=100%', outcome: '4', _count: '5' }).asked).toBe('patient=a%26b%3D100%25&outcome=4');
  });
});
