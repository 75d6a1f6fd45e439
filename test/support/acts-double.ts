import { Acts } from '../../apps/auth-service/src/audit/acts.js';
import { UnitOfWork } from '../../apps/auth-service/src/platform/database/database.js';
import type { Caller } from '../../apps/auth-service/src/platform/http/caller.js';
import { InMemoryEventLog } from './in-memory-event-log.js';

/** Where there is no database: nothing is taken back. */
export class NoTransaction extends UnitOfWork {
  begun = 0;
  run<T>(work: () => Promise<T>): Promise<T> {
    this.begun += 1;
    return work();
  }
}

/** Acts that are told of to a log in memory. */
export function actsInMemory(log = new InMemoryEventLog()): Acts {
  return new Acts(new NoTransaction(), log);
}

export const admin: Caller = {
  id: 'basic:admin',
  name: 'admin',
  via: 'basic',
  scopes: [],
  permissions: ['all'],
  labels: ['*'],
  roles: [],
  source: { address: '192.0.2.1', userAgent: 'test', requestId: 'r-1' },
};
