// The load generator, in a process and on a core of its own: plain sockets, a fixed number of callers, each of which sends
// its next request when the answer to the last one is there. Every answer is checked.
import { connect } from 'node:net';
import { percentile } from './statistics.mjs';

const sets = new Map();
let source = 0;

process.on('disconnect', () => process.exit(0));
process.on('message', (order) => {
  if (order.questions !== undefined) {
    for (const [name, list] of Object.entries(order.questions)) {
      sets.set(
        name,
        list.map(({ request, ...rest }) => ({ request: Buffer.from(request), ...rest })),
      );
    }
    process.send({ prepared: true });
  } else {
    run(order).then(
      (result) => process.send({ id: order.id, result }),
      (error) => process.send({ failed: error.message }),
    );
  }
});

async function run({ port, kind, callers, newConnection, requests, pauseMs = 0 }) {
  const questions = sets.get(kind);
  const times = new Float64Array(requests);
  // A port of a closed connection rests for a minute: another source address each time keeps enough of them.
  const localAddress = newConnection ? `127.0.0.${2 + (source++ % 200)}` : undefined;
  let next = 0;
  const take = () => (next < requests ? next++ : -1);
  const slice = { port, localAddress, newConnection, questions, times, take, pauseMs };
  // Kept awake: waking a sleeping peer costs the sender of a packet some microseconds, and the slower of two servers would
  // find it asleep more often and pay for that on top.
  let awake = pauseMs === 0;
  const poll = () => awake && setImmediate(poll);
  poll();
  const start = performance.now();
  await Promise.all(Array.from({ length: callers }, () => caller(slice))).finally(() => (awake = false));
  const seconds = (performance.now() - start) / 1000;
  times.sort();
  return {
    perSecond: requests / seconds,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    p999: percentile(times, 0.999),
  };
}

function caller({ port, localAddress, newConnection, questions, times, take, pauseMs }) {
  return new Promise((resolve, reject) => {
    let socket = null;
    let received = '';
    let number = -1;
    let sent = 0;

    const fail = (error) => {
      socket?.destroy();
      reject(error);
    };
    const open = () => {
      const opened = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
      opened.on('data', (chunk) => onData(chunk));
      opened.on('error', fail);
      opened.on('close', () => opened === socket && fail(new Error('the server closed the connection')));
      opened.setTimeout(20_000, () => fail(new Error('no answer within 20 s')));
      socket = opened;
    };
    const proceed = () => {
      number = take();
      if (number === -1 || newConnection) {
        const old = socket;
        socket = null;
        old?.destroy();
      }
      if (number === -1) return resolve();
      sent = performance.now();
      if (socket === null) open();
      socket.write(questions[number % questions.length].request);
    };
    const onData = (chunk) => {
      received = received === '' ? chunk.latin1Slice() : received + chunk.latin1Slice();
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      const bodiless = received.startsWith('HTTP/1.1 204');
      const length = bodiless ? '0' : /\r\ncontent-length: (\d+)/i.exec(received)?.[1];
      if (length === undefined) return fail(new Error(`an answer without a length: ${received.slice(0, 200)}`));
      const missing = end + 4 + Number(length) - received.length;
      if (missing > 0) return;
      times[number] = performance.now() - sent;
      const body = received.slice(end + 4);
      const { expected, head = null, anyStatus = false } = questions[number % questions.length];
      const right =
        (anyStatus || received.startsWith(head === null ? 'HTTP/1.1 200' : 'HTTP/1.1 204')) &&
        (head === null || received.includes(head)) &&
        (expected === null ? body.includes('"token":"ey') : body === expected);
      if (!right) return fail(new Error(`not the expected answer: ${received.slice(0, 600)}`));
      received = '';
      if (pauseMs === 0) proceed();
      else setTimeout(proceed, pauseMs);
    };
    proceed();
  });
}
