/** What the settings need of the file system. Each answers undefined when there is nothing, and throws when it can't be read. */
export interface Files {
  /** A regular file's content, at most `limit` bytes and one more. */
  readonly read: (path: string, limit: number) => Uint8Array | undefined;
  /** The names in a folder. */
  readonly list: (path: string) => readonly string[] | undefined;
}

const largestSetting = 64 * 1024;

/** Reads settings by their names and puts down every fault: by the setting's name and never by its value. */
export class SettingsReader {
  readonly faults: string[] = [];

  constructor(
    private readonly env: Readonly<Record<string, string | undefined>>,
    private readonly files: Files,
  ) {}

  fault(name: string, what: string): void {
    this.faults.push(`${name}: ${what}`);
  }

  /**
   * From /run/secrets/NAME, then the file named by NAME_FILE, then the variable NAME; trimmed, and an empty text counts as not given (compose
   * files write `NAME=${NAME:-}`).
   */
  value(name: string): string | undefined {
    const file = this.env[`${name}_FILE`]?.trim();
    try {
      const secret = this.files.read(`/run/secrets/${name}`, largestSetting);
      if (secret !== undefined) return textOf(secret);
    } catch {
      this.fault(name, `the file /run/secrets/${name} can't be read`);
      return undefined;
    }
    if (!file) return this.env[name]?.trim() || undefined;
    try {
      const content = this.files.read(file, largestSetting);
      if (content !== undefined) return textOf(content);
      this.fault(`${name}_FILE`, 'there is no such file');
    } catch {
      this.fault(`${name}_FILE`, "the file can't be read");
    }
    return undefined;
  }

  required(name: string): string {
    const before = this.faults.length;
    const value = this.value(name);
    if (value === undefined && this.faults.length === before) this.fault(name, 'required, and not set');
    return value ?? '';
  }

  /** A text for people, of several lines perhaps. */
  text(name: string, longest: number): string | undefined {
    const value = this.value(name)?.replace(/\r\n?/g, '\n');
    if (value !== undefined && value.length > longest) this.fault(name, `longer than ${longest} characters`);
    if (value !== undefined && hasControls(value.replaceAll('\n', ''))) this.fault(name, 'contains control characters');
    return value;
  }

  oneOf<Word extends string>(name: string, words: readonly Word[], otherwise: Word): Word {
    const value = this.value(name);
    if (value === undefined) return otherwise;
    const word = words.find((known) => known === value);
    if (word === undefined) this.fault(name, `not one of ${words.join(', ')}`);
    return word ?? otherwise;
  }

  /** The content of the file that the setting names. */
  file(name: string, largest: number): Uint8Array | undefined {
    const path = this.value(name);
    return path === undefined ? undefined : this.read(name, path, 'the file', largest);
  }

  /** The files with this ending in the folder that the setting names. */
  folder(name: string, ending: string, largest: number): readonly { name: string; bytes: Uint8Array }[] {
    const path = this.value(name);
    if (path === undefined) return [];
    let names: readonly string[] | undefined;
    try {
      names = this.files.list(path);
    } catch {
      this.fault(name, "the folder can't be read");
      return [];
    }
    if (names === undefined) this.fault(name, 'there is no such folder');
    return (names ?? [])
      .filter((file) => file.endsWith(ending))
      .flatMap((file) => {
        const told = /^[\w.-]{1,60}$/.test(file) ? file : 'a file in it';
        const bytes = this.read(name, `${path}/${file}`, told, largest);
        return bytes === undefined ? [] : [{ name: file, bytes }];
      });
  }

  private read(name: string, path: string, told: string, largest: number): Uint8Array | undefined {
    try {
      const bytes = this.files.read(path, largest);
      if (bytes === undefined) this.fault(name, `there is no such file`);
      else if (bytes.byteLength > largest) this.fault(name, `${told} is larger than ${largest / 1000} kB`);
      else return bytes;
    } catch {
      this.fault(name, `${told} can't be read`);
    }
    return undefined;
  }
}

export function hasControls(value: string): boolean {
  return /\p{Cc}/u.test(value);
}

function textOf(bytes: Uint8Array): string | undefined {
  return Buffer.from(bytes).toString('utf8').trim() || undefined;
}
