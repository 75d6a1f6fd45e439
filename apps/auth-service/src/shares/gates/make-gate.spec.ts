import { Keyring } from '@warden/tokens';
import { Mail } from '../../emails/mail.js';
import type { DomainError } from '../../platform/errors/domain-error.js';
import { TokenKeys } from '../../tokens/token-keys.js';
import type { ImageStudy, ResolvedImages } from '../images/images.js';
import type { GateKind, Recipient } from '../share.js';
import { GateSecrets } from './gate-secrets.js';
import { MakeGate } from './make-gate.js';

const keyring = Keyring.create({ signing: 'TEST-ONLY-secret-key-not-for-production-0123456789', previous: [] });
class CheapSecrets extends GateSecrets {
  protected override slowHash(keyed: Buffer): Promise<Buffer> {
    return Promise.resolve(keyed);
  }
}
class FakeMail extends Mail {
  configured = true;
  send(): Promise<void> {
    return Promise.reject(new Error('nothing is sent when a gate is made'));
  }
}
const share = { identity: 'AAAAAAAAAAAAAAAAAAAAAA', keyId: keyring.signing.kid };
const secrets = new CheapSecrets(new TokenKeys(keyring));
const mail = new FakeMail();
const jane: Recipient = { name: 'Jane', email: 'jane@example.org' };
const study = (patientBirthDate: string | null): ImageStudy => ({
  orthancId: 'o',
  dicomUid: '1.2',
  patientId: null,
  patientIdIssuer: null,
  patientBirthDate,
  studyDate: null,
  description: null,
  labels: null,
});
const images = (...dates: (string | null)[][]): ResolvedImages[] =>
  dates.map((some) => ({ level: 'study', orthancId: 'o', dicomUid: '1.2', studies: some.map(study) }));
const make = (
  kind: GateKind,
  {
    pin = null,
    recipient = jane,
    found = null,
  }: { pin?: string | null; recipient?: Recipient | null; found?: ResolvedImages[] | null } = {},
) => new MakeGate(secrets, mail).execute({ kind, pin }, share, recipient, found);
const faultOf = (made: Promise<unknown>): Promise<unknown> =>
  made.then(
    () => null,
    (error: DomainError) => error.options.faults?.map(({ field, problem }) => `${field} ${problem}`),
  );
beforeEach(() => (mail.configured = true));

it('a PIN that was chosen is hashed, and told once', async () => {
  const { gate, pin } = await make('pin', { pin: '482913' });
  expect([gate.kind, pin]).toEqual(['pin', '482913']);
  expect(await secrets.matches(share, gate.hash, '482913')).toBe(true);
});

it('a PIN that was not chosen is the one of the share', async () => {
  const { gate, pin } = await make('pin');
  expect(pin).toBe(secrets.pinOf(share));
  expect(await secrets.matches(share, gate.hash, pin ?? '')).toBe(true);
});

it('a birth date is hashed as the archive has it, and not told', async () => {
  const { gate, pin } = await make('birth-date', { found: images(['19610402', '19610402'], ['19610402']) });
  expect([gate.kind, pin]).toEqual(['birth-date', null]);
  expect(await secrets.matches(share, gate.hash, '19610402')).toBe(true);
});

it.each<[string, ResolvedImages[] | null, string]>([
  ['no archive', null, 'gate.kind needs to know the patient'],
  ['no birth date', images([null]), 'gate.kind is not known: the images have no birth date'],
  ['an empty birth date', images(['']), 'gate.kind is not known: the images have no birth date'],
  ['half a birth date', images(['196104']), 'gate.kind is not known: the images have no birth date'],
  ['nothing', images(), 'gate.kind is not known: the images have no birth date'],
  ['two patients', images(['19610402'], ['19700101']), 'gate.kind is not the same for all that is shared'],
  [
    'one patient who has one and one who has none',
    images(['19610402', null]),
    'gate.kind is not the same for all that is shared',
  ],
])('with %s there is no gate by birth date', async (_title, found, fault) => {
  expect(await faultOf(make('birth-date', { found }))).toEqual([fault]);
});

it('a code has no hash: it is made anew each time', async () => {
  expect(await make('email-code')).toEqual({ gate: { kind: 'email-code', hash: null }, pin: null });
});

it('a code needs e-mail, and an address', async () => {
  for (const recipient of [null, { name: 'Jane', email: null }])
    expect(await faultOf(make('email-code', { recipient }))).toEqual(['recipient.email is missing']);
  mail.configured = false;
  expect(await faultOf(make('email-code'))).toEqual(['gate.kind needs e-mail']);
});
