import { type Log, messageOf } from '../observability/log.js';

/** A server that can be looked at and started again where it was. */
export interface SupervisedServer {
  /** Cheap: asked twice a second. */
  isRunning(): boolean;
  /** Starts the server again at its old address; also fine when it runs. Rejects when it does not come up. */
  restart(): Promise<void>;
}

export interface SupervisionTiming {
  /** Milliseconds between two looks. */
  readonly lookMs: number;
  /** Milliseconds before the second attempt of a row; doubles with each further one. The first attempt does not wait. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** A server that has run this long, in milliseconds, ends the row: what happens to it then is a new story. */
  readonly provenMs: number;
}

const usual: SupervisionTiming = { lookMs: 500, firstDelayMs: 500, longestDelayMs: 30_000, provenMs: 60_000 };

/**
 * Starts the database server again whenever it is gone, with growing delays while that does not last. Returns the function
 * that ends the supervision: it waits for a restart under way, and nothing is started once it has resolved.
 */
export function superviseServer(
  server: SupervisedServer,
  log: Log,
  timing: SupervisionTiming = usual,
): () => Promise<void> {
  const ending = new AbortController();
  const watching = watch(server, log, timing, ending.signal);
  return () => {
    ending.abort();
    return watching;
  };
}

async function watch(
  server: SupervisedServer,
  log: Log,
  timing: SupervisionTiming,
  ending: AbortSignal,
): Promise<void> {
  let attempts = 0;
  let startedAt = 0;
  for (;;) {
    await pauseUnless(ending, timing.lookMs);
    if (ending.aborted) return;
    if (server.isRunning()) continue;

    if (attempts > 0 && performance.now() - startedAt > timing.provenMs) attempts = 0;
    const delayMs = attempts === 0 ? 0 : Math.min(timing.firstDelayMs * 2 ** (attempts - 1), timing.longestDelayMs);
    log.warn('embedded-database-gone', { attempt: attempts + 1, delayMs });
    await pauseUnless(ending, delayMs);
    if (ending.aborted) return;
    attempts += 1;
    try {
      await server.restart();
      log.info('embedded-database-restarted');
    } catch (error) {
      log.error('embedded-database-restart-failed', { cause: messageOf(error) });
    }
    startedAt = performance.now();
  }
}

function pauseUnless(ending: AbortSignal, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (ending.aborted || milliseconds === 0) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      ending.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds).unref(); // watching alone is no reason for the process to live
    ending.addEventListener('abort', done);
  });
}
