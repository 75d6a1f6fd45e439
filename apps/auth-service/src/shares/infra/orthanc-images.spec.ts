import { type OrthancDouble, orthancIdOf, startOrthanc } from '../../../../../test/support/orthanc-double.js';
import { Secret } from '../../platform/observability/secret.js';
import { OrthancImages } from './orthanc-images.js';
import { OrthancRest } from './orthanc-rest.js';

let orthanc: OrthancDouble;
let images: OrthancImages;
let study: string;

beforeEach(async () => {
  orthanc = await startOrthanc();
  study = orthanc.add({ uid: '1.2', labels: ['A'], patientId: 'P', series: { '1.2.1': ['1.2.1.1'] } });
  images = new OrthancImages(
    new OrthancRest({
      url: `${orthanc.url}/`,
      credentials: { username: 'warden', password: new Secret('orthanc-pwd') },
    }),
  );
});
afterEach(() => orthanc.stop());

type Level = 'patient' | 'study' | 'series' | 'instance' | 'system';
const resolve = (level: Level, dicomUid: string | null, orthancId: string | null = null) =>
  images.resolve({ level, dicomUid, orthancId, url: null }, new AbortController().signal);

describe('OrthancImages', () => {
  it('says whether it is configured', () => {
    expect([images.configured, new OrthancImages(new OrthancRest(null)).configured]).toEqual([true, false]);
  });

  it('finds the same study by either id, or by both', async () => {
    const found = {
      level: 'study',
      orthancId: study,
      dicomUid: '1.2',
      studies: [
        {
          orthancId: study,
          dicomUid: '1.2',
          patientId: 'P',
          patientIdIssuer: null,
          patientBirthDate: null,
          studyDate: null,
          description: null,
          labels: ['A'],
        },
      ],
    };
    expect(await resolve('study', '1.2')).toEqual(found);
    expect(await resolve('study', null, study)).toEqual(found);
    expect(await resolve('study', '1.2', study)).toEqual(found);
  });

  it('names the study of a series, of an instance, and those of a patient', async () => {
    const second = orthanc.add({ uid: '1.3', labels: [], patientId: 'P' });
    for (const [level, uid] of [
      ['series', '1.2.1'],
      ['instance', '1.2.1.1'],
    ] as const)
      expect((await resolve(level, uid))?.studies.map((one) => one.orthancId)).toEqual([study]);
    expect((await resolve('patient', 'P'))?.studies.map((one) => one.orthancId)).toEqual([study, second]);
  });

  it('reads who the patient is and what the study is from the study itself, and a date only where it is one', async () => {
    const described = {
      uid: '1.4',
      labels: [],
      patientId: 'Q',
      tags: { StudyDate: '20261119', StudyDescription: 'CT thorax', IssuerOfPatientID: 'not here' },
      patientTags: { PatientBirthDate: '19800229' },
      issuer: 'HOSPITAL-A',
    };
    const id = orthanc.add(described);
    orthanc.add({
      ...described,
      uid: '1.5',
      tags: { StudyDate: '2026' },
      patientTags: { PatientBirthDate: 'unknown' },
    });
    orthanc.asked.length = 0;
    expect((await resolve('study', null, id))?.studies[0]).toMatchObject({
      patientId: 'Q',
      patientIdIssuer: null,
      patientBirthDate: '19800229',
      studyDate: '20261119',
      description: 'CT thorax',
    });
    expect(orthanc.asked).toEqual([`GET studies/${id}`]);
    expect((await resolve('study', '1.5'))?.studies[0]).toMatchObject({
      patientBirthDate: null,
      studyDate: null,
      description: null,
    });
  });

  it('asks for the issuer of the PatientID only when told to, at every level, with no question more', async () => {
    const id = orthanc.add({
      uid: '1.6',
      labels: [],
      patientId: 'R',
      issuer: 'HOSPITAL-A',
      series: { '1.6.1': ['1.6.1.1'] },
    });
    const issuer = async (level: Level, uid: string) => {
      const resource = { level, dicomUid: uid, orthancId: null, url: null };
      const found = await images.resolve(resource, new AbortController().signal, { issuers: true });
      return found?.studies.map((one) => one.patientIdIssuer);
    };
    for (const [level, uid, exchanges] of [
      ['study', '1.6', 2],
      ['series', '1.6.1', 3],
      ['instance', '1.6.1.1', 3],
      ['patient', 'R', 3],
    ] as const) {
      orthanc.asked.length = 0;
      expect([level, await issuer(level, uid), orthanc.asked.length]).toEqual([level, ['HOSPITAL-A'], exchanges]);
    }
    orthanc.old = true;
    expect(await issuer('study', '1.6')).toEqual([null]);
    orthanc.old = false;
    orthanc.asked.length = 0;
    await resolve('series', '1.6.1');
    expect(orthanc.asked.at(-1)).toBe(`GET studies/${id}`);
  });

  it('finds the issuer too where Orthanc was told to keep it with the patient', async () => {
    orthanc.add({ uid: '1.7', labels: [], patientId: 'S', patientTags: { IssuerOfPatientID: 'HOSPITAL-B' } });
    expect((await resolve('study', '1.7'))?.studies[0]?.patientIdIssuer).toBe('HOSPITAL-B');
  });

  it('finds nothing by an id of another level, of nothing, or of two', async () => {
    orthanc.add({ uid: '1.2', labels: ['A'], patientId: 'Q' });
    for (const [level, uid, id] of [
      ['study', '1.2', null],
      ['study', '1.2.1', null],
      ['study', '1.9', null],
      ['study', null, null],
      ['study', '1.3', study],
      ['series', null, study],
      ['study', null, orthancIdOf('nothing')],
      ['system', '1.2', null],
    ] as const)
      expect([level, uid, id, await resolve(level, uid, id)]).toEqual([level, uid, id, null]);
  });

  it('puts nothing into a path that is no Orthanc id', async () => {
    for (const id of ['../system', `${study}/labels`, study.toUpperCase(), `${study}\n`, '', '%2e%2e'])
      expect(await resolve('study', null, id)).toBeNull();
    expect(orthanc.asked).toEqual([]);
  });

  it('takes a patient by the very PatientID, though Orthanc finds it in any case', async () => {
    expect([(await resolve('patient', 'P'))?.dicomUid, await resolve('patient', 'p')]).toEqual(['P', null]);
  });

  it('knows the labels of a study as far as Orthanc does', async () => {
    orthanc.labelsApart = true;
    expect((await resolve('study', '1.2'))?.studies[0]?.labels).toEqual(['A']);
    orthanc.old = true;
    expect((await resolve('study', '1.2'))?.studies[0]?.labels).toBeNull();
  });

  it('cannot tell when Orthanc refuses, is away, or answers what it never would, and repeats no password', async () => {
    const codes: string[] = [];
    const texts: string[] = [];
    const note = (error: { code: string; cause: Error; detail: string }) => {
      codes.push(error.code);
      texts.push(error.detail, error.cause.message);
    };
    for (const fault of ['garbage', 'wrong-shape', { status: 500 }, { status: 204 }, { status: 401 }] as const) {
      orthanc.fail(fault);
      await resolve('study', '1.2').catch(note);
      await resolve('study', null, study).catch(note);
    }
    const { url } = orthanc;
    await orthanc.stop();
    images = new OrthancImages(new OrthancRest({ url: `${url}/`, credentials: null }));
    await resolve('study', '1.2').catch(note);
    await orthanc.start();
    expect([codes.length, new Set(codes)]).toEqual([11, new Set(['orthanc-unavailable'])]);
    expect(texts.join()).not.toContain('orthanc-pwd');
  });

  it('stops asking when its caller does', async () => {
    orthanc.fail('hang');
    await expect(
      images.resolve({ level: 'study', dicomUid: '1.2', orthancId: null, url: null }, AbortSignal.timeout(50)),
    ).rejects.toMatchObject({ code: 'orthanc-unavailable' });
  });
});
