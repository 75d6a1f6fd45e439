import { type Socket, connect } from 'node:net';
import { type TestService, adminCredentials, startTestService } from '../support/test-service.js';

const long = 2_000_000;

let service: TestService;
let socket: Socket;
let heard: string;
let faults: Error[];

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service?.close());

beforeEach(async () => {
  [heard, faults] = ['', []];
  socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  socket.on('data', (data) => (heard += data.toString()));
  socket.on('error', (error) => faults.push(error));
  await new Promise((done) => socket.once('connect', done));
});
afterEach(() => socket.destroy());

async function until(what: () => boolean): Promise<void> {
  for (const end = Date.now() + 8_000; !what();) {
    if (Date.now() > end) throw new Error(`not within 8 s; heard ${JSON.stringify(heard)}`);
    await new Promise((again) => setTimeout(again, 20));
  }
}
const begin = (method: string, path: string, headers: readonly string[]) =>
  socket.write(`${[`${method} ${path} HTTP/1.1`, 'Host: test', ...headers].join('\r\n')}\r\n\r\n`);
const lengths: [string, string, (text: string) => string][] = [
  ['a length', `Content-Length: ${long}`, (text) => text],
  ['chunks', 'Transfer-Encoding: chunked', (text) => `${text.length.toString(16)}\r\n${text}\r\n`],
];

describe.each([
  ['a viewer’s question', 'POST', '/edge/tools/find', []],
  ['a route of the API', 'PUT', '/settings/roles', [`Authorization: ${adminCredentials}`]],
] as [string, string, string, string[]][])('%s with a body that is too long', (_, method, path, headers) => {
  it.each(lengths)(
    'is answered while it is sent, by %s, and what still comes does no harm',
    async (_by, header, framed) => {
      begin(method, path, [...headers, 'Content-Type: application/json', header]);
      socket.write(framed('x'.repeat(long / 2)));
      await until(() => heard.endsWith('}'));
      expect(heard).toMatch(/^HTTP\/1\.1 413 /);
      expect(heard).toMatch(/^content-type: application\/problem\+json/im);
      expect(heard).toContain('"code":"body-too-large"');
      // As a proxy that has not read the answer yet: a connection that was reset would lose it.
      for (let piece = 0; piece < 10; piece++) {
        socket.write(framed('x'.repeat(long / 20)));
        await new Promise((again) => setTimeout(again, 20));
      }
      if (header.startsWith('Transfer')) socket.write('0\r\n\r\n');
      heard = '';
      begin('GET', '/health/live', []);
      await until(() => heard.includes('\r\n\r\n'));
      expect(heard).toMatch(/^HTTP\/1\.1 200 /);
      expect(faults).toEqual([]);
    },
  );
});

it.each(lengths)(
  'who goes on sending a body that is too long, by %s, is heard out for no more than a moment',
  async (_, header, framed) => {
    begin('POST', '/edge/tools/find', ['Content-Type: application/json', header.replace(String(long), '10000000000')]);
    const more = setInterval(() => socket.write(framed('x'.repeat(65_536))), 20);
    try {
      await until(() => socket.destroyed);
    } finally {
      clearInterval(more);
    }
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
  },
);
