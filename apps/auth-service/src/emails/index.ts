export { isMailAddress } from '../platform/config/mail-address.js';
export { type CodeMessage, codeMessage, codeMessageLanguages } from './code-message.js';
export { emailsErrors } from './emails.errors.js';
export { EmailsModule } from './emails.module.js';
export { type LinkMessage, linkMessage } from './link-message.js';
export { Mail, type MailMessage } from './mail.js';
export { maskedAddress } from './masked-address.js';
