import type { EventActor } from '@warden/events';
import type { Caller } from '../platform/http/caller.js';

/** A caller as events tell of it. The plugin asks for users that it does not name. */
export function actorOf({ id, name, via, scopes }: Caller): EventActor {
  if (via === 'api-key') return { kind: 'api-key', id, name };
  return { kind: via === 'nothing' || scopes.includes('plugin') ? 'plugin' : 'user', id, name };
}
