import { randomBytes } from 'node:crypto';

/** A password that nobody has to type: 24 random bytes, in signs that JSON, shells and Orthanc leave as they are. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** A variable of the .env file. Without a value it must be filled in by hand. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly comment: string;
}

/** `variableName('PEER', 'site-b')` is `PEER_SITE_B_PASSWORD`. */
export function variableName(kind: string, name: string): string {
  return `${kind}_${name.toUpperCase().replaceAll('-', '_')}_PASSWORD`;
}

export function envText(variables: readonly Variable[]): string {
  return variables.map(({ name, value, comment }) => `# ${comment}\n${name}=${value}\n`).join('\n');
}

/** What an .env file sets, if it is one that `envText` wrote and somebody filled in or added to. */
export function readVariables(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^([A-Za-z_]\w*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
