import { orthancId } from '@warden/orthanc';
import type { ShareResource } from '@warden/tokens';
import { type ImageStudy, Images, type ResolvedImages } from '../images/images.js';
import { orthancUnavailable } from '../shares.errors.js';
import { type Json, OrthancRest, isObject } from './orthanc-rest.js';

const mostStudies = 1_000;

type Level = 'patient' | 'study' | 'series' | 'instance';

/** How studies are asked for. */
interface Way {
  readonly signal: AbortSignal;
  /** Query of the address. */
  readonly more: string;
}

/** No main tag, unless Orthanc was told to make it one. Since Orthanc 1.11; before, the query is ignored. */
const issuerTag = 'IssuerOfPatientID';
const issuerToo = `?requestedTags=${issuerTag}`;

/** Where a level lives in Orthanc's REST API, and by which of its main tags it is named. */
const levels: Readonly<Record<Level, { path: string; type: string; tag: string }>> = {
  patient: { path: 'patients', type: 'Patient', tag: 'PatientID' },
  study: { path: 'studies', type: 'Study', tag: 'StudyInstanceUID' },
  series: { path: 'series', type: 'Series', tag: 'SeriesInstanceUID' },
  instance: { path: 'instances', type: 'Instance', tag: 'SOPInstanceUID' },
};

/** Orthanc's REST API. Whatever it answers that is not of the known shape counts as no answer. */
export class OrthancImages extends Images {
  readonly configured: boolean;

  constructor(private readonly rest: OrthancRest) {
    super();
    this.configured = rest.configured;
  }

  async resolve(
    { level, dicomUid, orthancId: id }: ShareResource,
    signal: AbortSignal,
    { issuers } = { issuers: false },
  ): Promise<ResolvedImages | null> {
    if (level === 'system') return null;
    const way = { signal, more: issuers ? issuerToo : '' };
    try {
      const asked = id ?? (dicomUid === null ? null : await this.lookUp(level, dicomUid, signal));
      const found = asked === null ? null : await this.read(level, asked, way);
      if (asked === null || found === null) return null;
      const uid = tagOf(found.MainDicomTags, levels[level].tag);
      // A search by PatientID ignores case and accents, and an id may have been given together with another study's UID.
      if (uid === null || (dicomUid !== null && dicomUid !== uid)) return null;
      const studies = await this.studiesOf(level, asked, found, way);
      return studies === null ? null : { level, orthancId: asked, dicomUid: uid, studies };
    } catch (error) {
      throw orthancUnavailable(error);
    }
  }

  /** Null: none, or several, which the same identifier under two patients makes. */
  private async lookUp(level: Level, dicomUid: string, signal: AbortSignal): Promise<string | null> {
    // Orthanc answers such a search with an error: it takes it for a pattern.
    if (/[*?]/.test(dicomUid)) return null;
    const matches = await this.rest.ask('tools/lookup', signal, dicomUid);
    if (!Array.isArray(matches)) throw new Error('the answer of /tools/lookup is not a list');
    const ids = (matches as unknown[]).flatMap((one) => {
      if (!isObject(one) || typeof one.ID !== 'string') throw new Error('an answer of /tools/lookup is not a match');
      return one.Type === levels[level].type ? [one.ID] : [];
    });
    return ids.length === 1 ? (ids[0] ?? null) : null;
  }

  private async studiesOf(level: Level, id: string, found: Json, way: Way): Promise<ImageStudy[] | null> {
    if (level === 'study') return [await this.study(found, way)];
    if (level === 'patient') {
      const ids = found.Studies;
      if (!Array.isArray(ids) || ids.length > mostStudies)
        throw new Error('a patient has no list of studies that can be read');
      const studies: ImageStudy[] = [];
      for (const one of ids as unknown[]) {
        const study = typeof one === 'string' ? await this.read('study', one, way) : null;
        // Deleted meanwhile, or not readable: what the patient has is then not known.
        if (study === null) return null;
        studies.push(await this.study(study, way));
      }
      return studies.length === 0 ? null : studies;
    }
    const parent =
      level === 'series'
        ? await this.readParent(found.ParentStudy, way)
        : await this.object(`instances/${id}/study${way.more}`, way.signal);
    return parent === null ? null : [await this.study(parent, way)];
  }

  private async readParent(id: unknown, way: Way): Promise<Json | null> {
    if (typeof id !== 'string') throw new Error('a series names no parent study');
    return this.read('study', id, way);
  }

  private async study(found: Json, { signal }: Way): Promise<ImageStudy> {
    const id = found.ID;
    const dicomUid = tagOf(found.MainDicomTags, 'StudyInstanceUID');
    if (typeof id !== 'string' || !orthancId.test(id) || dicomUid === null)
      throw new Error('a study has no identifiers');
    // Orthanc 1.12 has them in the study already.
    const labels = found.Labels === undefined ? await this.rest.ask(`studies/${id}/labels`, signal) : found.Labels;
    if (labels !== null && !isTextList(labels)) throw new Error('the labels of a study are not a list of texts');
    const { MainDicomTags: ofStudy, PatientMainDicomTags: ofPatient, RequestedTags: requested } = found;
    return {
      orthancId: id,
      dicomUid,
      patientId: tagOf(ofPatient, 'PatientID'),
      patientIdIssuer: tagOf(requested, issuerTag) ?? tagOf(ofPatient, issuerTag),
      patientBirthDate: dateOf(ofPatient, 'PatientBirthDate'),
      studyDate: dateOf(ofStudy, 'StudyDate'),
      description: tagOf(ofStudy, 'StudyDescription'),
      labels,
    };
  }

  private async read(level: Level, id: string, { signal, more }: Way): Promise<Json | null> {
    // It goes into a path.
    if (!orthancId.test(id)) return null;
    const found = await this.object(`${levels[level].path}/${id}${level === 'study' ? more : ''}`, signal);
    if (found !== null && found.ID !== id) throw new Error('it answers with another resource than it was asked for');
    return found;
  }

  private async object(path: string, signal: AbortSignal): Promise<Json | null> {
    const found = await this.rest.ask(path, signal);
    if (found !== null && !isObject(found)) throw new Error('an answer is not an object');
    return found;
  }
}

function tagOf(tags: unknown, name: string): string | null {
  const value = isObject(tags) ? tags[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}

function dateOf(tags: unknown, name: string): string | null {
  const value = tagOf(tags, name);
  return value !== null && /^[0-9]{8}$/.test(value) ? value : null;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
