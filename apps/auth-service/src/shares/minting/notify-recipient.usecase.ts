import { Injectable } from '@nestjs/common';
import { EventLog, originOf } from '../../audit/index.js';
import { Mail, linkMessage } from '../../emails/index.js';
import type { Caller } from '../../platform/http/caller.js';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { shareSent } from '../share-events.js';
import type { CreatedShare } from './create-share.usecase.js';

/** Sends the recipient the link, and nothing that opens a gate. */
@Injectable()
export class NotifyRecipient {
  constructor(
    private readonly mail: Mail,
    private readonly events: EventLog,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** A share that was made is not undone because a message was not sent: the sharer is told. */
  async execute(caller: Caller, { share, link }: Pick<CreatedShare, 'share' | 'link'>): Promise<'sent' | 'failed'> {
    const sent = await this.send(share, link);
    const message = { what: 'link', to: share.recipient?.email ?? '', sent } as const;
    try {
      await this.events.append([shareSent(share, originOf(caller), this.clock.now(), message)]);
    } catch (error) {
      this.log.error('message-not-recorded', { share: share.id, cause: messageOf(error) });
    }
    return sent ? 'sent' : 'failed';
  }

  private async send(share: CreatedShare['share'], link: CreatedShare['link']): Promise<boolean> {
    const { recipient, language, mintedByName, expiresAt, gate } = share;
    try {
      if (recipient?.email == null || link.url === null) throw new Error('there is no address or no link');
      const message = linkMessage({
        url: link.url,
        language,
        sharedBy: mintedByName,
        expiresAt,
        gate: gate?.kind ?? null,
      });
      await this.mail.send({ to: { name: recipient.name, address: recipient.email }, ...message });
      return true;
    } catch (error) {
      this.log.warn('recipient-not-notified', { share: share.id, cause: messageOf(error) });
      return false;
    }
  }
}
