import { connect } from 'node:net';
import { type TestService, pluginCredentials, startTestService } from '../support/test-service.js';

describe('the lane of POST /tokens/validate', () => {
  let service: TestService;
  beforeAll(async () => (service = await startTestService()));
  afterAll(() => service.close());

  it('lives through clients that go away in the middle of their body', async () => {
    const faults: unknown[] = [];
    const note = (fault: unknown) => faults.push(fault);
    process.on('uncaughtException', note);
    const head = `POST /tokens/validate HTTP/1.1\r\nhost: x\r\nauthorization: ${pluginCredentials}\r\ncontent-type: application/json\r\n`;
    const bodies = ['content-length: 1000\r\n\r\n{"method"', 'transfer-encoding: chunked\r\n\r\n9\r\n{"method"\r\n'];
    for (const body of bodies) {
      for (const leave of ['destroy', 'resetAndDestroy'] as const) {
        await new Promise<void>((resolve, reject) => {
          const socket = connect(Number(new URL(service.url).port), '127.0.0.1', () => {
            socket.write(head + body, () => setTimeout(() => socket[leave](), 20));
          });
          socket.on('close', () => resolve()).on('error', reject);
        });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('uncaughtException', note);
    expect(faults).toEqual([]);
    const answer = await service.call('POST', '/tokens/validate', { method: 'get', level: 'study' });
    expect(answer.json).toEqual({ granted: false, validity: 10 });
  });

  it('gives the same answer as the ordinary way, which takes the address with a slash at its end', async () => {
    const study = { level: 'study', 'dicom-uid': '1.2.3' };
    const { token } = (await service.call('PUT', '/tokens/viewer-instant-link', { resources: [study] })).json;
    for (const method of ['get', 'post', 'put', 'delete', 'patch']) {
      const question = { ...study, method, 'token-value': token };
      const lane = await service.call('POST', '/tokens/validate', question);
      const ordinary = await service.call('POST', '/tokens/validate/', question);
      expect([lane.status, lane.json.granted, lane.json.validity, lane.json.code]).toEqual([
        ordinary.status,
        ordinary.json.granted,
        ordinary.json.validity,
        ordinary.json.code,
      ]);
    }
  });
});
