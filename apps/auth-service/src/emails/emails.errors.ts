import { DomainError, type ErrorTable } from '../platform/errors/domain-error.js';

export const emailsErrors = {
  'mail-refused': { status: 400, title: "The recipient's address is refused", level: 'info' },
  'mail-unavailable': { status: 503, title: 'Mail cannot be sent now', level: 'error' },
} as const satisfies ErrorTable;

type Code = keyof typeof emailsErrors;

function error(code: Code, detail: string, cause?: unknown): DomainError {
  return new DomainError(code, detail, { cause });
}

export const mailRefused = (cause: unknown) =>
  error('mail-refused', 'The mail server takes no mail for this address; check how it is spelt.', cause);
export const mailUnavailable = (cause: unknown) =>
  error(
    'mail-unavailable',
    'The mail server at EMAILS_SMTP_SERVER_HOSTNAME did not take the message. Try again shortly.',
    cause,
  );
export const mailNotConfigured = () =>
  error(
    'mail-unavailable',
    'Set ENABLE_EMAILS=true and the mail server to send mail.',
    new Error('mail is not set up'),
  );
