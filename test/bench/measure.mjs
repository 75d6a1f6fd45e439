import { setTimeout as pause } from 'node:timers/promises';
import { cores, cpuMicroseconds, message, startNode } from './processes.mjs';
import { median, spread } from './statistics.mjs';

/** The load generator's process, seen from the run. */
export async function startLoad(questions) {
  const child = startNode(new URL('load-worker.mjs', import.meta.url).pathname, { core: cores?.load ?? null });
  let count = 0;
  const load = {
    async prepare(sets) {
      const prepared = message(child, (value) => value?.prepared === true, 'load generator');
      child.send({ questions: sets });
      await prepared;
    },
    async run(order) {
      const id = ++count;
      const done = message(child, (value) => value?.id === id, `${order.kind} on port ${order.port}`, 120_000);
      child.send({ ...order, id });
      return (await done).result;
    },
  };
  await load.prepare(questions);
  return load;
}

/** One stretch of load on one server, with what it cost that server. */
async function slice(load, server, order) {
  await pause(15); // what the stretch before left behind is done by then
  const before = cpuMicroseconds(server.pid);
  const result = await load.run({ ...order, ...server.order, port: server.port });
  await pause(15); // closing of connections belongs to this stretch
  const cpu = (cpuMicroseconds(server.pid) - before) / order.requests;
  server.emptyLog();
  return { ...result, cpu };
}

/**
 * Loads several servers in turn, `rounds` times, the order turned round each time, so that what the machine does
 * meanwhile strikes all alike. Ratios are taken within a round, to the first server.
 *
 * @returns for each server its slices, in the order of the rounds
 */
export async function inTurn(load, servers, order, rounds) {
  const results = servers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const indexes = servers.map((_, index) => index);
    if (round % 2 === 1) indexes.reverse();
    for (const index of indexes) results[index].push(await slice(load, servers[index], order));
  }
  return results;
}

/** For each server the medians, and the spread of its CPU ratio to the first one. */
export function summary(results) {
  return results.map((list) => ({
    cpu: median(list.map((one) => one.cpu)),
    perSecond: median(list.map((one) => one.perSecond)),
    p50: median(list.map((one) => one.p50)),
    p99: median(list.map((one) => one.p99)),
    ratio: spread(list.map((one, round) => one.cpu / results[0][round].cpu)),
  }));
}

/** Until the code is compiled for good, figures fall from slice to slice. */
export async function warmUp(load, servers, kinds, requests) {
  for (const kind of kinds) {
    const count = kind === 'mint' ? requests / 5 : requests; // waits for the disk
    for (const server of servers) {
      await load.run({ port: server.port, kind, callers: 16, requests: count });
      await load.run({ port: server.port, kind, callers: 16, newConnection: true, requests: count / 5 });
      server.emptyLog();
    }
  }
}
