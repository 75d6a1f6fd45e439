import { Module } from '@nestjs/common';
import { toDicomAuditMessages } from '@warden/events';
import type { Config } from '../../platform/config/config.js';
import { CONFIG } from '../../platform/config/config.token.js';
import { Log } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { AuditIdentity } from '../audit-identity.js';
import { AuditDeliveryStore } from './audit-delivery.store.js';
import { DeliverAuditMessages } from './deliver-audit-messages.usecase.js';
import { connectSyslog } from './infra/connect-syslog.js';
import { PostgresAuditDeliveryStore } from './infra/postgres-audit-delivery.store.js';
import { originOn } from './syslog-frame.js';

/** `DeliverAuditMessages` is null where the settings name no receiver. */
@Module({
  providers: [
    { provide: AuditDeliveryStore, useClass: PostgresAuditDeliveryStore },
    {
      provide: DeliverAuditMessages,
      inject: [CONFIG, AuditIdentity, AuditDeliveryStore, Clock, Log],
      useFactory: deliveryOf,
    },
  ],
  exports: [DeliverAuditMessages],
})
export class SyslogModule {}

function deliveryOf(
  { audit: { syslog } }: Config,
  identity: AuditIdentity,
  store: AuditDeliveryStore,
  clock: Clock,
  log: Log,
): DeliverAuditMessages | null {
  if (syslog === null) return null;
  return new DeliverAuditMessages(store, connectSyslog(syslog), clock, log, {
    target: 'syslog',
    origin: originOn(identity.host, syslog.messageId, syslog.byteOrderMark),
    messagesOf: (event) => toDicomAuditMessages(event, identity),
  });
}
