/** What was asked for was refused or could not be done: exit code 1. The message is one or more sentences for people. */
export class CommandFailed extends Error {}

/** The command was not written as it must be: exit code 2. The message never repeats a value: it might be a secret. */
export class WrongUsage extends Error {}
