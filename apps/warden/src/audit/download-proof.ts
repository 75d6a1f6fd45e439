import { CommandFailed } from '../failures.js';
import { problemText } from '../problem-text.js';
import { type ServiceAccess, readServiceAccess } from '../settings.js';
import type { Surroundings } from '../surroundings.js';

/** Milliseconds without a byte after which the service is given up; the whole may take hours. */
const silenceMs = 60_000;

export interface Months {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The export, piece by piece, so that it may be larger than the memory. Whatever goes wrong is thrown as sentences for people. */
export async function* downloadProof({ from, to }: Months, surroundings: Surroundings): AsyncGenerator<Uint8Array> {
  const access = readServiceAccess(surroundings);
  if (access.inTheClear)
    surroundings.err('Warning: WARDEN_URL is http:// on another machine; credentials can be read on the way.\n');
  const query = new URLSearchParams({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    const response = await surroundings.fetch(
      `${access.url}/api/v1/audit/proof${query.size === 0 ? '' : `?${query.toString()}`}`,
      {
        headers: { accept: 'application/x-ndjson', ...access.headers },
        // A redirect would carry our credentials to an address that nobody gave.
        redirect: 'manual',
        signal: silence.signal,
      },
    );
    await refuseProblem(response, access);
    if (response.body === null) return;
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      timer.refresh();
      yield piece;
      timer.refresh();
    }
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
    const why = typeof cause?.code === 'string' ? cause.code : String(name);
    throw new CommandFailed(
      silence.signal.aborted
        ? `${access.url} sent nothing for ${silenceMs / 1000} seconds.`
        : `${access.url} cannot be asked, or broke off (${why}). Check WARDEN_URL and the network.`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

async function refuseProblem(response: Response, access: ServiceAccess): Promise<void> {
  const { status } = response;
  if (status >= 300 && status < 400)
    throw new CommandFailed(`${access.url} redirects elsewhere. Set WARDEN_URL to the address that it leads to.`);
  if (status < 200 || status > 299) throw new CommandFailed(problemText(status, await response.text(), access));
}
