import { Module } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { Log } from '../platform/observability/log.js';
import { SmtpMail } from './infra/smtp-mail.js';
import { Mail } from './mail.js';

@Module({
  providers: [
    { provide: Mail, inject: [CONFIG, Log], useFactory: ({ emails }: Config, log: Log) => new SmtpMail(emails, log) },
  ],
  exports: [Mail],
})
export class EmailsModule {}
