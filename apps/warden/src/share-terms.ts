import type { Schemas } from '@warden/auth-service-api';
import { WrongUsage } from './failures.js';
import { readChoice, readCount, readFuture } from './option-values.js';
import { readPin } from './read-input.js';
import type { OptionValues } from './command.js';
import type { Surroundings } from './surroundings.js';

type Terms = Schemas['ChangeShareBody'];
type GateKind = Schemas['GateBody']['kind'];

/** A gate that the service adds has to be added here: the compiler says so. */
const gates = Object.keys({ pin: true, 'birth-date': true, 'email-code': true } satisfies Record<
  GateKind,
  true
>) as GateKind[];

/** What can be said when sharing and changed later. */
export const termsOptions = {
  'recipient-name': { type: 'string', help: 'for whom' },
  'recipient-email': { type: 'string', value: 'ADDRESS', help: "the recipient's address" },
  reason: { type: 'string', help: 'why; kept in the record, not shown to the recipient' },
  purpose: { type: 'string', value: 'CODE', help: 'HL7 v3 PurposeOfUse, such as TREAT or PATRQT' },
  language: { type: 'string', value: 'CODE', help: "the recipient's: en, fr, de, es, nl, it, pt" },
  'not-before': { type: 'string', value: 'TIME', help: 'nobody comes in before, such as 2030-12-01T08:00:00Z' },
  expires: { type: 'string', value: 'TIME', help: 'until when, such as 2030-12-31T18:00:00Z' },
  days: { type: 'string', value: 'N', help: 'for how many days from now' },
  'max-opens': { type: 'string', value: 'N', help: 'how many recipients may come in' },
  gate: { type: 'string', value: 'KIND', help: `what the recipient has to know: ${gates.join(', ')}` },
  'pin-stdin': { type: 'boolean', help: 'reads the PIN from stdin; without it one is made and told, this once' },
  pin: { type: 'string', help: 'refused: see below' },
} as const;

export const termsNotes = [
  'The PIN is never an argument: everybody on this machine can read the arguments of a process, and a shell keeps them.',
  'Tell it to the recipient by another way than the link.',
];

/** The members that were given, but for `--days`. Reads stdin where a PIN is to come from there. */
export async function readTerms(values: OptionValues<typeof termsOptions>, surroundings: Surroundings): Promise<Terms> {
  const { reason, purpose, language, expires, days } = values;
  if (values.pin !== undefined)
    throw new WrongUsage('A PIN is not taken from the arguments: send it to stdin with --pin-stdin.');
  if (expires !== undefined && days !== undefined) throw new WrongUsage('Give --expires or --days, not both.');
  const kind = readChoice(values.gate, 'gate', gates);
  if (values['pin-stdin'] && kind !== 'pin') throw new WrongUsage('--pin-stdin goes with --gate pin.');
  const name = values['recipient-name'];
  const email = values['recipient-email'];
  const begin = values['not-before'];
  const opens = values['max-opens'];
  const now = surroundings.now();
  return {
    ...(name === undefined && email === undefined ? {} : { recipient: { name: name ?? null, email: email ?? null } }),
    ...(reason === undefined ? {} : { reason }),
    // Whether they are known, the service says.
    ...(purpose === undefined ? {} : { purposeOfUse: purpose as NonNullable<Terms['purposeOfUse']> }),
    ...(language === undefined ? {} : { language: language as NonNullable<Terms['language']> }),
    ...(begin === undefined ? {} : { notBefore: readFuture(begin, 'not-before', now) }),
    ...(expires === undefined ? {} : { expiresAt: readFuture(expires, 'expires', now) }),
    ...(opens === undefined ? {} : { maxOpens: readCount(opens, 'max-opens', 1) }),
    ...(kind === undefined
      ? {}
      : { gate: { kind, ...(values['pin-stdin'] ? { pin: await readPin(surroundings) } : {}) } }),
  };
}

/** Seconds of `--days`. */
export function secondsOfDays(text: string): number {
  const days = readCount(text, 'days', 1);
  if (days > 36_500) throw new WrongUsage('--days must be at most 36500.');
  return days * 86_400;
}
