import { connect, createServer } from 'node:net';
import { undoLater } from './stage.mjs';

/**
 * A TCP proxy in front of a port of this machine whose line can be disturbed. Connections that lived through a stall stay
 * dead after it, like those of a firewall that has forgotten them; only new ones get through.
 */
export async function startProxy(targetPort) {
  const pairs = new Set();
  let state = 'healed';
  const server = createServer((near) => {
    near.on('error', () => near.destroy());
    near.on('close', () => sockets.delete(near));
    sockets.add(near);
    if (state === 'stalled') return void near.resume();
    const far = connect(targetPort, '127.0.0.1');
    far.on('error', () => near.destroy());
    const pair = { near, far };
    pairs.add(pair);
    for (const end of [near, far]) {
      end.on('close', () => {
        pairs.delete(pair);
        if (!pair.stalled) (end === near ? far : near).destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  const sockets = new Set();
  const listen = (port) =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve(server.address().port);
      });
    });
  const cut = async () => {
    if (state === 'cut') return;
    state = 'cut';
    const closed = new Promise((done) => server.close(done));
    for (const socket of sockets) socket.destroy();
    for (const { far } of pairs) far.destroy();
    await closed;
  };
  const port = await listen(0);
  const stop = undoLater(cut);
  return {
    port,
    stop,
    /** Connections break, new ones are refused. */
    cut,
    /** Whatever is sent is swallowed; new connections are accepted and nothing comes back. */
    stall: () => {
      state = 'stalled';
      for (const pair of pairs) {
        pair.stalled = true;
        pair.near.unpipe(pair.far);
        pair.far.unpipe(pair.near);
        pair.near.resume();
        pair.far.resume();
      }
    },
    heal: async () => {
      const wasCut = state === 'cut';
      state = 'healed';
      if (wasCut) await listen(port);
    },
  };
}
