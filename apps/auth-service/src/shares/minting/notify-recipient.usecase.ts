import { Injectable } from '@nestjs/common';
import { Mail, linkMessage } from '../../emails/index.js';
import { Log, messageOf } from '../../platform/observability/log.js';
import type { CreatedShare } from './create-share.usecase.js';

/** Sends the recipient the link, and nothing that opens a gate. */
@Injectable()
export class NotifyRecipient {
  constructor(
    private readonly mail: Mail,
    private readonly log: Log,
  ) {}

  /** A share that was made is not undone because a message was not sent: the sharer is told. */
  async execute({ share, link }: Pick<CreatedShare, 'share' | 'link'>): Promise<'sent' | 'failed'> {
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
      return 'sent';
    } catch (error) {
      this.log.warn('recipient-not-notified', { share: share.id, cause: messageOf(error) });
      return 'failed';
    }
  }
}
