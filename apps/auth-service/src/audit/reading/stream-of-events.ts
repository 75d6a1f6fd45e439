import { Injectable } from '@nestjs/common';
import { Log, messageOf } from '../../platform/observability/log.js';

/** Streams of which the first part is there before the answer begins. */
@Injectable()
export class StreamOfEvents {
  constructor(private readonly log: Log) {}

  /** A failure before the first part rejects; a later one ends the stream with it and is logged. */
  async begun<T>(source: AsyncGenerator<T, void, undefined>): Promise<AsyncIterable<T>> {
    const first = await source.next();
    return this.goOn(first, source);
  }

  private async *goOn<T>(
    first: IteratorResult<T, void>,
    source: AsyncGenerator<T, void, undefined>,
  ): AsyncGenerator<T, void, undefined> {
    try {
      if (first.done === true) return;
      yield first.value;
      yield* source;
    } catch (error) {
      // Who reads it sees an answer that was cut off, and nobody else would know why.
      this.log.warn('audit-stream-cut', { cause: messageOf(error) });
      throw error;
    } finally {
      await source.return();
    }
  }
}
