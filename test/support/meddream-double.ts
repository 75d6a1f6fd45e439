import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type MeddreamFault =
  /** Never answers. */
  | 'hang'
  /** Answers in full, as far as the headers go; the rest comes a byte at a time, without end. */
  | 'slow'
  | 'huge'
  /** Closes the connection of the next question without an answer. */
  | 'cut'
  | { readonly status: number }
  | { readonly redirect: string }
  | { readonly answer: string };

export interface MeddreamQuestion {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** MedDream's token service: a token of its own for each question. */
export class MeddreamDouble {
  readonly questions: MeddreamQuestion[] = [];
  /** Questions whose connection the asker has closed before the answer was whole. */
  givenUp = 0;
  fault: MeddreamFault | null = null;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v3/generate`;
  }

  settings(): Record<string, string> {
    return { MEDDREAM_TOKEN_SERVICE_URL: this.url, PUBLIC_MEDDREAM_ROOT: 'http://localhost/meddream/' };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.questions.push({
      method: request.method,
      path: request.url,
      type: request.headers['content-type'],
      body,
    });
    response.on('close', () => (this.givenUp += response.writableFinished ? 0 : 1));
    const { fault } = this;
    if (fault === 'hang') return;
    if (fault === 'cut') {
      this.fault = null;
      return void request.socket.destroy();
    }
    if (fault === 'slow' || fault === 'huge') {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const chunk = fault === 'slow' ? 'a' : 'a'.repeat(256 * 1024);
      const timer = setInterval(() => response.write(chunk), fault === 'slow' ? 100 : 1);
      this.timers.add(timer);
      return void response.on('close', () => clearInterval(timer));
    }
    if (fault !== null && 'redirect' in fault)
      return void response.writeHead(302, { location: fault.redirect }).end('TEST-redirected');
    if (fault !== null && 'answer' in fault)
      return void response.writeHead(200, { 'content-type': 'text/plain' }).end(fault.answer);
    response
      .writeHead(fault?.status ?? 200, { 'content-type': 'text/plain' })
      .end(`TEST-meddream-${this.questions.length}\n`);
  }
}

export function startMeddream(): Promise<MeddreamDouble> {
  return new MeddreamDouble().start();
}
