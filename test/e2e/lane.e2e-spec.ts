import { connect } from 'node:net';
import { type TestService, basic, pluginCredentials, startTestService } from '../support/test-service.js';

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

  /** What is answered to a body that never ends, how much of it was taken, and whether the connection was ended. */
  function push(headers: string[]): Promise<{ answer: string; taken: number; ended: boolean }> {
    return new Promise((resolve) => {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
      const piece = Buffer.alloc(65_536, 0x20);
      let answer = '';
      let open = true;
      const more = () => {
        // A body of ten gigabytes in earnest would be read for minutes; 64 MB tell the same.
        while (open && socket.bytesWritten < 64 * 1024 * 1024 && socket.write(piece));
      };
      const patience = setTimeout(() => done(false), 5_000);
      const done = (ended: boolean) => {
        open = false;
        clearTimeout(patience);
        const taken = socket.bytesWritten - socket.writableLength;
        socket.destroy();
        resolve({ answer, taken, ended });
      };
      socket.on('data', (data) => (answer += data.toString()));
      socket.on('error', () => undefined).on('close', () => done(true));
      socket.on('drain', more);
      socket.write(`POST /tokens/validate HTTP/1.1\r\nhost: x\r\n${headers.join('\r\n')}\r\n\r\n`);
      setTimeout(more, 50);
    });
  }

  it.each<[string, string[]]>([
    ['wrong credentials', [`authorization: ${basic('test-user', 'wrong')}`]],
    ['no credentials', []],
    ['an origin of another host', [`authorization: ${pluginCredentials}`, 'origin: https://evil.example']],
  ])('refuses %s without the body, however long, and ends the connection', async (name, headers) => {
    for (const length of ['content-length: 10000000000', 'transfer-encoding: chunked']) {
      const { answer, taken, ended } = await push([...headers, length, 'content-type: application/json']);
      expect(answer).toMatch(name.startsWith('an origin') ? /^HTTP\/1.1 403 / : /^HTTP\/1.1 401 /);
      expect(answer).toMatch(/^connection: close$/im);
      expect(ended).toBe(true);
      // What the buffers of the two sockets hold, and no more.
      expect(taken).toBeLessThan(16 * 1024 * 1024);
    }
  });

  it('keeps the connection of whoever is refused with a small body, as the plugin with a wrong password is', async () => {
    const answers = await new Promise<string>((resolve, reject) => {
      const body = '{"method": "get", "level": "study"}';
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
      const ask = () =>
        socket.write(
          `POST /tokens/validate HTTP/1.1\r\nhost: x\r\nauthorization: ${basic('x', 'y')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
      let text = '';
      socket.on('error', reject).on('close', () => resolve(text));
      socket.on('data', (data) => {
        text += data.toString();
        const count = text.match(/HTTP\/1.1 401/g)?.length ?? 0;
        if (count === 2) socket.destroy();
        else if (text.endsWith('}')) ask();
      });
      ask();
    });
    expect(answers.match(/HTTP\/1.1 401/g)).toHaveLength(2);
  });

  it('leaves whoever is not known to the ordinary way, which refuses, and leaves one line', async () => {
    const { status, json } = await service.call('POST', '/tokens/validate', {}, { authorization: basic('x', 'y') });
    expect([status, json.code]).toEqual([401, 'not-signed-in']);
    expect(JSON.parse(service.lines.at(-1) ?? '')).toMatchObject({
      route: '/tokens/validate',
      status: 401,
      caller: null,
      outcome: 'not-signed-in',
    });
  });
});
