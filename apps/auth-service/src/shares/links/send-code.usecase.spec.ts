import { createHash } from 'node:crypto';
import { Keyring } from '@warden/tokens';
import { itself, noSource } from '@warden/events';
import { InMemoryEventLog } from '../../../../../test/support/in-memory-event-log.js';
import { InMemorySharesStore } from '../../../../../test/support/in-memory-shares.store.js';
import { Mail, type MailMessage } from '../../emails/index.js';
import type { ScryptHash } from '../../platform/config/password-hash.js';
import { PinoLog } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { type TokenJudge, TokenKeys } from '../../tokens/index.js';
import { AttemptsStore, type Debit } from '../gates/attempts.store.js';
import { GateCodesStore, holderOfCode } from '../gates/gate-codes.store.js';
import { GateSecrets } from '../gates/gate-secrets.js';
import { type Share, plainTerms } from '../share.js';
import { eventShareOf, shareRevoked } from '../share-events.js';
import { FindLink } from './find-link.js';
import { LinkHandles } from './link-handles.js';
import { SendCode } from './send-code.usecase.js';

const now = Date.UTC(2030, 0, 1);
const keys = new TokenKeys(
  Keyring.create({ signing: 'TEST-ONLY-secret-key-not-for-production-0123456789', previous: [] }),
);
const share: Share = {
  ...plainTerms,
  id: '019a8cca-1371-7000-b9bc-000000000000',
  identity: 'AAAAAAAAAAAAAAAAAAAAAA',
  keyId: keys.keyring.signing.kid,
  origin: 'minted',
  type: 'stone-viewer-publication',
  label: null,
  serverId: null,
  resources: [{ level: 'study', dicomUid: '1.2.3', orthancId: null, url: null }],
  mintedAt: now,
  mintedBy: null,
  expiresAt: null,
  expiresText: null,
  validityDuration: null,
  revocation: null,
  gated: true,
  gate: { kind: 'email-code', hash: null },
  recipient: { name: 'Jane Doe', email: 'jane@example.org' },
};

class FrozenClock extends Clock {
  now = (): number => now;
  monotonic = (): number => 0;
}

class NoLimits extends AttemptsStore {
  debit = (): Promise<Debit> => Promise.resolve({ allowed: true, counts: [] });
  credit = (): Promise<void> => Promise.resolve();
  forgetOld = (): Promise<void> => Promise.resolve();
}

class OneCode extends GateCodesStore {
  hash: string | null = null;
  put(_shareId: string, hash: string): Promise<void> {
    this.hash = hash;
    return Promise.resolve();
  }
  hashOf = (): Promise<string | null> => Promise.resolve(this.hash);
  use = (): Promise<boolean> => Promise.resolve(true);
  forgetOld = (): Promise<void> => Promise.resolve();
}

class CheapSecrets extends GateSecrets {
  protected override slowHash(keyed: Buffer, { salt }: Omit<ScryptHash, 'digest'>): Promise<Buffer> {
    return Promise.resolve(createHash('sha256').update(keyed).update(salt).digest());
  }
}

class Letterbox extends Mail {
  readonly configured = true;
  readonly messages: MailMessage[] = [];
  closed = false;
  send(message: MailMessage): Promise<void> {
    if (this.closed) return Promise.reject(new Error('the mail server is away'));
    this.messages.push(message);
    return Promise.resolve();
  }
}

class BreakableEventLog extends InMemoryEventLog {
  broken = false;
  override append(...events: Parameters<InMemoryEventLog['append']>): Promise<void> {
    return this.broken ? Promise.reject(new Error('the database is away')) : super.append(...events);
  }
}

let mail: Letterbox;
let codes: OneCode;
let events: BreakableEventLog;
let lines: string[];
const secrets = new CheapSecrets(keys);

/** Asks for a code, and waits for what goes on behind the answer. */
async function askForCode(): Promise<void> {
  const [clock, handles, store] = [new FrozenClock(), new LinkHandles(keys), new InMemorySharesStore(() => now)];
  const link = handles.handleOf(share);
  const known = { ...share, handleHash: handles.hashOf(link) };
  const told = { actor: itself, source: noSource };
  await store.add(known, null, shareRevoked(eventShareOf(known), told, { at: now, reason: 'any' }, null));
  // A short link is looked up, no token is judged.
  const find = new FindLink(null as unknown as TokenJudge, keys, handles, store, clock);
  const log = new PinoLog({ write: (line) => lines.push(line) });
  await new SendCode(find, new NoLimits(), codes, secrets, mail, events, clock, log).execute(link, '192.0.2.1');
  await new Promise((done) => setImmediate(done));
}
const logged = () => lines.map((line) => JSON.parse(line) as Record<string, string>);
const opens = (code: string) => secrets.matches(holderOfCode(share), codes.hash, code);
const sentCode = () => /\d{6}/.exec(mail.messages[0]?.text ?? '')?.[0] ?? '';

beforeEach(() => {
  [mail, codes, events, lines] = [new Letterbox(), new OneCode(), new BreakableEventLog(), []];
});

describe('a code that is asked for', () => {
  it('is sent, and that is recorded', async () => {
    await askForCode();
    expect(mail.messages.map(({ to }) => to.address)).toEqual(['jane@example.org']);
    expect(await opens(sentCode())).toBe(true);
    expect(events.events).toEqual([
      expect.objectContaining({
        name: 'share.sent',
        outcome: 'success',
        detail: { what: 'code', to: 'jane@example.org' },
      }),
    ]);
    expect(logged()).toEqual([]);
  });

  it('is said not to be sent when the mail server does not take it', async () => {
    mail.closed = true;
    await askForCode();
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 'warn',
        event: 'code-not-sent',
        share: share.id,
        cause: 'the mail server is away',
      }),
    ]);
    expect(events.events).toEqual([]);
  });

  it('is never said not to be sent when it was and only the record of it is missing; it opens the gate', async () => {
    events.broken = true;
    await askForCode();
    expect(mail.messages).toHaveLength(1);
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 'error',
        event: 'message-not-recorded',
        share: share.id,
        cause: 'the database is away',
      }),
    ]);
    expect(await opens(sentCode())).toBe(true);
  });
});
