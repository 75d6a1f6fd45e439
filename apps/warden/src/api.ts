import { CommandFailed } from './failures.js';
import { problemText } from './problem-text.js';
import { type ServiceAccess, readServiceAccess } from './settings.js';
import type { Surroundings } from './surroundings.js';

/** For a whole exchange, the answer's body included. */
const timeLimitMs = 30_000;

interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Begins with a slash; its parts are escaped already. */
  readonly path: string;
  readonly body?: { readonly type: string; readonly text: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** The service over HTTP. Whatever goes wrong is thrown as sentences for people. */
export class Api {
  constructor(
    private readonly access: ServiceAccess,
    private readonly send: typeof fetch,
    private readonly limitMs = timeLimitMs,
  ) {}

  /**
   * The answer as JSON. `member` is one that every such answer has: without it, somebody else has answered.
   */
  async json<T extends object>(question: Question, member: keyof T & string): Promise<T> {
    const text = await this.text(question);
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      answer = null;
    }
    if (typeof answer === 'object' && answer !== null && member in answer) return answer as T;
    throw new CommandFailed(
      `${this.access.url} answered what orthanc-warden does not. Is WARDEN_URL the address of the service?`,
    );
  }

  async text(question: Question): Promise<string> {
    return new TextDecoder().decode(await this.bytes(question));
  }

  async bytes({ method, path, body, headers = {} }: Question): Promise<Buffer> {
    const { url } = this.access;
    const deadline = AbortSignal.timeout(this.limitMs);
    let status: number;
    let bytes: Buffer;
    try {
      const response = await this.send(`${url}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': body.type }),
          ...headers,
          ...this.access.headers,
        },
        ...(body === undefined ? {} : { body: body.text }),
        // A redirect would carry our credentials to an address that nobody gave.
        redirect: 'manual',
        signal: deadline,
      });
      status = response.status;
      bytes = Buffer.from(await response.arrayBuffer());
    } catch (error) {
      throw new CommandFailed(unreachable(error, deadline.aborted, method, url, this.limitMs), { cause: error });
    }
    if (status >= 300 && status < 400)
      throw new CommandFailed(`${url} redirects elsewhere. Set WARDEN_URL to the address that it leads to.`);
    if (status < 200 || status > 299) throw new CommandFailed(problemText(status, bytes.toString('utf8'), this.access));
    return bytes;
  }
}

export function jsonBody(value: object): { type: string; text: string } {
  return { type: 'application/json', text: JSON.stringify(value) };
}

/** The service that the settings name. */
export function connect(surroundings: Surroundings): Api {
  const access = readServiceAccess(surroundings);
  if (access.inTheClear)
    surroundings.err('Warning: WARDEN_URL is http:// on another machine; credentials can be read on the way.\n');
  return new Api(access, surroundings.fetch);
}

function unreachable(error: unknown, late: boolean, method: string, url: string, limitMs: number): string {
  const undone = method === 'GET' ? '' : ' It may have been done all the same: look before you repeat it.';
  if (late) return `${url} did not answer within ${limitMs / 1000} seconds.${undone}`;
  const code = causeOf(error);
  if (code === 'ECONNREFUSED') return `Nothing listens at ${url}. Start the service, or set WARDEN_URL to its address.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The machine of ${url} is not known here (${code}). Correct WARDEN_URL.`;
  return `${url} cannot be asked (${code}). Check WARDEN_URL and the network.${undone}`;
}

/** The code of what lies behind the error of `fetch`, which itself says "fetch failed". */
function causeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
  return typeof cause?.code === 'string' ? cause.code : String(name);
}
