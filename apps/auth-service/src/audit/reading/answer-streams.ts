import { Readable } from 'node:stream';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** What is printed or loaded is not run: neither here nor in a program that shows it. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Milliseconds. A reader who takes nothing for so long is gone. */
const patience = 60_000;

/**
 * Sends parts as the reader takes them: the next one is made when the last one is gone. When the reader goes, the
 * generator ends, and with it what it reads from. A reader who dawdles does not keep the service from stopping.
 */
@Injectable()
export class AnswerStreams implements OnModuleDestroy {
  private readonly open = new Set<Readable>();

  /** @param fileName null: to be shown, not kept. */
  async send(reply: FastifyReply, type: string, fileName: string | null, parts: AsyncIterable<string>): Promise<void> {
    const stream = Readable.from(parts, { objectMode: false });
    this.open.add(stream);
    stream.once('close', () => this.open.delete(stream));
    reply.raw.setTimeout(patience, () => reply.raw.destroy());
    if (fileName !== null) reply.header('content-disposition', `attachment; filename="${fileName}"`);
    await reply
      .header('content-type', type)
      .header('cache-control', 'no-store')
      .header('content-security-policy', policy)
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .send(stream);
  }

  onModuleDestroy(): void {
    for (const stream of this.open) stream.destroy(new Error('the service stops'));
  }
}
