import fc from 'fast-check';
import { readAddress } from './address.js';
import { namesStudies, revealsOthers, searchedStudies } from './searched-studies.js';

const searched = (text: string): readonly string[] | null => {
  const address = readAddress(`/dicom-web/studies?${text}`);
  if (typeof address === 'string') throw new Error(address);
  return searchedStudies(address.query);
};

describe('a search', () => {
  it.each<[string, string[]]>([
    ['StudyInstanceUID=1.2', ['1.2']],
    ['0020000D=1.2', ['1.2']],
    ['0020000d=1.2', ['1.2']],
    ['StudyInstanceUID=1.2,1.3', ['1.2', '1.3']],
    ['StudyInstanceUID=1.2%5C1.3', ['1.2', '1.3']],
    ['StudyInstanceUID=1.2%2c1.3', ['1.2', '1.3']],
    ['%53tudyInstanceUID=1%2e2', ['1.2']],
    ['limit=101&includefield=00081030&StudyInstanceUID=1.2', ['1.2']],
    ['PatientID=*&StudyInstanceUID=1.2', ['1.2']],
  ])('%s is limited to %j', (text, uids) => {
    expect(searched(text)).toEqual(uids);
  });

  it.each([
    '',
    'PatientID=P',
    'limit=1',
    'StudyInstanceUID',
    'StudyInstanceUID=',
    'StudyInstanceUID=*',
    'StudyInstanceUID=1.2*',
    'StudyInstanceUID=1.?',
    'StudyInstanceUID=1.2,',
    'StudyInstanceUID=,1.2',
    'StudyInstanceUID=1.2,*',
    'StudyInstanceUID=1.2,,1.3',
    'StudyInstanceUID=1.2+',
    'StudyInstanceUID=1.2%20',
    'StudyInstanceUID=1.2%00',
    'StudyInstanceUID=1.2%0a',
    'StudyInstanceUID=%221.2%22',
    'StudyInstanceUID=1.2;1.3',
    'StudyInstanceUID=1.2|1.3',
    'StudyInstanceUID=1.2/1.3',
    `StudyInstanceUID=${'1'.repeat(129)}`,
    // Twice, or in two spellings: servers take the first, the last or both.
    'StudyInstanceUID=1.2&StudyInstanceUID=1.3',
    'StudyInstanceUID=1.2&StudyInstanceUID=1.2',
    'StudyInstanceUID=1.2&0020000D=1.3',
    'StudyInstanceUID=1.2&0020000d=1.3',
    'StudyInstanceUID=1.2&studyinstanceuid=1.3',
    'StudyInstanceUID=1.2&STUDYINSTANCEUID=1.3',
    'StudyInstanceUID=1.2&0020,000D=1.3',
    'StudyInstanceUID=1.2&0020-000d=1.3',
    'StudyInstanceUID=1.2&%280020,000D%29=1.3',
    'StudyInstanceUID=1.2&0x0020000D=1.3',
    'StudyInstanceUID=1.2&00081115.0020000D=1.3',
    'StudyInstanceUID=1.2&Study+Instance+UID=1.3',
    'StudyInstanceUID=1.2&study_instance_uid=1.3',
    'StudyInstanceUID=1.2&%20StudyInstanceUID=1.3',
    'StudyInstanceUID=1.2&StudyInstanceUID%00=1.3',
    'studyinstanceuid=1.2',
    'StudyInstanceUID%20=1.2',
    '0020,000D=1.2',
    '__proto__=1.2',
  ])('%s leaves a doubt, and is limited to nothing', (text) => {
    expect(searched(text)).toBeNull();
  });

  it('never names what holds a wildcard or a separator', () => {
    const value = fc
      .array(fc.constantFrom('1', '.', '2', '*', '?', ',', '%5C', '%2a', '%3f', '%2C', '+', '%00', '[', ']'))
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(value, (text) => {
        for (const uid of searched(`StudyInstanceUID=${text}`) ?? []) expect(uid).toMatch(/^[0-9A-Za-z._-]+$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

const queryOf = (text: string) => {
  const address = readAddress(`/x?${text}`);
  if (typeof address === 'string') throw new Error(address);
  return address.query;
};

it.each<[string, boolean]>([
  ['StudyInstanceUID=1', true],
  ['0020,000d=1', true],
  ['studyinstanceuid=', true],
  ['SeriesInstanceUID=1', false],
  ['includefield=StudyInstanceUID', false],
])('%s names a study: %s', (text, names) => {
  expect(namesStudies(queryOf(text))).toBe(names);
});

it.each<[string, boolean]>([
  ['requestedTags=NumberOfPatientRelatedStudies', true],
  ['includefield=00201200', true],
  ['includefield=0008103E%2C0020%2c1204', true],
  ['requested-tags=0020-1202', true],
  ['NumberOfPatientRelatedStudies=1', true],
  ['includefield=00201206', true],
  ['includefield=00201208', false],
  ['requestedTags=PatientName', false],
])('%s asks for counts of what else the patient has: %s', (text, reveals) => {
  expect(revealsOthers(queryOf(text))).toBe(reveals);
});
