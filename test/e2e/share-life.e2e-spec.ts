import { type TestService, adminCredentials, basic, startTestService } from '../support/test-service.js';

const study = { level: 'study', 'dicom-uid': '1.2.3', 'orthanc-id': '11111111-22222222-33333333-44444444-55555555' };

describe('the life of a share', () => {
  let service: TestService;
  beforeAll(async () => (service = await startTestService()));
  afterAll(() => service.close());

  const mint = async (body: object = {}, headers = {}) =>
    service.call('PUT', '/tokens/stone-viewer-publication', { resources: [study], ...body }, headers);
  const validate = (token: string, question: object = {}) =>
    service.call('POST', '/tokens/validate', {
      level: 'study',
      method: 'get',
      'dicom-uid': '1.2.3',
      'token-value': token,
      ...question,
    });
  const admin = { authorization: adminCredentials };

  it('mints, validates, decodes, lists, revokes, and refuses from then on', async () => {
    const minted = await mint({ id: 'life' });
    expect(minted.status).toBe(200);
    const { token } = minted.json;
    expect((await validate(token)).json).toEqual({ granted: true, validity: 10 });
    expect((await service.call('POST', '/tokens/decode', { 'token-value': token })).json['redirect-url']).toContain(
      'stone-webviewer',
    );

    const list = await service.call('GET', '/api/v1/shares', undefined, admin);
    const share = list.json.items.find((one: { label: string }) => one.label === 'life');
    expect(share).toMatchObject({ state: 'live', origin: 'minted', mintedBy: 'basic:test-user' });
    expect(list.text).not.toContain(token);

    const revoked = await service.call('POST', `/api/v1/shares/${share.id}/revoke`, { reason: 'wrong address' }, admin);
    expect(revoked.json).toMatchObject({ state: 'revoked', revokedBy: 'basic:admin', revokeReason: 'wrong address' });
    expect((await validate(token)).json.granted).toBe(false);
    const decoded = await service.call('POST', '/tokens/decode', { 'token-value': token });
    expect(decoded.json).toEqual({
      'token-type': 'stone-viewer-publication',
      'error-code': 'invalid',
      'redirect-url': null,
      resources: [],
      reason: 'revoked',
    });
  });

  it('answers the same share and token for the same Idempotency-Key, and 409 for another body', async () => {
    const key = { 'idempotency-key': 'order-4711' };
    const [first, second] = await Promise.all([mint({ id: 'once' }, key), mint({ id: 'once' }, key)]);
    expect(second.json).toEqual(first.json);
    expect(first.status).toBe(200);
    const other = await mint({ id: 'twice' }, key);
    expect(other.status).toBe(409);
    expect(other.json.code).toBe('idempotency-key-reused');
    const list = await service.call('GET', '/api/v1/shares?limit=500', undefined, admin);
    expect(list.json.items.filter((one: { label: string }) => one.label === 'once')).toHaveLength(1);
  });

  it('shows a sharer only their own shares, and pages through them without a gap', async () => {
    const sharer = { authorization: basic('sharer', 'sharer-pwd') };
    for (let index = 0; index < 5; index++) await mint({ id: `page-${index}` }, sharer);
    const labels: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page = await service.call(
        'GET',
        `/api/v1/shares?limit=2${next === '' ? '' : `&cursor=${next}`}`,
        undefined,
        sharer,
      );
      labels.push(...page.json.items.map((one: { label: string }) => one.label));
      next = page.json.next;
    }
    expect(labels).toEqual(['page-4', 'page-3', 'page-2', 'page-1', 'page-0']);
    const others = await service.call('GET', '/api/v1/shares?limit=500', undefined, admin);
    const foreign = others.json.items.find((one: { mintedBy: string }) => one.mintedBy !== 'basic:sharer');
    for (const path of [`/api/v1/shares/${foreign.id}`, `/api/v1/shares/${foreign.id}/revoke`]) {
      const answer = await service.call(
        path.endsWith('revoke') ? 'POST' : 'GET',
        path,
        path.endsWith('revoke') ? { reason: 'x' } : undefined,
        sharer,
      );
      expect(answer.status).toBe(404);
    }
  });

  it('lets the plugin and the landing page do their own work and nothing else', async () => {
    const landing = { authorization: basic('landing', 'landing-pwd') };
    const { token } = (await mint()).json;
    expect((await service.call('POST', '/tokens/decode', { 'token-value': token }, landing)).status).toBe(200);
    expect((await mint({}, landing)).status).toBe(403);
    expect((await service.call('POST', '/tokens/validate', {}, landing)).status).toBe(403);
    expect((await service.call('GET', '/api/v1/shares')).status).toBe(403);
    expect(
      (await service.call('GET', '/api/v1/shares', undefined, { authorization: 'Basic bm9ib2R5Ong=' })).status,
    ).toBe(401);
  });

  it('opens a share of as many studies as it mints, in the body and in the header that the plugin repeats', async () => {
    const uid = (index: number) => `1.2.276.0.7230010.3.1.2.2344313775.14992.1458058363.${6000 + index}.99`;
    const resources = Array.from({ length: 200 }, (_, index) => ({
      level: 'study',
      'dicom-uid': uid(index),
      'orthanc-id': `0195f13e-4afe6822-8b494cc4-5162c50d-${(index + 0x10000000).toString(16)}`,
    }));
    const { token } = (await mint({ resources })).json;
    expect((await validate(token, { 'dicom-uid': uid(199) })).json.granted).toBe(true);
    const headerOnly = { level: 'study', method: 'get', 'dicom-uid': uid(0) };
    expect((await service.call('POST', '/tokens/validate', headerOnly, { token })).json.granted).toBe(true);

    const long = resources.map((one) => ({ ...one, url: 'u'.repeat(1_000) }));
    const refused = await mint({ resources: long, id: 'too large' });
    expect([refused.status, refused.json.code]).toEqual([400, 'share-too-large']);
    const list = await service.call('GET', '/api/v1/shares?limit=500', undefined, admin);
    expect(list.json.items.some((one: { label: string }) => one.label === 'too large')).toBe(false);
  });
});
