/**
 * What a route gives, by what it would cost if it were open to the wrong person.
 *
 * - `page`: files of a viewer, and what it reads before it has a token; the same for everybody
 * - `tags`: JSON about a study, its series and instances
 * - `pixels`: images, decoded, compressed or drawn; bulk data
 * - `object`: one DICOM object over DICOMweb
 * - `file`: one DICOM object over Orthanc's REST API
 * - `archive`: all objects of a study or a series at once
 * - `attachment`: files as Orthanc stores them
 */
export type Gives = 'page' | 'tags' | 'pixels' | 'object' | 'file' | 'archive' | 'attachment';

/** What a share may ask, and what viewers ask before they have a token. */
export interface OrthancRoute {
  /**
   * Orthanc's own path. `{study}`, `{series}` and `{instance}` are Orthanc's ids, `{StudyInstanceUID}` and its kin those
   * of DICOM, `{name}` is one step of any name, `**` whatever follows.
   */
  readonly path: string;
  readonly gives: Gives;
  /** The studies are named by the arguments, as QIDO-RS does. */
  readonly search?: true;
}

const of = (gives: Gives, paths: readonly string[]): OrthancRoute[] => paths.map((path) => ({ path, gives }));
const under = (root: string, paths: readonly string[]): string[] => paths.map((path) => `${root}${path}`);

/** Files of the viewers and of Orthanc Explorer 2, and what they read before they have a token. */
const pages = of('page', [
  '/',
  '/system',
  '/stone-webviewer/**',
  '/ohif/**',
  '/volview/**',
  '/stl/app/**',
  '/osimis-viewer/app/**',
  '/ui/app/**',
  '/ui/landing/**',
  '/ui/api/pre-login-configuration',
  '/ui/api/configuration',
  '/auth/user/profile',
]);

/** Not `/studies/{study}/patient`, which names the other studies, nor labels and metadata, which are the archive's own notes. */
const rest = [
  ...of('tags', [
    ...under('/studies/{study}', [
      '',
      '/series',
      '/instances',
      '/instances-tags',
      '/shared-tags',
      '/module',
      '/module-patient',
      '/statistics',
      '/ohif-dicom-json',
    ]),
    ...under('/series/{series}', [
      '',
      '/study',
      '/instances',
      '/instances-tags',
      '/shared-tags',
      '/module',
      '/statistics',
      '/ordered-slices',
    ]),
    ...under('/instances/{instance}', [
      '',
      '/study',
      '/series',
      '/tags',
      '/simplified-tags',
      '/header',
      '/module',
      '/statistics',
      '/frames',
      '/content/**',
    ]),
  ]),
  ...of('pixels', [
    ...under('/instances/{instance}', [
      '/preview',
      '/rendered',
      '/image-uint8',
      '/image-uint16',
      '/image-int16',
      '/pdf',
    ]),
    ...under('/instances/{instance}/frames/{name}', [
      '/preview',
      '/rendered',
      '/raw',
      '/raw.gz',
      '/image-uint8',
      '/image-uint16',
      '/image-int16',
    ]),
  ]),
  ...of('file', ['/instances/{instance}/file']),
  ...of('archive', [
    '/studies/{study}/archive',
    '/studies/{study}/media',
    '/series/{series}/archive',
    '/series/{series}/media',
  ]),
  ...of(
    'attachment',
    ['/studies/{study}', '/series/{series}', '/instances/{instance}'].flatMap((thing) =>
      under(`${thing}/attachments`, ['', '/{name}', '/{name}/data', '/{name}/size', '/{name}/md5']),
    ),
  ),
];

const study = '/dicom-web/studies/{StudyInstanceUID}';
const series = `${study}/series/{SeriesInstanceUID}`;
const instance = `${series}/instances/{SOPInstanceUID}`;

/** PS3.18 sections 10.4 (retrieve) and 10.6 (search). WADO-URI names its study nowhere, so it is not here. */
const dicomWeb: OrthancRoute[] = [
  ...['/dicom-web/studies', '/dicom-web/series', '/dicom-web/instances'].map((path): OrthancRoute => ({
    path,
    gives: 'tags',
    search: true,
  })),
  ...of('tags', [
    ...under(study, ['/metadata', '/series', '/instances']),
    ...under(series, ['/metadata', '/instances']),
    `${instance}/metadata`,
  ]),
  ...of('archive', [study, series]),
  ...of('object', [instance]),
  ...of('pixels', [
    ...under(study, ['/rendered', '/thumbnail']),
    ...under(series, ['/rendered', '/thumbnail']),
    ...under(instance, [
      '/rendered',
      '/thumbnail',
      '/frames/{name}',
      '/frames/{name}/rendered',
      '/frames/{name}/thumbnail',
      '/bulk/**',
    ]),
  ]),
];

/** All that GET and HEAD may be used on; what is not here is none of a share's business. */
export const readRoutes: readonly OrthancRoute[] = [...pages, ...rest, ...dicomWeb];

/** What a viewer posts, of which only the body tells what it asks: the service answers it in Orthanc's place. */
export const answeredHere = ['/tools/lookup', '/tools/find'] as const;

/** Reads a token, which is in the body, and tells what it opens. */
export const decodePath = '/auth/tokens/decode';

/** Whoever may call these owns the archive (Orthanc Book, "Securing Orthanc"). */
export const administratorsOnly = ['/tools/execute-script', '/tools/reset', '/tools/shutdown'] as const;
