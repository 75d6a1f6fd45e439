import { createServer } from 'node:net';
import { undoLater } from './stage.mjs';

/** A receiver of syslog over TCP (octet counting, RFC 6587 section 3.4.1) that can be away, on a port of its own. */
export async function prepareReceiver() {
  const messages = [];
  const sockets = new Set();
  let server = null;
  let connected = 0;
  const listen = (port) =>
    new Promise((resolve, reject) => {
      server = createServer((socket) => {
        connected += 1;
        sockets.add(socket);
        let rest = Buffer.alloc(0);
        socket.on('error', () => undefined);
        socket.on('close', () => sockets.delete(socket));
        socket.on('data', (chunk) => {
          rest = Buffer.concat([rest, chunk]);
          for (let frame = frameOf(rest); frame !== null; frame = frameOf(rest)) {
            messages.push(frame.text);
            rest = rest.subarray(frame.end);
          }
        });
      });
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve(server.address().port));
    });
  /** Connections break, and new ones are refused. What was not read by then is lost. */
  const leave = async () => {
    const closed = new Promise((done) => server.close(done));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  const port = await listen(0);
  await leave();
  return {
    port,
    messages,
    connections: () => connected,
    /** Reads nothing more: what is sent fills the buffers, and is lost with them when it leaves. */
    stall: () => {
      for (const socket of sockets) socket.pause();
    },
    come: async () => {
      await listen(port);
      undoLater(leave);
    },
    leave,
  };
}

function frameOf(octets) {
  const space = octets.indexOf(0x20);
  if (space === -1) return null;
  const digits = octets.toString('latin1', 0, space);
  if (!/^[1-9]\d{0,9}$/.test(digits)) throw new Error(`no frame begins with ${JSON.stringify(digits)}`);
  const end = space + 1 + Number(digits);
  return octets.length < end ? null : { text: octets.toString('utf8', space + 1, end), end };
}
