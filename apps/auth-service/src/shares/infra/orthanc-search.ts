import { orthancId } from '@warden/orthanc';
import { ArchiveSearch, type WantedParts } from '../images/archive-search.js';
import { orthancUnavailable } from '../shares.errors.js';
import { type OrthancRest } from './orthanc-rest.js';

const levels = { study: 'Study', series: 'Series', instance: 'Instance' } as const;

/** `POST /tools/find` of Orthanc's REST API. */
export class OrthancSearch extends ArchiveSearch {
  readonly configured: boolean;

  constructor(private readonly rest: OrthancRest) {
    super();
    this.configured = rest.configured;
  }

  async parts(wanted: WantedParts, signal: AbortSignal): Promise<readonly string[]> {
    const { level, studyInstanceUid, seriesInstanceUid, sopInstanceUid } = wanted;
    const query = {
      StudyInstanceUID: studyInstanceUid,
      ...(seriesInstanceUid === null ? {} : { SeriesInstanceUID: seriesInstanceUid }),
      ...(sopInstanceUid === null ? {} : { SOPInstanceUID: sopInstanceUid }),
    };
    try {
      const found = await this.rest.ask('tools/find', signal, { Level: levels[level], Query: query });
      if (!Array.isArray(found)) throw new Error('the answer of /tools/find is not a list');
      return (found as unknown[]).map((id) => {
        if (typeof id !== 'string' || !orthancId.test(id)) throw new Error('an answer of /tools/find is not an id');
        return id;
      });
    } catch (error) {
      throw orthancUnavailable(error);
    }
  }
}
