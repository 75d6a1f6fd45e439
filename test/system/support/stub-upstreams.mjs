// Doubles of what stands behind a proxy: a service with a guard that is told what to answer, and an Orthanc. Both keep what
// they were asked, byte by byte. And a client that sends what it is given, which a well-behaved one would not.
import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { undoLater } from './stage.mjs';

/** `behave(request, response)` answers; `asked` is what came, last first out with `take`. */
export async function startStub(behave) {
  const asked = [];
  const server = createServer({ maxHeaderSize: 512 * 1024 }, (request, response) => {
    asked.push({ method: request.method, url: request.url, headers: request.headers, raw: request.rawHeaders });
    behave(request, response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  const stop = undoLater(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return { server, port, address: `127.0.0.1:${port}`, asked, take: () => asked.splice(0), stop };
}

/**
 * Sends a request as it is written and resolves with status, headers (a list of pairs, names in lower case) and body.
 * `headers` is a list of pairs too: the same name may come twice.
 */
export function send({ port, method = 'GET', path, headers = [], body = '', tls = null, host = 'pacs.example.org' }) {
  return new Promise((resolve, reject) => {
    const socket = tls === null ? connectTcp(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', ...tls });
    const chunks = [];
    const timer = setTimeout(() => socket.destroy(new Error(`no answer to ${method} ${path.slice(0, 80)}`)), 20_000);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(readAnswer(Buffer.concat(chunks).toString('latin1')));
    });
    const length = body === '' ? [] : [['Content-Length', String(Buffer.byteLength(body))]];
    const lines = [['Host', host], ['Connection', 'close'], ...length, ...headers].map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
  });
}

function readAnswer(text) {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  return {
    status: Number(statusLine.split(' ')[1]),
    header: (name) => headers.find(([one]) => one === name)?.[1],
    all: (name) => headers.filter(([one]) => one === name).map(([, value]) => value),
    body: text.slice(end + 4),
  };
}
