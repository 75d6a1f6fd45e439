import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, destination, pino } from 'pino';

/** Members that never reach a log line, whatever put them there: the second net behind `Secret`. */
const masked = ['token', 'token-value', 'authorization', 'api-key', 'password', 'pin', 'secret', 'cookie'];

export type LogFields = Record<string, unknown>;

/** Structured log, one JSON object a line on standard output. `event` names are closed words that an installer can search for. */
export abstract class Log {
  abstract info(event: string, fields?: LogFields): void;
  abstract warn(event: string, fields?: LogFields): void;
  abstract error(event: string, fields?: LogFields): void;
  /** Writes one prepared JSON line; for the access log, whose fields hold nothing from outside but safe text. */
  abstract line(text: string): void;
  abstract flush(): void;
}

export class PinoLog extends Log implements LoggerService {
  private readonly logger: Logger;
  private readonly stream: DestinationStream & { flushSync?: () => void; flush?: (done: () => void) => void };

  constructor(stream?: DestinationStream) {
    super();
    // Lines are gathered for a moment: one write per line would cost as much as the decision that it reports.
    this.stream = stream ?? destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 250 });
    this.logger = pino(
      {
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        messageKey: 'event',
        formatters: { level: (label) => ({ level: label }) },
        redact: { paths: masked.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[secret]' },
      },
      this.stream,
    );
  }

  info(event: string, fields: LogFields = {}): void {
    this.logger.info(fields, event);
  }

  warn(event: string, fields: LogFields | string = {}): void {
    this.logger.warn(named(fields), event);
  }

  error(event: string, fields: LogFields | string = {}): void {
    this.logger.error(named(fields), event);
  }

  line(text: string): void {
    this.stream.write(text);
  }

  /** What NestJS itself says at start is not an event of ours. */
  log(): void {}

  flush(): void {
    this.stream.flushSync?.();
  }

  /**
   * Before the end of the process. Resolves when all lines are written, or nobody reads them; within a second. To write at
   * once into a pipe without a reader would be tried for ever.
   */
  async written(): Promise<void> {
    const { stream } = this;
    const done = new Promise<void>((resolve) => {
      if (stream.flush === undefined) resolve();
      else stream.flush(() => resolve());
    });
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
  }
}

/** NestJS passes a context or stack text where we pass fields. */
function named(fields: LogFields | string): LogFields {
  return typeof fields === 'string' ? { detail: fields } : fields;
}

/** The safe face of an unknown error for a log field: its message, first line, bounded. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
