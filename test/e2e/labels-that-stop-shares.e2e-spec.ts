import { type TestService, adminCredentials, startTestService } from '../support/test-service.js';

let service: TestService;
let token: string;

beforeAll(async () => {
  service = await startTestService({ env: { LABELS_THAT_STOP_SHARES: 'do-not-share' } });
  const minted = await service.call('PUT', '/tokens/stone-viewer-publication', {
    resources: [{ level: 'study', 'dicom-uid': '1.2.3' }],
  });
  token = minted.json.token;
});
afterAll(() => service?.close());

const study = { level: 'study', 'dicom-uid': '1.2.3' };
const ask = (more: object, path = '/tokens/validate') =>
  service.call('POST', path, { ...study, 'token-value': token, method: 'get', ...more });

it('a label of the installation stops a live share, on the lane and beside it', async () => {
  for (const path of ['/tokens/validate', '/tokens/validate/']) {
    expect((await ask({ labels: ['teaching'] }, path)).json.granted).toBe(true);
    expect((await ask({ labels: ['teaching', 'do-not-share'] }, path)).json.granted).toBe(false);
    expect((await ask({}, path)).json.granted).toBe(true);
  }
});

it('explain names the label rule', async () => {
  const { json } = await service.call(
    'POST',
    '/api/v1/explain',
    {
      subject: { token },
      resource: { level: 'study', dicomUid: '1.2.3', labels: ['do-not-share'] },
      method: 'get',
    },
    { authorization: adminCredentials },
  );
  expect(json).toMatchObject({ granted: false, summary: expect.stringContaining('LABELS_THAT_STOP_SHARES') });
});
