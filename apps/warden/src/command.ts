import { parseArgs } from 'node:util';
import { WrongUsage } from './failures.js';
import type { Surroundings } from './surroundings.js';

export interface OptionRule {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  readonly required?: true;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly help: string;
}

export type OptionRules = Readonly<Record<string, OptionRule>>;

export type OptionValues<R extends OptionRules> = {
  readonly [Name in keyof R]: R[Name] extends { type: 'boolean' }
    ? boolean
    : R[Name] extends { multiple: true }
      ? readonly string[]
      : R[Name] extends { required: true }
        ? string
        : string | undefined;
};

interface Definition<R extends OptionRules> {
  /** The words that name it: `share list`. */
  readonly name: string;
  readonly summary: string;
  /** What else there is to know, below the options. */
  readonly notes?: readonly string[];
  /** Arguments without a name, in their order; a name in brackets may be left out. */
  readonly operands?: readonly string[];
  readonly options: R;
  /** Resolves with the exit code. */
  run(values: OptionValues<R>, operands: readonly string[], surroundings: Surroundings): Promise<number>;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  execute(args: readonly string[], surroundings: Surroundings): Promise<number>;
}

export const jsonOption = { type: 'boolean', help: 'the whole answer as JSON, for scripts' } as const;

export function defineCommand<const R extends OptionRules>(definition: Definition<R>): Command {
  const { name, summary, operands = [], options } = definition;
  return {
    name,
    summary,
    help: helpOf(definition),
    execute(args, surroundings) {
      const { values, positionals } = readArguments(args, options);
      const needed = operands.filter((operand) => !operand.startsWith('['));
      const missing = needed[positionals.length];
      if (missing !== undefined) throw new WrongUsage(`${missing} is missing.`);
      if (positionals.length > operands.length)
        throw new WrongUsage(
          operands.length === 0
            ? 'This command takes options only.'
            : `Nothing may follow ${operands.at(-1)?.replace(/[[\]]/g, '')}.`,
        );
      return definition.run(values, positionals, surroundings);
    },
  };
}

function readArguments<R extends OptionRules>(
  args: readonly string[],
  rules: R,
): { values: OptionValues<R>; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(rules).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new WrongUsage(`${(error as Error).message.replace(/\.? To specify .*$/s, '').replace(/\.$/, '')}.`);
  }
  const given: Record<string, unknown> = parsed.values;
  const values: Record<string, unknown> = {};
  for (const [name, { type, multiple, required }] of Object.entries(rules)) {
    const value = given[name];
    if (required && (value === undefined || value === '')) throw new WrongUsage(`--${name} is missing.`);
    values[name] = value ?? (type === 'boolean' ? false : multiple ? [] : undefined);
  }
  // Made from the rules just above, name by name.
  return { values: values as OptionValues<R>, positionals: parsed.positionals };
}

function helpOf({ name, summary, notes = [], operands = [], options }: Definition<OptionRules>): string {
  const spelled = (option: string, { type, value = 'TEXT' }: OptionRule) =>
    type === 'boolean' ? `--${option}` : `--${option} ${value}`;
  const words = Object.entries(options).map(([option, rule]) => {
    const text = spelled(option, rule);
    const shown = rule.required ? text : `[${text}]`;
    return rule.multiple ? `${shown} …` : shown;
  });
  const rows: [string, string][] = Object.entries(options).map(([option, rule]) => [spelled(option, rule), rule.help]);
  const width = Math.max(...rows.map(([left]) => left.length), 0);
  const lines = [`warden ${[name, ...operands, ...words].join(' ')}`, '', summary];
  if (rows.length > 0) lines.push('', ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`));
  if (notes.length > 0) lines.push('', ...notes);
  return `${lines.join('\n')}\n`;
}
