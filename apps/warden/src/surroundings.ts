import type { Readable } from 'node:stream';

/** Everything that a command sees of the machine, so that a test can give it another one. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where settings are mounted as files: `/run/secrets`. */
  readonly secretsDir: string;
  /** The folder that DATA_DIR is relative to. */
  readonly workingDir: string;
  /** The folder that files named by the user are relative to. */
  readonly userDir: string;
  readonly stdin: Readable;
  /** Nobody has piped anything: reading would wait for a person to type. */
  readonly stdinIsTerminal: boolean;
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Results. */
  readonly out: (text: string) => void;
  /** What is said beside the result. */
  readonly err: (text: string) => void;
  /** Runs the service's own migrator and resolves with its exit code. */
  readonly migrate: () => Promise<number>;
}
