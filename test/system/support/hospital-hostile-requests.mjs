// Requests that try to reach beyond a share of study `a` by method, body, credential, header or the way in which they are sent.
import { administration, credentials } from './hospital-hostile-credentials.mjs';
import { http2, transport } from './hospital-hostile-transport.mjs';

/** Whence some of them say that they come; nobody may believe it. */
export const madeUpAddress = '203.0.113.9';

/**
 * By kind; as in the addresses. `credential`: in place of the share's; null: none. `raw`: the bytes themselves. `may: 'answer'`:
 * the service answers it in Orthanc's place. `told`: with this status.
 */
export function hostileRequests({ studies, tokens, host, orthancHost }) {
  const { a, b, c } = studies;
  return {
    'a write': writes(a, b),
    'a question that only its body tells': questions(a, b),
    'another method': overrides(a),
    'a credential': credentials({ a, b, c, tokens }),
    "an administrator's route": administration(tokens),
    "a proxy's word": forged(a, b),
    'a download of what is to be looked at': noArchive(a, tokens),
    'a way of sending': transport({ a, b, tokens, host, orthancHost }),
    'HTTP/2': http2(a, b, c, tokens),
  };
}

function writes(a, b) {
  const json = (method, path, body) => ({
    title: `${method} ${path.replace(a.study, '{a}').replace(a.instance, '{i}')}`,
    method,
    path,
    body: JSON.stringify(body),
  });
  return [
    json('DELETE', `/studies/${a.study}`, {}),
    json('DELETE', `/instances/${a.instance}`, {}),
    json('DELETE', `/studies/${a.study}/labels/ward-7`, {}),
    json('DELETE', '/changes', {}),
    json('PUT', `/studies/${a.study}/labels/hostile`, {}),
    json('PUT', `/studies/${a.study}/metadata/1024`, 'hostile'),
    json('PUT', `/studies/${a.study}/attachments/1024`, 'hostile'),
    json('POST', `/studies/${a.study}/modify`, { Replace: { StudyDescription: 'hostile' }, KeepSource: true }),
    json('POST', `/studies/${a.study}/anonymize`, {}),
    json('POST', `/studies/${a.study}/merge`, { Resources: [b.study], KeepSource: true }),
    json('POST', `/studies/${a.study}/split`, { Series: [a.series], KeepSource: true }),
    json('POST', `/studies/${a.study}/reconstruct`, {}),
    json('POST', `/studies/${a.study}/archive`, { Asynchronous: true }),
    json('POST', '/instances', { Tags: {} }),
    json('POST', '/tools/bulk-delete', { Resources: [b.study] }),
    json('POST', '/tools/bulk-modify', {
      Level: 'Study',
      Resources: [b.study],
      Replace: { StudyDescription: 'hostile' },
    }),
    json('POST', '/tools/bulk-anonymize', { Resources: [b.study] }),
    json('POST', '/tools/bulk-content', { Resources: [b.study], Level: 'Study' }),
    json('POST', '/tools/create-archive', { Resources: [b.study], Synchronous: true }),
    json('POST', '/tools/create-dicom', { Tags: { PatientID: 'hostile' } }),
    json('POST', '/tools/execute-script', 'print(1)'),
    json('POST', '/tools/reset', {}),
    json('POST', '/tools/shutdown', {}),
    json('POST', '/tools/invalidate-tags', {}),
    json('POST', '/tools/count-resources', { Level: 'Study', Query: {} }),
    json('PUT', '/tools/log-level', 'trace'),
    json('PUT', '/modalities/hostile', { AET: 'HOSTILE', Host: '127.0.0.1', Port: 1 }),
    json('POST', '/modalities/hostile/store', { Resources: [b.study] }),
    json('POST', '/dicom-web/servers/hostile/stow', { Resources: [b.study] }),
    json('PUT', '/dicom-web/servers/hostile', { Url: 'http://127.0.0.1:1/' }),
    json('PUT', '/auth/settings/roles', { roles: {} }),
    json('PUT', '/auth/tokens/ohif-viewer-publication', {
      Resources: [{ DicomUid: b.uid, OrthancId: b.study, Level: 'study' }],
    }),
    ...['/dicom-web/studies', `/dicom-web/studies/${a.uid}`].map((path) => ({
      title: `STOW-RS to ${path.replace(a.uid, '{a}')}`,
      method: 'POST',
      path,
      headers: ['Content-Type: multipart/related; type="application/dicom"; boundary=x'],
      body: '--x\r\nContent-Type: application/dicom\r\n\r\nDICM\r\n--x--\r\n',
    })),
  ];
}

/** Answered by the service in Orthanc's place. */
function questions(a, b) {
  const lookup = (title, body) => ({
    title: `lookup of ${title}`,
    method: 'POST',
    path: '/tools/lookup',
    body,
    may: 'answer',
  });
  const find = (title, body) => ({
    title: `find of ${title}`,
    method: 'POST',
    path: '/tools/find',
    body: JSON.stringify(body),
    may: 'answer',
  });
  return [
    lookup('a foreign study', b.uid),
    lookup('a foreign series', b.seriesUid),
    lookup('a foreign instance', b.instanceUid),
    lookup("the shared patient's id", a.patientId),
    lookup('a foreign patient', b.patientId),
    lookup('two studies', `${a.uid}\\${b.uid}`),
    lookup('everything', '*'),
    find('everything', { Level: 'Study', Query: {} }),
    find('a foreign study', { Level: 'Study', Query: { StudyInstanceUID: b.uid }, Expand: true }),
    find('two studies', { Level: 'Instance', Query: { StudyInstanceUID: `${a.uid}\\${b.uid}` } }),
    find('a study by its tag', { Level: 'Study', Query: { '0020,000d': b.uid } }),
    find('one study by both spellings', { Level: 'Study', Query: { StudyInstanceUID: a.uid, '0020000d': b.uid } }),
    find('patients', { Level: 'Patient', Query: { PatientID: '*' }, Expand: true }),
    find("the patient's studies", { Level: 'Study', Query: { PatientID: a.patientId }, Expand: true }),
    find('children of a foreign study', {
      Level: 'Instance',
      Query: { StudyInstanceUID: a.uid },
      ParentStudy: b.study,
    }),
    find('the shared study, all of it', {
      Level: 'Study',
      Query: { StudyInstanceUID: a.uid },
      ResponseContent: ['Labels', 'Metadata'],
    }),
    {
      title: 'find with a body that is cut short',
      method: 'POST',
      path: '/tools/find',
      body: '{"Level":',
      may: 'answer',
    },
    {
      title: 'find with 2 MB of body',
      method: 'POST',
      path: '/tools/find',
      body: 'x'.repeat(2_000_000),
      may: 'answer',
      told: 413,
    },
    {
      title: 'find spelt with a slash at its end',
      method: 'POST',
      path: '/tools/find/',
      body: '{"Level":"Study","Query":{}}',
    },
    {
      title: 'find with an argument',
      method: 'POST',
      path: '/tools/find?_method=GET',
      body: '{"Level":"Study","Query":{}}',
    },
  ];
}

function overrides(a) {
  const study = `/studies/${a.study}`;
  return [
    ['?_method=DELETE', study, []],
    ['?_METHOD=DELETE', study, []],
    ['?%5fmethod=DELETE', study, []],
    ['?x=1&_method=PUT', `${study}/labels/hostile`, []],
    ['', study, ['X-HTTP-Method-Override: DELETE']],
    ['', study, ['X-HTTP-Method: DELETE']],
    ['', study, ['X-Method-Override: DELETE']],
    ['', study, ['x-http-method-override: GET', 'X-HTTP-Method-Override: DELETE']],
  ]
    .map(([query, path, headers]) => ({
      title: `GET as another method: ${query}${headers.join(', ')}`,
      path: path + query,
      headers,
    }))
    .concat({
      // nginx forwards no name with an underscore.
      title: 'GET as another method: X_HTTP_METHOD_OVERRIDE',
      path: study,
      headers: ['X_HTTP_METHOD_OVERRIDE: DELETE'],
      may: 'reach',
    });
}

/** What a proxy would say, said by the client. */
function forged(a, b) {
  const [granted, other] = [`/orthanc/studies/${a.study}`, `/studies/${b.study}`];
  return [
    [`X-Original-URI: ${granted}`],
    [`X-Original-URI: ${granted}`, 'X-Original-Method: GET'],
    [`X-Forwarded-Uri: ${granted}`, 'X-Forwarded-Method: GET'],
    [`X-Original-URL: ${granted}`],
    [`X-Rewrite-URL: ${granted}`],
    ['X-Forwarded-Prefix: /orthanc/studies'],
    ['X-Original-Prefix: /orthanc/studies'],
    ['X-Forwarded-For: 127.0.0.1'],
    ['Forwarded: for=127.0.0.1;proto=https'],
    ['X-Real-IP: 127.0.0.1'],
    [`X-Warden-Uri: /studies/${b.study}`, 'X-Warden-Kind: user', 'X-Warden-Upstream: orthanc'],
    ['X-Warden-Reason: granted', 'X-Warden-Roles: admin', 'X-Warden-Id: admin'],
    ['X-Accel-Redirect: /.warden/guard'],
    ['Connection: Authorization, X-Original-URI'],
  ]
    .map((headers) => ({
      title: `a foreign study with ${headers.join(', ').replaceAll(a.study, '{a}').replaceAll(b.study, '{b}')}`,
      path: other,
      headers,
    }))
    .concat([
      {
        title: 'DELETE with a method made up',
        method: 'DELETE',
        path: `/studies/${a.study}`,
        headers: ['X-Original-Method: GET', 'X-Forwarded-Method: GET'],
      },
      {
        title: 'the shared study with a form of another proxy',
        path: `/studies/${a.study}`,
        headers: [`X-Forwarded-Uri: /orthanc${other}`, 'X-Forwarded-Method: GET', `X-Warden-Uri: ${other}`],
        may: 'reach',
      },
      {
        title: 'the shared study with an address made up',
        path: `/studies/${a.study}`,
        headers: [
          `X-Forwarded-For: ${madeUpAddress}`,
          `X-Real-IP: ${madeUpAddress}`,
          `Forwarded: for=${madeUpAddress};proto=https`,
        ],
        may: 'reach',
      },
      {
        title: 'the shared study with a user made up',
        path: `/studies/${a.study}`,
        headers: ['X-Warden-Kind: user', 'X-Warden-Roles: admin'],
        may: 'reach',
      },
    ]);
}

function noArchive(a, tokens) {
  const credential = `Authorization: Bearer ${tokens.noArchive}`;
  return [
    { path: `/studies/${a.study}/archive` },
    { path: `/studies/${a.study}/media` },
    { path: `/series/${a.series}/archive` },
    { path: `/instances/${a.instance}/file` },
    { path: `/studies/${a.study}/attachments` },
    { path: `/instances/${a.instance}/attachments/dicom/data` },
    { path: `/dicom-web/studies/${a.uid}` },
    { path: `/dicom-web/studies/${a.uid}/series/${a.seriesUid}/instances/${a.instanceUid}` },
    { path: `/studies/${a.study}/archive`, method: 'HEAD' },
    { path: `/studies/${a.study}/archive`, headers: ['Range: bytes=0-100'] },
  ].map((one) => ({
    ...one,
    credential,
    title: `not to be downloaded: ${[one.method ?? 'GET', ...(one.headers ?? [])].join(' ')} ${one.path.replace(a.study, '{a}').replace(a.instance, '{i}')}`,
  }));
}
