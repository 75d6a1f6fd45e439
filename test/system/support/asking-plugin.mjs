// Stands for Orthanc's plugin under load, as a process of its own: asks about many links at a steady pace until it is told
// to end, and checks each answer. It is started with fork(); `startAsking` is the other side.
import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { undoLater } from './stage.mjs';

const connections = 32;
const tickMs = 2;
const longestMs = 5_000;

/** Links that are asked about again and again. */
const familiar = 500;

/**
 * Asks from now on. Of ten questions five are of a link that was never asked about, three of one that has expired, one is
 * no link at all, and one is of a link that is asked about often.
 *
 * @param order {url, authorization, secretKey, keyId, perSecond}
 */
export async function startAsking(order) {
  const child = fork(fileURLToPath(import.meta.url), { env: { PATH: process.env.PATH } });
  const ended = new Promise((done) => child.once('exit', done));
  const stop = undoLater(() => {
    child.kill('SIGKILL');
    return ended;
  });
  const answer = () =>
    new Promise((resolve, reject) => {
      child.once('message', ({ failed, ...rest }) =>
        failed === undefined ? resolve(rest) : reject(new Error(failed)),
      );
      void ended.then(() => reject(new Error('the asking process ended')));
    });
  const ask = (message) => {
    const answered = answer();
    child.send(message);
    return answered;
  };
  await ask({ begin: order });
  return {
    /** What was asked since the last call: `asked`, `granted`, `refused`, `worstMs`, `p99Ms`. Throws at a wrong answer. */
    soFar: () => ask({ tell: true }),
    /** Asks nothing more, waits for what is under way, and answers like `soFar`. */
    end: async () => {
      const last = await ask({ end: true });
      await stop();
      return last;
    },
  };
}

/** A link to study `1.2.276.0.99.NUMBER`, as this service signs it. */
export function signLink({ secretKey, keyId }, number, expiresAt = null) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const identity = Buffer.alloc(16);
  identity.writeUInt32BE(number + 1, 12);
  const payload = {
    id: `link ${number}`,
    resources: [{ dicom_uid: studyOf(number), orthanc_id: null, url: null, level: 'study' }],
    type: 'stone-viewer-publication',
    expiration_date: expiresAt,
    validity_duration: null,
    jti: identity.toString('base64url'),
    iat: 1_700_000_000,
  };
  const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: keyId })}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', secretKey).update(signed).digest('base64url')}`;
}

export const studyOf = (number) => `1.2.276.0.99.${number}`;

export const questionOf = (number, token) => ({
  level: 'study',
  'dicom-uid': studyOf(number),
  method: 'get',
  'token-value': token,
});

/** @returns {{body: string, granted: boolean}} */
function makeQuestion(order, index) {
  const kind = index % 10;
  const number = kind === 9 ? ((index - 9) / 10) % familiar : index + familiar;
  const expired = kind >= 5 && kind <= 7;
  const token = kind === 8 ? 'no link' : signLink(order, number, expired ? '2024-01-01T00:00:00+00:00' : null);
  return { body: JSON.stringify(questionOf(number, token)), granted: kind !== 8 && !expired };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  let asking = null;
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (message) => {
    try {
      if (message.begin !== undefined) asking = ask(message.begin);
      process.send(message.end === true ? await asking.end() : asking.tell());
    } catch (error) {
      process.send({ failed: error.message });
    }
  });
}

function ask(order) {
  const { hostname, port } = new URL(order.url);
  const idle = [];
  const began = performance.now();
  let index = 0;
  let underWay = 0;
  let over = false;
  let problem = null;
  let counts = { asked: 0, granted: 0, refused: 0 };
  let times = [];

  const open = () => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const line = { socket, question: null, started: 0 };
    let received = '';
    const fail = (what) => {
      if (!over || line.question !== null) problem ??= what;
      socket.destroy();
    };
    socket.on('error', ({ message }) => fail(message));
    socket.on('close', () => fail('the service closed the connection'));
    socket.setTimeout(longestMs, () => line.question !== null && fail(`no answer within ${longestMs} ms`));
    socket.on('data', (chunk) => {
      received += chunk.latin1Slice();
      const end = received.indexOf('\r\n\r\n');
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1]);
      if (end === -1 || received.length < end + 4 + length) return;
      const { granted, body } = line.question;
      if (!received.startsWith('HTTP/1.1 200') || !received.startsWith(`{"granted":${granted},`, end + 4))
        return fail(`${body} was answered ${received}`);
      times.push(performance.now() - line.started);
      counts.asked++;
      counts[granted ? 'granted' : 'refused']++;
      received = '';
      line.question = null;
      underWay--;
      idle.push(line);
    });
    idle.push(line);
  };
  for (let count = 0; count < connections; count++) open();

  const one = (line) => {
    line.question = makeQuestion(order, index++);
    line.started = performance.now();
    underWay++;
    const { body } = line.question;
    line.socket.write(
      `POST /tokens/validate HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${order.authorization}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  };
  let missed = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * order.perSecond) - index - missed;
    const now = Math.min(due, idle.length);
    for (let left = now; left > 0; left--) one(idle.pop());
    // What could not be asked in time is not asked in a rush afterwards.
    missed += Math.max(0, due - now - order.perSecond / 20);
  }, tickMs);

  const tell = () => {
    if (problem !== null) throw new Error(problem);
    times.sort((a, b) => a - b);
    const told = { ...counts, p99Ms: times[Math.floor(times.length * 0.99)] ?? 0, worstMs: times.at(-1) ?? 0 };
    counts = { asked: 0, granted: 0, refused: 0 };
    times = [];
    return told;
  };
  return {
    tell,
    end: async () => {
      over = true;
      clearInterval(timer);
      while (underWay > 0 && problem === null) await new Promise((next) => setTimeout(next, 5));
      for (const { socket } of idle) socket.destroy();
      return tell();
    },
  };
}
