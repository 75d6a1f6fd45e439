import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { noSource } from '@warden/events';
import { EventLog } from '../../audit/index.js';
import { Mail, codeMessage } from '../../emails/index.js';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { digestOfAddress } from '../gates/address-digest.js';
import { addressCodeLimits, codeLimits } from '../gates/attempt-limits.js';
import { AttemptsStore } from '../gates/attempts.store.js';
import { GateCodesStore, holderOfCode } from '../gates/gate-codes.store.js';
import { GateSecrets } from '../gates/gate-secrets.js';
import { type Share, stateOf } from '../share.js';
import { recipientOf, shareSent } from '../share-events.js';
import { tooManyAttempts } from '../shares.errors.js';
import { FindLink, digestOfLink } from './find-link.js';

/** Milliseconds for which a code is good. */
const codeLife = 10 * 60_000;

/** Sends the recipient of a link a code. Whoever asks learns nothing of the link: not even whether there is one. */
@Injectable()
export class SendCode {
  constructor(
    private readonly findLink: FindLink,
    private readonly attempts: AttemptsStore,
    private readonly codes: GateCodesStore,
    private readonly secrets: GateSecrets,
    private readonly mail: Mail,
    private readonly events: EventLog,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Throws `too-many-attempts`. Resolves before the message is sent. */
  async execute(link: string, address: string | null): Promise<void> {
    const now = this.clock.now();
    const found = await this.findLink.execute(link);
    const subjects = [
      ...(address === null
        ? []
        : [{ digest: digestOfCodes(digestOfAddress(address)), known: false, limits: addressCodeLimits }]),
      { digest: digestOfCodes(digestOfLink(found, link)), known: false, limits: codeLimits },
    ];
    const debit = await this.attempts.debit(subjects, now);
    if (!debit.allowed) throw tooManyAttempts((debit.retryAt ?? now + (codeLimits.forgottenAfter ?? 0)) - now);
    if (found.kind !== 'gated') return;
    const { share } = found;
    if (share.gate?.kind === 'email-code' && stateOf(share, now) === 'live') void this.send(share, address);
  }

  private async send(share: Share, address: string | null): Promise<void> {
    const to = share.recipient?.email ?? '';
    try {
      await this.mailCode(share);
    } catch (error) {
      this.log.warn('code-not-sent', { share: share.id, cause: messageOf(error) });
      return;
    }
    const origin = { actor: recipientOf(share), source: { ...noSource, address } };
    try {
      await this.events.append([shareSent(share, origin, this.clock.now(), { what: 'code', to, sent: true })]);
    } catch (error) {
      // The recipient has the code, and it opens the gate.
      this.log.error('message-not-recorded', { share: share.id, cause: messageOf(error) });
    }
  }

  private async mailCode(share: Share): Promise<void> {
    const { recipient, language } = share;
    if (recipient?.email == null) throw new Error('the share has no address');
    const code = this.secrets.newCode();
    await this.codes.put(share.id, await this.secrets.hashOf(holderOfCode(share), code), this.clock.now() + codeLife);
    const to = { name: recipient.name, address: recipient.email };
    await this.mail.send({ to, ...codeMessage({ code, minutes: codeLife / 60_000, language }) });
  }
}

/** Counted apart from attempts at the gate. */
function digestOfCodes(link: Buffer): Buffer {
  return createHash('sha256').update('codes').update(link).digest();
}
