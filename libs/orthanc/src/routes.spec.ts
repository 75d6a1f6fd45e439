import { isPlainPath } from './address.js';
import { RouteTable } from './route-table.js';
import { answeredHere, administratorsOnly, readRoutes } from './routes.js';

const table = new RouteTable(readRoutes);
const O = '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa';

describe('the table of routes', () => {
  it('holds each path once, and none that a server could read in another way', () => {
    const paths = readRoutes.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect([path, isPlainPath(path.replace(/[{}*]/g, ''))]).toEqual([path, true]);
  });

  it('names a study, a series or an instance in all that is no page and no search', () => {
    const without = readRoutes.filter(({ path, gives, search }) => gives !== 'page' && !search && !path.includes('{'));
    expect(without).toEqual([]);
  });

  it('names no thing in a page: the pages are for everybody', () => {
    expect(readRoutes.filter(({ path, gives }) => gives === 'page' && path.includes('{'))).toEqual([]);
  });

  it('gives DICOM as files and archives only where it says so', () => {
    const takesAway = readRoutes.filter(({ path }) =>
      /\/(?:archive|media|file)$|\/attachments|^\/dicom-web\/studies\/\{StudyInstanceUID\}(?:\/series\/\{SeriesInstanceUID\}(?:\/instances\/\{SOPInstanceUID\})?)?$/.test(
        path,
      ),
    );
    expect(takesAway).toHaveLength(23);
    for (const { path, gives } of takesAway)
      expect([path, ['file', 'archive', 'attachment', 'object'].includes(gives)]).toEqual([path, true]);
  });
});

/** Of Orthanc 1.12, its DICOMweb plugin and Orthanc Explorer 2, all that is none of a share's business. */
const noneOfAShare = [
  ...['/patients', `/patients/${O}`, `/patients/${O}/archive`, `/patients/${O}/studies`, `/patients/${O}/protected`],
  ...[`/patients/${O}/module`, `/patients/${O}/shared-tags`, `/patients/${O}/media`, `/patients/${O}/instances`],
  ...['/studies', '/studies/', '/series', '/instances', '/statistics', '/changes', '/exports', '/jobs', '/jobs/1'],
  ...['/jobs/1/archive', '/modalities', '/modalities/pacs', '/modalities/pacs/query', '/modalities/pacs/store'],
  ...['/modalities/pacs/echo', '/modalities/pacs/find-worklist', '/modalities/pacs/configuration', '/peers'],
  ...['/peers/other', '/peers/other/store', '/peers/other/system', '/queries', '/queries/1', '/queries/1/answers'],
  ...['/queries/1/answers/0/content', '/queries/1/retrieve', '/storage-commitment/1', '/transcoding'],
  ...['/plugins', '/plugins/explorer.js', '/plugins/dicom-web', '/plugins/authorization', '/app/explorer.html'],
  ...['/app', '/app/images/orthanc-logo.png', '/favicon.ico', '/ui', '/ui/api/remote-dicom-web', '/ui/api/plugins'],
  ...['/tools', ...answeredHere, ...administratorsOnly, '/tools/now', '/tools/now-local', '/tools/dicom-conformance'],
  ...['/tools/metrics', '/tools/metrics-prometheus', '/tools/log-level', '/tools/log-level-plugins', '/tools/labels'],
  ...['/tools/generate-uid', '/tools/invalidate-tags', '/tools/create-archive', '/tools/create-media'],
  ...['/tools/create-media-extended', '/tools/create-dicom', '/tools/bulk-anonymize', '/tools/bulk-content'],
  ...['/tools/bulk-delete', '/tools/bulk-modify', '/tools/reconstruct', '/tools/accepted-transfer-syntaxes'],
  ...['/tools/unknown-sop-class-accepted', '/tools/default-encoding', '/tools/count-resources', '/tools/find/1'],
  ...[`/studies/${O}/patient`, `/studies/${O}/labels`, `/studies/${O}/labels/x`, `/studies/${O}/metadata`],
  ...[`/studies/${O}/metadata/LastUpdate`, `/studies/${O}/anonymize`, `/studies/${O}/modify`, `/studies/${O}/merge`],
  ...[`/studies/${O}/split`, `/studies/${O}/reconstruct`, `/studies/${O}/archive/x`, `/studies/${O}/`],
  ...[`/studies/${O}/attachments/dicom/compress`, `/studies/${O}/attachments/dicom/uuid`, `/studies/${O}/media/1`],
  ...[`/series/${O}/patient`, `/series/${O}/labels`, `/series/${O}/metadata`, `/series/${O}/numpy`],
  ...[`/instances/${O}/patient`, `/instances/${O}/labels`, `/instances/${O}/metadata`, `/instances/${O}/export`],
  ...[`/instances/${O}/reconstruct`, `/instances/${O}/attachments/dicom/verify-md5`, `/instances/${O}/nifti`],
  ...[`/instances/${O}/frames/0`, `/instances/${O}/frames/0/matlab`, `/instances/${O}/frames/0/numpy`],
  ...['/dicom-web', '/dicom-web/', '/dicom-web/servers', '/dicom-web/servers/x/get', '/dicom-web/servers/x/retrieve'],
  ...['/dicom-web/servers/x/stow', '/dicom-web/info', '/dicom-web/patients', '/wado', '/dicom-web/wado'],
  ...['/dicom-web/studies/', '/dicom-web/studies/1.2/', '/dicom-web/studies/1.2/labels', '/dicom-web/bulk/1'],
  ...['/dicom-web/studies/1.2/series/1.3/frames/1', '/dicom-web/studies/1.2/instances/1.4'],
  ...['/auth/tokens', '/auth/tokens/stone-viewer-publication', '/auth/settings/roles', '/auth/users', '/auth'],
  ...[
    '/osimis-viewer',
    '/osimis-viewer/series',
    '/webdav',
    '/webdav/by-uids',
    `/stl/rt-struct/${O}`,
    '/stl/encode',
    '/indexer',
    '/transfers/pull',
  ],
  ...['/housekeeper/status', '/delayed-deletion/status', '/pg-lock', '/mysql', '/graphql', '/worklists', '/labels'],
];

describe('what is none of a share', () => {
  it.each(noneOfAShare)('is %s', (path) => {
    expect(table.match(path)).toBeNull();
  });

  it.each([
    '/__proto__',
    '/constructor',
    '/studies/__proto__',
    '/studies/constructor',
    '/toString',
    '/{study}',
    '/studies/{study}',
  ])('is a name that every object or the table itself has: %s', (path) => {
    expect(table.match(path)).toBeNull();
  });

  it.each(['/Studies', '/STUDIES', '/System', '/DICOM-WEB/studies', '/dicom-web/Studies', '/OHIF/', '/Ui/app/'])(
    'is a path in other letters: %s',
    (path) => {
      expect([table.match(path), table.match(`${path}/${O}`), table.match(`${path}/1.2/metadata`)]).toEqual([
        null,
        null,
        null,
      ]);
    },
  );
});
