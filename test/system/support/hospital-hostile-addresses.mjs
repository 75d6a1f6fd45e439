// Addresses that try to reach beyond a share of study `a`: spelt in other ways, of other things, and searches.
import { searches } from './hospital-hostile-searches.mjs';

/**
 * By kind; `title`, `path` below Orthanc's or `target` as a whole, and what else a request has. `may: 'reach'`: it is about the
 * share and may be let through, but must show nothing else.
 */
export function hostileAddresses({ a, b, c }) {
  return {
    'another spelling of an address': spellings(a, b),
    'another part of the site': otherSites(a, b),
    'a search': searches(a, b, c),
    'a thing outside the share': foreignThings(a, b, c),
    'the archive as a whole': wholeArchive(b),
  };
}

function spellings(a, b) {
  const [A, B] = [a.study, b.study];
  return [
    ['an encoded slash before the id', `/studies%2F${B}`],
    ['an encoded slash and two dots', `/studies/${A}%2F..%2F${B}`],
    ['two encoded dots', `/studies/${A}/%2e%2e/${B}`],
    ['two encoded dots in upper case', `/studies/${A}/%2E%2E/${B}/archive`],
    ['dots with an encoded slash', `/studies/${A}/..%2f${B}`],
    ['dots encoded twice', `/studies/${A}/%252e%252e/${B}`],
    ['slashes encoded twice', `/studies/${A}%252f..%252f${B}`],
    ['dots encoded three times', `/studies/${A}/%25252e%25252e/${B}`],
    ['two dots', `/studies/${A}/../${B}`],
    ['one dot and two dots', `/studies/${A}/./../${B}`],
    ['two dots from a file of a viewer', `/stone-webviewer/../studies/${B}`],
    ['encoded dots from a file of a viewer', `/stone-webviewer/%2e%2e/studies/${B}`],
    ['dots encoded twice from a file of a viewer', `/stone-webviewer/%252e%252e/studies/${B}`],
    ['two dots at the end of a file of a viewer', `/ui/app/..%5c..%5cstudies/${B}`],
    ['two slashes at the beginning', `//studies/${B}`],
    ['two slashes in the middle', `/studies//${B}`],
    ['two slashes behind the shared study', `/studies/${A}//../${B}`],
    ['a semicolon with dots', `/studies/${A};/../${B}`],
    ['a parameter of a step', `/studies/${A};a=b/archive`],
    ['an encoded semicolon', `/studies/${A}%3b/../${B}`],
    ['a backslash', `/studies/${A}\\..\\${B}`],
    ['an encoded backslash', `/studies/${A}/..%5c${B}`],
    ['a null byte', `/studies/${B}%00${A}`],
    ['a null byte at the end', `/studies/${A}%00`],
    ['a line break', `/studies/${A}%0d%0aX:%20y/../${B}`],
    ['a blank', `/studies/${A}%20/../${B}`],
    ['a fragment', `/studies/${A}#/../${B}`],
    ['an encoded question mark', `/studies/${B}%3f/../${A}`],
    ['an overlong dot of UTF-8', `/studies/${A}/%c0%ae%c0%ae/${B}`],
    ['a wide dot of Unicode', `/studies/${A}/\uff0e\uff0e/${B}`],
    ['a wide slash of Unicode', `/studies/${A}%ef%bc%8f${B}`],
    ['a percent sign that stands for nothing', `/studies/${A}/%zz/../../${B}`],
    ['an encoded letter of the route', `/%73tudies/${B}`],
    ['an encoded digit of the id', `/studies/%${B.charCodeAt(0).toString(16)}${B.slice(1)}`],
    ['the route in another case', `/Studies/${B}`],
    ['the id in another case', `/studies/${A.toUpperCase()}`],
    ['an id in braces', `/studies/{${A},${B}}`],
    ['two ids with a comma', `/studies/${A},${B}`],
    ['an id with a dot at its end', `/studies/${B}.`],
    ['an id cut short', `/studies/${A.slice(0, 35)}`],
    ['a wildcard for an id', '/studies/*'],
    ['steps behind an instance that go back', `/instances/${a.instance}/content/../../../studies/${B}`],
    [
      'encoded steps behind an instance that go back',
      `/instances/${a.instance}/content/%2e%2e/%2e%2e/${b.instance}/file`,
    ],
    [
      'two dots behind bulk data',
      `/dicom-web/studies/${a.uid}/series/${a.seriesUid}/instances/${a.instanceUid}/bulk/../../../../../../${b.uid}`,
    ],
    ['an address of 9 kB', `/studies/${A}?x=${'a'.repeat(9_000)}`],
    ['an address of 9 kB of encoded steps', `/studies/${A}${'/%2e%2e'.repeat(1_250)}/${B}`],
    ['an address of 70 kB', `/stone-webviewer/index.html?study=${'1'.repeat(70_000)}`],
  ].map(([title, path]) => ({ title, path }));
}

/** Whole addresses, beside Orthanc's root. */
function otherSites(a, b) {
  return [
    `/orthanc/../orthanc/studies/${b.study}`,
    `/ohif/../orthanc/studies/${b.study}`,
    `/ohif/..%2forthanc/studies/${b.study}`,
    '/ohif../etc/nginx.conf',
    '/ohif/../../etc/warden/guard.conf',
    `/share/../orthanc/studies/${b.study}`,
    `/auth-service/..%2forthanc/studies/${b.study}`,
    `/orthanc%2fstudies/${b.study}`,
    `/ORTHANC/studies/${b.study}`,
    `/orthanc/orthanc/studies/${b.study}`,
    `/orthanc-api/studies/${b.study}`,
    `/orthanc-cert/studies/${b.study}`,
    `/shares/studies/${b.study}`,
    `/orthancx/studies/${b.study}`,
    '/.warden/guard',
    '/orthanc/.warden/guard',
    '/orthanc/../.warden/guard',
    '/auth-service/forward-auth',
    '/auth-service/%66orward-auth',
    '/auth-service//forward-auth',
    `/auth-service/forward-auth/orthanc/studies/${a.study}`,
    '/auth-service/x/../forward-auth',
    '/auth-service/edge/tools/lookup',
  ].map((target) => ({
    title: `the site's ${target.length > 60 ? `${target.slice(0, 60)}…` : target}`,
    target,
    headers: [`X-Original-Method: GET`, `X-Original-URI: /orthanc/studies/${a.study}`],
  }));
}

function foreignThings(a, b, c) {
  const study = `/dicom-web/studies/${a.uid}`;
  return [
    ['a foreign study', `/studies/${b.study}`],
    ["the patient's other study", `/studies/${c.study}`],
    ["a foreign study's archive", `/studies/${b.study}/archive`],
    ['a foreign series', `/series/${b.series}`],
    ['a foreign instance', `/instances/${b.instance}`],
    ['a foreign file', `/instances/${b.instance}/file`],
    ['a foreign preview', `/instances/${b.instance}/preview`],
    ['foreign pixels', `/instances/${b.instance}/frames/0/raw`],
    ['a list of foreign attachments', `/instances/${b.instance}/attachments`],
    ['a foreign attachment', `/instances/${b.instance}/attachments/dicom/data`],
    ['the shared patient', `/patients/${a.patient}`],
    ["the shared patient's studies", `/patients/${a.patient}/studies`],
    ["the shared patient's archive", `/patients/${a.patient}/archive`],
    ['the patient of the shared study', `/studies/${a.study}/patient`],
    ["the archive's notes on the shared study", `/studies/${a.study}/metadata`],
    ['the labels of the shared study', `/studies/${a.study}/labels`],
    ['foreign metadata over DICOMweb', `/dicom-web/studies/${b.uid}/metadata`],
    ['a foreign study over DICOMweb', `/dicom-web/studies/${b.uid}`],
    ['two studies over DICOMweb', `/dicom-web/studies/${a.uid},${b.uid}/metadata`],
    ['two studies over DICOMweb with a backslash', `/dicom-web/studies/${a.uid}%5c${b.uid}/metadata`],
    ['any study over DICOMweb', '/dicom-web/studies/*/metadata'],
    ['studies by a prefix over DICOMweb', `/dicom-web/studies/${a.uid.slice(0, -1)}*/series`],
    ['a study whose UID goes on', `/dicom-web/studies/${a.uid}0/series`],
    [
      'WADO-URI of the shared study',
      `/wado?requestType=WADO&studyUID=${a.uid}&seriesUID=${a.seriesUid}&objectUID=${a.instanceUid}`,
    ],
    [
      'WADO-URI of a foreign instance',
      `/wado?requestType=WADO&studyUID=${a.uid}&objectUID=${b.instanceUid}&contentType=application/dicom`,
    ],
  ]
    .map(([title, path]) => ({ title, path }))
    .concat([
      { title: 'a question about a foreign archive', method: 'HEAD', path: `/studies/${b.study}/archive` },
      { title: 'a question about a foreign file', method: 'HEAD', path: `/instances/${b.instance}/file` },
      { title: 'a part of a foreign file', path: `/instances/${b.instance}/file`, headers: ['Range: bytes=0-1'] },
    ])
    .concat(
      [
        ['a foreign series beneath the shared study', `${study}/series/${b.seriesUid}/metadata`],
        ["a foreign series' files beneath the shared study", `${study}/series/${b.seriesUid}`],
        ['a foreign series drawn beneath the shared study', `${study}/series/${b.seriesUid}/rendered`],
        ['a foreign instance beneath the shared series', `${study}/series/${a.seriesUid}/instances/${b.instanceUid}`],
        [
          'a foreign instance and series beneath the shared study',
          `${study}/series/${b.seriesUid}/instances/${b.instanceUid}`,
        ],
        ['foreign tags beneath the shared study', `${study}/series/${b.seriesUid}/instances/${b.instanceUid}/metadata`],
        [
          'a foreign frame beneath the shared study',
          `${study}/series/${b.seriesUid}/instances/${b.instanceUid}/frames/1`,
        ],
        [
          'a foreign frame beneath the shared series',
          `${study}/series/${a.seriesUid}/instances/${b.instanceUid}/frames/1`,
        ],
        [
          'a foreign picture beneath the shared study',
          `${study}/series/${b.seriesUid}/instances/${b.instanceUid}/rendered`,
        ],
        [
          'foreign bulk data beneath the shared study',
          `${study}/series/${b.seriesUid}/instances/${b.instanceUid}/bulk/7fe00010`,
        ],
        [
          'a foreign frame drawn beneath the shared study',
          `${study}/series/${b.seriesUid}/instances/${b.instanceUid}/frames/1/rendered`,
        ],
        [
          'a foreign thumbnail beneath the shared study',
          `${study}/series/${b.seriesUid}/instances/${b.instanceUid}/thumbnail`,
        ],
        ['series of the shared study, with a foreign one as an argument', `${study}/series?StudyInstanceUID=${b.uid}`],
        ['series of the shared study, with a foreign tag as an argument', `${study}/series?0020000D=${b.uid}`],
        [
          'instances of the shared study, with a foreign one as an argument',
          `${study}/instances?StudyInstanceUID=${b.uid}`,
        ],
        ['instances of the shared study, with a wildcard as an argument', `${study}/instances?StudyInstanceUID=*`],
        [
          'instances of the shared series, with foreign ones as arguments',
          `${study}/series/${a.seriesUid}/instances?0020000D=${b.uid}&0020000E=${b.seriesUid}`,
        ],
        ['tags of the shared study, with a foreign one as an argument', `${study}/metadata?StudyInstanceUID=${b.uid}`],
        [
          'the shared study, with a foreign one as an argument',
          `/studies/${a.study}/instances?expand&resources=${b.study}`,
        ],
        ['the archive of the shared study and of a foreign one', `/studies/${a.study}/archive?resources=${b.study}`],
      ].map(([title, path]) => ({ title, path, may: 'reach' })),
    );
}

function wholeArchive(b) {
  return [
    '/studies',
    '/studies?expand',
    '/patients',
    '/series',
    '/instances?limit=1000',
    '/changes',
    '/exports',
    '/jobs',
    '/jobs?expand',
    '/statistics',
    '/plugins',
    '/plugins/dicom-web',
    '/modalities?expand',
    '/peers',
    '/queries',
    '/storage/x',
    '/app/explorer.html',
    '/tools',
    '/tools/log-level',
    '/tools/labels',
    '/tools/metrics-prometheus',
    `/tools/create-archive?resources=${b.study}`,
    `/tools/create-media?resources=${b.study}`,
    `/tools/lookup?${b.uid}`,
    '/dicom-web/servers',
    '/dicom-web/info',
    '/dicom-web/servers/other/get?uri=/studies',
    '/webdav/',
    '/auth/settings/permissions',
    '/wsi/pyramids/x',
  ].map((path) => ({ title: path.replace(b.study, '{b}').replace(b.uid, '{b}'), path }));
}
