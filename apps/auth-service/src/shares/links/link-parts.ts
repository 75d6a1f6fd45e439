import type { Provider } from '@nestjs/common';
import type { Config } from '../../platform/config/config.js';
import { CONFIG } from '../../platform/config/config.token.js';
import { AttemptsStore } from '../gates/attempts.store.js';
import { GateCodesStore } from '../gates/gate-codes.store.js';
import { GateSecrets } from '../gates/gate-secrets.js';
import { MakeGate } from '../gates/make-gate.js';
import { RefuseGate } from '../gates/refuse-gate.js';
import { PostgresAttemptsStore } from '../infra/postgres-attempts.store.js';
import { PostgresGateCodesStore } from '../infra/postgres-gate-codes.store.js';
import { PostgresOpeningsStore } from '../infra/postgres-openings.store.js';
import { ExchangeLink, GateRules } from './exchange-link.usecase.js';
import { FindLink } from './find-link.js';
import { InspectLink } from './inspect-link.usecase.js';
import { LinkHandles } from './link-handles.js';
import { OpeningsStore } from './openings.store.js';
import { SendCode } from './send-code.usecase.js';
import { TidyLinks } from './tidy-links.js';

/** What opens links: gates, openings, and what the landing page asks for. */
export const linkParts: Provider[] = [
  ExchangeLink,
  FindLink,
  GateSecrets,
  InspectLink,
  LinkHandles,
  MakeGate,
  RefuseGate,
  SendCode,
  TidyLinks,
  { provide: AttemptsStore, useClass: PostgresAttemptsStore },
  { provide: GateCodesStore, useClass: PostgresGateCodesStore },
  {
    provide: GateRules,
    inject: [CONFIG],
    useFactory: ({ shares, edge }: Config): GateRules => ({ ...shares, guarded: edge.guarded }),
  },
  { provide: OpeningsStore, useClass: PostgresOpeningsStore },
];
