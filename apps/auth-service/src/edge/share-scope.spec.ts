import { RouteTable, readRoutes } from '@warden/orthanc';
import type { ShareResource } from '@warden/tokens';
import { type Scope, scopeOf, scopeOfSearch } from './share-scope.js';
import type { StudyOfThing } from './whereabouts.js';

const id = (digit: string): string => Array(5).fill(digit.repeat(8)).join('-');
const [a, b, seriesOfA, instanceOfA] = [id('a'), id('b'), id('c'), id('d')];
const studyA: StudyOfThing = { orthancId: a, dicomUid: '1.1', patientId: 'P' };
const studyB: StudyOfThing = { orthancId: b, dicomUid: '1.2', patientId: 'P' };

const resource = (level: ShareResource['level'], dicomUid: string | null, orthancId: string | null): ShareResource => ({
  level,
  dicomUid,
  orthancId,
  url: null,
});
const table = new RouteTable(readRoutes);
function scope(path: string, resources: ShareResource[], answer?: StudyOfThing | null): string {
  const route = table.match(path);
  if (route === null) throw new Error(`no route: ${path}`);
  return scopeOf(route, resources, { known: () => answer, configured: false }).is;
}

const both = resource('study', '1.1', a);
const uidAlone = resource('study', '1.1', null);
const idAlone = resource('study', null, a);
const patient = resource('patient', 'P', null);

describe('what a path names is', () => {
  it.each<[string, string, ShareResource, StudyOfThing | null | undefined]>([
    ['the study by its UID', '/dicom-web/studies/1.1/metadata', both, undefined],
    ["the study by Orthanc's id", `/studies/${a}/series`, both, undefined],
    ['a series of the study by UIDs', '/dicom-web/studies/1.1/series/1.1.1', both, undefined],
    [
      'an instance of the study by UIDs',
      '/dicom-web/studies/1.1/series/1.1.1/instances/1.1.1.1/frames/1',
      uidAlone,
      undefined,
    ],
    ["the study by Orthanc's id, as the archive tells", `/studies/${a}`, uidAlone, studyA],
    ['the study by its UID, as the archive tells', '/dicom-web/studies/1.1/metadata', idAlone, studyA],
    ["a series by Orthanc's id, as the archive tells", `/series/${seriesOfA}`, both, studyA],
    ["an instance by Orthanc's id, as the archive tells", `/instances/${instanceOfA}/preview`, uidAlone, studyA],
    ["a patient's study, as the archive tells", `/studies/${b}`, patient, studyB],
    ["a patient's series, as the archive tells", `/series/${seriesOfA}`, patient, studyA],
    ['a shared series itself', `/series/${seriesOfA}`, resource('series', null, seriesOfA), undefined],
    ['a shared instance itself', `/instances/${instanceOfA}/file`, resource('instance', null, instanceOfA), undefined],
  ])('inside: %s', (_, path, shared, answer) => {
    expect(scope(path, [shared], answer)).toBe('inside');
  });

  it.each<[string, string, ShareResource, StudyOfThing | null | undefined]>([
    ['another study by its UID', '/dicom-web/studies/1.2/metadata', both, undefined],
    ["another study by Orthanc's id", `/studies/${b}`, both, undefined],
    ['another study, though the archive might say so', `/studies/${b}`, both, studyA],
    ['another study, as the archive tells', `/studies/${b}`, uidAlone, studyB],
    ['another study by its UID, as the archive tells', '/dicom-web/studies/1.2/metadata', idAlone, studyB],
    ['what the archive does not have', `/studies/${b}`, uidAlone, null],
    ['a series of another study', `/series/${seriesOfA}`, both, studyB],
    ['an instance of another study', `/instances/${instanceOfA}/file`, uidAlone, studyB],
    [
      'an instance of a study of which one id alone fits',
      `/instances/${instanceOfA}`,
      both,
      { ...studyA, orthancId: b },
    ],
    ["another patient's study", `/studies/${a}`, patient, { ...studyA, patientId: 'Q' }],
    ['a study of a patient in other letters', `/studies/${a}`, patient, { ...studyA, patientId: 'p' }],
    ['a study of no patient', `/studies/${a}`, patient, { ...studyA, patientId: null }],
    ['a study, of a patient of whom no id is known', `/studies/${a}`, resource('patient', null, b), studyA],
    ['a study, of no patient at all', `/studies/${a}`, resource('patient', null, null), { ...studyA, patientId: null }],
    ['the study of a shared series', `/studies/${a}`, resource('series', null, seriesOfA), studyA],
    ['another series of the same study', `/series/${id('e')}`, resource('series', null, seriesOfA), studyA],
    ['an instance, of a shared series', `/instances/${instanceOfA}`, resource('series', null, seriesOfA), studyA],
    ['anything, of the whole system', `/studies/${a}`, resource('system', '1.1', a), studyA],
    ['anything, of a study without an id', `/series/${seriesOfA}`, resource('study', null, null), studyA],
    ['an id of the right text and another level', `/series/${a}`, both, studyB],
  ])('outside: %s', (_, path, shared, answer) => {
    expect(scope(path, [shared], answer)).toBe('outside');
  });

  it.each<[string, string, ShareResource]>([
    ["the study by Orthanc's id, which the token lacks", `/studies/${a}`, uidAlone],
    ['the study by its UID, which the token lacks', '/dicom-web/studies/1.1/metadata', idAlone],
    ['a series', `/series/${seriesOfA}`, both],
    ['an instance', `/instances/${instanceOfA}`, both],
    ["a patient's study", `/studies/${a}`, patient],
  ])('for the archive to tell: %s', (_, path, shared) => {
    expect(scope(path, [shared])).toBe('unknown');
  });

  it('asked of the outermost thing: a series within belongs to it, as Orthanc sees to', () => {
    const route = table.match('/dicom-web/studies/1.1/series/1.9/instances/1.9.9');
    if (route === null) throw new Error('no route');
    const asked = scopeOf(route, [idAlone], { known: () => undefined, configured: false });
    expect(asked).toEqual({ is: 'unknown', thing: { level: 'study', by: 'dicomUid', id: '1.1' } });
  });

  it.each<[string, ShareResource[]]>([
    ['nothing', []],
    ['a series', [resource('series', null, id('9'))]],
    ['an instance', [resource('instance', null, id('9'))]],
    ['the system', [resource('system', '1.1', a)]],
    ['a patient of whom no id is known', [resource('patient', null, b)]],
  ])('outside a share of %s, and nobody is asked', (_, resources) => {
    expect(scope(`/studies/${b}`, resources)).toBe('outside');
  });
});

describe('a search is', () => {
  const other = resource('study', '1.2', b);
  it.each<[string, string[], ShareResource[], Scope['is']]>([
    ['inside: the study', ['1.1'], [both], 'inside'],
    ['inside: all the studies', ['1.1', '1.2'], [both, other], 'inside'],
    ['outside: one study of two', ['1.1', '1.2'], [both], 'outside'],
    ['for the archive to tell: a study of which the UID is not known', ['1.1'], [idAlone], 'unknown'],
    ['for the archive to tell: a study of a patient', ['1.1'], [patient], 'unknown'],
    ['outside: the UID of a series', ['1.1'], [resource('series', '1.1', null)], 'outside'],
    ['outside: other letters', ['1.a'], [resource('study', '1.A', null)], 'outside'],
  ])('%s', (_, uids, resources, is) => {
    expect(scopeOfSearch(uids, resources, { known: () => undefined, configured: false }).is).toBe(is);
  });
});

describe('where the archive can be asked, a UID is that of the study', () => {
  const asked = (uids: string[], answer: StudyOfThing | null | undefined, shared = both): Scope['is'] =>
    scopeOfSearch(uids, [shared], { known: () => answer, configured: true }).is;

  it('when it is the one that is shared', () => {
    expect([asked(['1.1'], studyA), asked(['1.1'], studyA, uidAlone)]).toEqual(['inside', 'inside']);
  });

  it('not when another patient has one of the same UID, or nobody', () => {
    const twin = { ...studyA, orthancId: b };
    expect([asked(['1.1'], null), asked(['1.1'], null, uidAlone), asked(['1.1'], twin)]).toEqual(
      Array(3).fill('outside'),
    );
  });

  it('before it has told: it is asked, also about a path', () => {
    expect(asked(['1.1'], undefined)).toBe('unknown');
    const route = table.match('/dicom-web/studies/1.1/metadata');
    if (route === null) throw new Error('no route');
    expect(scopeOf(route, [both], { known: () => undefined, configured: true }).is).toBe('unknown');
  });
});
