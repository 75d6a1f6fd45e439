import { isIP } from 'node:net';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { type SettingSource, UnreadableSetting } from './env.js';

/** One thing wrong with the settings. Names the variable, never its value. */
export interface SettingFault {
  setting: string;
  problem: string;
}

/** Reads typed values strictly and gathers every fault, so that an installer sees all of them at once. */
export class SettingReader {
  readonly faults: SettingFault[] = [];

  constructor(private readonly source: SettingSource) {}

  fault(setting: string, problem: string): void {
    this.faults.push({ setting, problem });
  }

  /** The text, or null when absent or empty: an empty variable is how compose files say "not set". */
  text(name: string): string | null {
    try {
      const found = this.source.read(name);
      return found === null || found.text === '' ? null : found.text;
    } catch (error) {
      if (error instanceof UnreadableSetting) this.fault(error.setting, error.problem);
      else throw error;
      return null;
    }
  }

  /** Texts separated by commas; empty ones do not count. */
  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  }

  /** Addresses and ranges in CIDR notation, separated by commas or spaces. */
  networks(name: string): string[] {
    const ranges = (this.text(name) ?? '').split(/[\s,]+/).filter((range) => range !== '');
    if (!ranges.every(isNetwork))
      this.fault(name, 'must be a list of addresses and ranges, such as 10.0.0.7, 192.168.0.0/16, fd00::/8');
    return ranges;
  }

  boolean(name: string, fallback: boolean): boolean {
    const text = this.text(name);
    if (text === null) return fallback;
    const lower = text.toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(lower)) return true;
    if (['false', '0', 'no', 'off'].includes(lower)) return false;
    this.fault(name, 'must be true or false');
    return fallback;
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    this.fault(name, `must be a whole number from ${min} to ${max}`);
    return fallback;
  }

  choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const text = this.text(name);
    if (text === null) return fallback;
    const chosen = choices.find((choice) => choice === text);
    if (chosen === undefined) this.fault(name, `must be one of ${choices.join(', ')}`);
    return chosen ?? fallback;
  }

  /** An absolute http or https URL, as written: a missing trailing slash is the reader's to judge. */
  httpUrl(name: string): string | null {
    const text = this.text(name);
    if (text === null) return null;
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return text;
    this.fault(name, 'must be an absolute URL that begins with http:// or https://');
    return null;
  }

  postgresUrl(name: string): string | null {
    const text = this.text(name);
    if (text === null) return null;
    if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text;
    this.fault(name, 'must be a URL that begins with postgresql://');
    return null;
  }

  json(name: string): unknown {
    const text = this.text(name);
    if (text === null) return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      this.fault(name, 'is not valid JSON');
      return undefined;
    }
  }
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128))
  );
}

/** Parses JSON that may hold comments and trailing commas, as permissions.json of existing installations does. */
export function parseJsonWithComments(text: string): { value: unknown } | { problem: string } {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first === undefined) return { value };
  const line = text.slice(0, first.offset).split('\n').length;
  return { problem: `is not valid JSON (${printParseErrorCode(first.error)} in line ${line})` };
}
