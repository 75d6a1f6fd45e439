import type { Mailbox } from '../platform/config/mail-address.js';

export interface MailMessage {
  readonly to: Mailbox;
  readonly subject: string;
  readonly text: string;
  /** The same in HTML, for readers who prefer it. */
  readonly html?: string;
}

/** Sends mail, each message to one recipient. */
export abstract class Mail {
  /** Whether mail can be sent at all. */
  abstract readonly configured: boolean;

  /**
   * Done when the mail server has taken the message: whether it arrives is not known. A control character in the name or
   * the subject becomes a blank. Ends in a bounded time, sooner when the signal says so.
   *
   * @throws `mail-refused`: the server, or the form of the address, says that there is no such recipient
   * @throws `mail-unavailable`: anything else; the message was not sent, or (rarely) it is not known that it was
   */
  abstract send(message: MailMessage, signal?: AbortSignal): Promise<void>;
}
