// What stands between the parts of the hospital and keeps what went by.
import { Agent, createServer, request } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { undoLater } from './stage.mjs';

/**
 * An HTTP proxy that changes nothing and keeps each request and the head of its answer, in the order in which they came.
 * `entries` is for tests to read and to empty.
 */
export async function startTap(port, target) {
  const entries = [];
  const agent = new Agent({ keepAlive: true });
  const server = createServer({ keepAliveTimeout: 65_000, maxHeaderSize: 256 * 1024 }, (asked, answer) => {
    const entry = { method: asked.method, uri: asked.url, headers: asked.headers, status: null, answer: {} };
    entries.push(entry);
    const { hostname, port: targetPort } = new URL(target);
    const options = { agent, hostname, port: targetPort, method: asked.method, path: asked.url };
    const onward = request({ ...options, headers: asked.rawHeaders, setDefaultHeaders: false }, (answered) => {
      Object.assign(entry, { status: answered.statusCode, answer: answered.headers });
      answer.writeHead(answered.statusCode, answered.rawHeaders);
      answered.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  await listening(server, port);
  undoLater(() => {
    agent.destroy();
    server.closeAllConnections();
    return closed(server);
  });
  return { url: `http://127.0.0.1:${port}`, entries };
}

/**
 * Passes bytes between nginx and Orthanc on as they are, so that nothing but these two agrees on where a request ends, and keeps
 * the head of each request that nginx sent.
 */
export async function startWire(port, target) {
  const entries = [];
  await startPipe({
    port,
    connectTo: () => connect({ port: Number(new URL(target).port), host: '127.0.0.1' }),
    onConnection: (near) => near.on('data', requestReader(entries)),
  });
  return { url: `http://127.0.0.1:${port}`, entries };
}

/** Passes connections on as they are, coming from another address of loopback: a client that is not this machine. */
export function startClientAt(address, port, targetPort) {
  return startPipe({ port, connectTo: () => connect({ port: targetPort, host: '127.0.0.1', localAddress: address }) });
}

async function startPipe({ port, connectTo, onConnection = () => undefined }) {
  const sockets = new Set();
  const server = createTcpServer((near) => {
    const far = connectTo();
    onConnection(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await listening(server, port);
  undoLater(() => {
    for (const socket of sockets) socket.destroy();
    return closed(server);
  });
}

/** Finds the heads in the bytes of one connection, past the bodies (RFC 9112 section 6). */
function requestReader(entries) {
  let text = '';
  let inChunks = false;
  let toSkip = 0;
  return (bytes) => {
    text += bytes.toString('latin1');
    for (;;) {
      const skipped = Math.min(toSkip, text.length);
      text = text.slice(skipped);
      toSkip -= skipped;
      const end = text.indexOf(inChunks ? '\r\n' : '\r\n\r\n');
      if (toSkip > 0 || end < 0) return;
      const head = text.slice(0, end);
      text = text.slice(end + (inChunks ? 2 : 4));
      if (inChunks) {
        const size = Number.parseInt(head, 16);
        // The line break behind a chunk; behind the last one nginx sends no trailer.
        toSkip = size + 2;
        inChunks = size > 0;
        continue;
      }
      const entry = readHead(head);
      entries.push(entry);
      inChunks = entry.headers['transfer-encoding'] === 'chunked';
      toSkip = Number(entry.headers['content-length'] ?? 0);
    }
  };
}

function readHead(head) {
  const [first, ...lines] = head.split('\r\n');
  const [, method, uri] = /^(\S+) (.*) HTTP\/1\.[01]$/.exec(first) ?? [undefined, 'unreadable', first];
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { method, uri, headers: Object.fromEntries(headers) };
}

function listening(server, port) {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
}

const closed = (server) => new Promise((done) => server.close(done));
