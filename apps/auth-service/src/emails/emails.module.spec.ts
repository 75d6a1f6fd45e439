import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { startSmtp } from '../../../../test/support/smtp-double.js';
import type { EmailsConfig } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { Log, PinoLog } from '../platform/observability/log.js';
import { EmailsModule } from './emails.module.js';
import { Mail } from './mail.js';

function moduleWith(emails: EmailsConfig | null) {
  const provided = [
    { provide: CONFIG, useValue: { emails } },
    { provide: Log, useValue: new PinoLog({ write: () => undefined }) },
  ];
  @Global()
  @Module({ providers: provided, exports: provided.map(({ provide }) => provide) })
  class Platform {}
  return Test.createTestingModule({ imports: [Platform, EmailsModule] }).compile();
}

it('the port of mail says whether there is a server, and its connections end with the application', async () => {
  const without = await moduleWith(null);
  expect(without.get(Mail).configured).toBe(false);
  await without.close();

  const double = await startSmtp();
  try {
    const sender = { name: null, address: 'images@hospital.example' };
    const smtp = { host: '127.0.0.1', port: double.port, tls: 'none', credentials: null, timeoutMs: 2_000 } as const;
    const application = await moduleWith({ sender, replyTo: sender, smtp });
    const mail = application.get(Mail);
    expect(mail.configured).toBe(true);
    await mail.send({ to: { name: null, address: 'jane@example.org' }, subject: 'Code', text: '482913' });
    expect([double.received.length, double.open]).toEqual([1, 1]);
    await application.close();
    for (let waited = 0; double.open > 0 && waited < 100; waited++) await new Promise((done) => setTimeout(done, 20));
    expect(double.open).toBe(0);
  } finally {
    await double.stop();
  }
});
