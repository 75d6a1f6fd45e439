import { type TestService, adminCredentials, startTestService } from '../support/test-service.js';

let service: TestService;
let token: string;
const study = '1.2.276.0.7230010.3.1.2.1';
const orthancId = '11111111-22222222-33333333-44444444-55555555';

beforeAll(async () => {
  service = await startTestService({ env: { TRUSTED_PROXIES: '127.0.0.1', SHARE_POST: 'edge-only' } });
  const minted = await service.call('PUT', '/tokens/stone-viewer-publication', {
    resources: [{ level: 'study', 'dicom-uid': study, 'orthanc-id': orthancId }],
  });
  token = minted.json.token;
});
afterAll(() => service.close());

const ask = (method: string, uri: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/forward-auth`, {
    headers: { 'x-original-method': method, 'x-original-uri': uri, ...headers },
  });

it('lets a share read its own study', async () => {
  const answer = await ask('GET', `/shares/dicom-web/studies/${study}/metadata?token=${token}`);
  expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([204, {}]);
});
