import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SettingSource {
  /** Text of the setting, trimmed when it comes from a file; null when absent. */
  read(name: string): { text: string; from: string } | null;
  /** Every name that the environment holds. */
  names(): string[];
}

/** Where settings come from, first found wins: `/run/secrets/NAME`, the file named by `NAME_FILE`, the environment. */
export class EnvironmentSource implements SettingSource {
  constructor(
    private readonly environment: Record<string, string | undefined>,
    private readonly secretsDir = '/run/secrets',
  ) {}

  read(name: string): { text: string; from: string } | null {
    const secretFile = join(this.secretsDir, name);
    const mounted = readIfThere(name, secretFile);
    if (mounted !== null) return { text: mounted.trim(), from: secretFile };
    const named = this.environment[`${name}_FILE`];
    if (named !== undefined && named !== '') {
      const text = readIfThere(`${name}_FILE`, named);
      if (text === null) throw new UnreadableSetting(`${name}_FILE`, 'names a file that cannot be read');
      return { text: text.trim(), from: `${name}_FILE` };
    }
    const text = this.environment[name];
    return text === undefined ? null : { text, from: 'environment' };
  }

  names(): string[] {
    return Object.keys(this.environment);
  }
}

/** A setting whose text exists but cannot be had. */
export class UnreadableSetting extends Error {
  constructor(
    readonly setting: string,
    readonly problem: string,
  ) {
    super(`${setting} ${problem}`);
  }
}

export function processEnvironment(): SettingSource {
  // eslint-disable-next-line no-restricted-properties -- this is the one reader of the environment
  return new EnvironmentSource(process.env);
}

/** Null when there is no such file. One that is there and cannot be read is a fault: another place must not take over. */
function readIfThere(setting: string, path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new UnreadableSetting(setting, `is given as a file that cannot be read (${String(code)})`);
  }
}
