import { fork, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** Every process of this run, so that all are ended whatever happens. */
const running = new Set();

/** Servers share one core and the load has the other, so that a busy load generator does not slow what is measured. */
export const cores = existsSync('/usr/bin/taskset') && coreCount() > 1 ? { server: '0', load: '1' } : null;

function coreCount() {
  return readFileSync('/proc/cpuinfo', 'utf8').match(/^processor\s*:/gm)?.length ?? 1;
}

/** Starts a node program with an IPC channel: each of ours ends by itself when the channel closes (we were killed). */
export function startNode(file, { args = [], env = {}, stdout = 'ignore', core = null, nodeArgs = [] } = {}) {
  const stdio = ['ignore', stdout, 'inherit', 'ipc'];
  const options = { stdio, env: { PATH: process.env.PATH, ...env } };
  const child =
    core === null || cores === null
      ? fork(file, args, { ...options, execArgv: nodeArgs })
      : spawn('taskset', ['-c', core, process.execPath, ...nodeArgs, file, ...args], options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.on('error', () => undefined); // shows as the exit that `message` waits for
  return child;
}

/** The next message for which `wanted` is true. Rejects when the process ends first or takes too long. */
export function message(child, wanted, what, limitMs = 30_000) {
  return new Promise((resolve, reject) => {
    const settle = (act, value) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      act(value);
    };
    const onMessage = (value) => {
      if (value?.failed !== undefined) settle(reject, new Error(`${what}: ${value.failed}`));
      else if (wanted(value)) settle(resolve, value);
    };
    const onExit = (code, signal) => settle(reject, new Error(`${what}: the process ended (${code ?? signal})`));
    const timer = setTimeout(() => settle(reject, new Error(`${what}: no answer within ${limitMs} ms`)), limitMs);
    child.on('message', onMessage).once('exit', onExit);
  });
}

/** Ends one process: asked first, forced after `graceMs`. */
export async function stop(child, graceMs = 10_000) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.kill('SIGTERM');
  await gone;
  clearTimeout(force);
}

export async function stopAll() {
  // Youngest first: services before the database that they use.
  for (const child of [...running].reverse()) await stop(child);
}

/**
 * CPU time of a process so far, in microseconds, all threads. The scheduler's own figure has nanoseconds; the one in
 * `stat` has ticks of 10 ms and is only taken where there is no other.
 */
export function cpuMicroseconds(pid) {
  try {
    let nanoseconds = 0;
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
    return nanoseconds / 1000;
  } catch {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  }
}

/** Resident memory in MB: now, and the most that it ever was. */
export function residentMegabytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}
