import { commands } from './commands/index.js';
import type { Command } from './command.js';
import { CommandFailed, WrongUsage } from './failures.js';
import type { Surroundings } from './surroundings.js';

/** Runs one command and resolves with the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const command = commands.find(({ name }) => name.split(' ').every((word, index) => args[index] === word));
  const rest = args.slice(command?.name.split(' ').length ?? 0);
  if (asksForHelp(rest) || args.length === 0 || (command === undefined && args[0] === 'help')) {
    surroundings.out(command === undefined ? overview(args[0]) : command.help);
    return args.length === 0 ? 2 : 0;
  }
  if (command === undefined) {
    surroundings.err(`There is no such command.\n\n${overview(args[0])}`);
    return 2;
  }
  try {
    return await command.execute(rest, surroundings);
  } catch (error) {
    if (error instanceof WrongUsage) {
      surroundings.err(`${error.message}\nwarden ${command.name} --help\n`);
      return 2;
    }
    surroundings.err(`${error instanceof CommandFailed ? error.message : `Failed: ${String(error)}`}\n`);
    return 1;
  }
}

/** What follows `--` is no option. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).some((one) => one === '--help' || one === '-h');
}

/** All commands, or those of one word: `share`. */
function overview(word: string | undefined): string {
  const some = commands.filter(({ name }) => name.split(' ')[0] === word);
  const listed: readonly Command[] = some.length > 0 ? some : commands;
  const width = Math.max(...listed.map(({ name }) => name.length));
  return `${[
    'warden COMMAND --help tells more of each:',
    '',
    ...listed.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'WARDEN_URL         where the service is; http://127.0.0.1:8000 unless told',
    'WARDEN_API_KEY     who you are; or WARDEN_USERNAME and WARDEN_PASSWORD',
    'Each may also be a file in /run/secrets or named by NAME_FILE. On the machine of npm start,',
    'DATA_DIR/administrator is used without them.',
  ].join('\n')}\n`;
}
