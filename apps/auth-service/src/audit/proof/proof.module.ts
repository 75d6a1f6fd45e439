import { Module } from '@nestjs/common';
import type { Config } from '../../platform/config/config.js';
import { CONFIG } from '../../platform/config/config.token.js';
import { Log } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { AuditIdentity } from '../audit-identity.js';
import { AuditReadingModule } from '../reading/audit-reading.module.js';
import { SyslogCheckpointOutlet } from '../syslog/infra/syslog-checkpoint-outlet.js';
import { CheckpointOutlets } from './checkpoint-outlet.js';
import { CheckpointSigner } from './checkpoint-signer.js';
import { CheckpointsStore } from './checkpoints.store.js';
import { ExportProof } from './export-proof.usecase.js';
import { FileCheckpointOutlet } from './infra/file-checkpoint-outlet.js';
import { LogCheckpointOutlet } from './infra/log-checkpoint-outlet.js';
import { PostgresCheckpointsStore } from './infra/postgres-checkpoints.store.js';
import { PostgresProofStore } from './infra/postgres-proof.store.js';
import { MakeCheckpoint } from './make-checkpoint.usecase.js';
import { ProofController } from './proof.controller.js';
import { ProofSettings } from './proof-settings.js';
import { ProofStore } from './proof.store.js';

@Module({
  imports: [AuditReadingModule],
  controllers: [ProofController],
  providers: [
    { provide: CheckpointsStore, useClass: PostgresCheckpointsStore },
    { provide: ProofStore, useClass: PostgresProofStore },
    {
      provide: ProofSettings,
      inject: [CONFIG],
      useFactory: ({ keys, audit }: Config): ProofSettings => ({
        ...audit.checkpoints,
        secret: keys.signing,
        previousSecrets: keys.previous.map(({ key }) => key),
      }),
    },
    {
      provide: CheckpointOutlets,
      inject: [CONFIG, AuditIdentity, Clock, Log],
      useFactory: ({ audit }: Config, { host }: AuditIdentity, clock: Clock, log: Log) => {
        const { checkpoints, syslog } = audit;
        return new CheckpointOutlets([
          new LogCheckpointOutlet(log),
          ...(checkpoints.file === null ? [] : [new FileCheckpointOutlet(checkpoints.file)]),
          ...(syslog === null ? [] : [new SyslogCheckpointOutlet(syslog, host, clock)]),
        ]);
      },
    },
    CheckpointSigner,
    ExportProof,
    MakeCheckpoint,
  ],
  exports: [MakeCheckpoint, ProofSettings],
})
export class ProofModule {}
