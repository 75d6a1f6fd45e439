import { CommandFailed } from '../failures.js';

const place = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/** The variables that a template asks for. */
export function namesIn(template: string): string[] {
  return [...new Set([...template.matchAll(place)].map(([, name = '']) => name))];
}

/**
 * The template with its values. They stand within JSON and addresses, so they must read the same in both: letters, digits and
 * `. _ ~ -`, which is what `warden init` makes.
 */
export function fillIn(template: string, values: ReadonlyMap<string, string>): string {
  return template.replace(place, (_whole, name: string) => {
    const value = values.get(name) ?? '';
    if (!/^[A-Za-z0-9._~-]+$/.test(value))
      throw new CommandFailed(`${name} must be of letters, digits and . _ ~ - alone: it goes into JSON and addresses.`);
    return value;
  });
}
