export { isMailAddress } from '../platform/config/mail-address.js';
export { type CodeMessage, codeMessage } from './code-message.js';
export { emailsErrors } from './emails.errors.js';
export { EmailsModule } from './emails.module.js';
export { type LinkMessage, linkMessage } from './link-message.js';
export { mailLanguages } from './mail-languages.js';
export { Mail, type MailMessage } from './mail.js';
export { maskedAddress } from './masked-address.js';
