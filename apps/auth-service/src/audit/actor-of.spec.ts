import type { Caller } from '../platform/http/caller.js';
import { actorOf } from './actor-of.js';

const caller = (more: Partial<Caller>): Caller => ({
  id: 'basic:ada',
  name: 'Ada',
  via: 'basic',
  scopes: [],
  permissions: ['share'],
  labels: ['*'],
  roles: [],
  ...more,
});

it.each<[string, Partial<Caller>, string]>([
  ['a user of the settings', {}, 'user'],
  ['a user of the issuer', { via: 'bearer' }, 'user'],
  ['an API key', { via: 'api-key' }, 'api-key'],
  ['an API key that may do what the plugin does', { via: 'api-key', scopes: ['plugin'] }, 'api-key'],
  ['the plugin, which asks for users that it does not name', { scopes: ['plugin'] }, 'plugin'],
  ['the plugin beside other scopes', { scopes: ['decode', 'plugin'] }, 'plugin'],
  ['whoever asks without credentials', { via: 'nothing' }, 'plugin'],
  ['the landing page', { scopes: ['decode', 'exchange'] }, 'user'],
])('%s is told of by its kind, id and name, and nothing else', (_title, more, kind) => {
  expect(actorOf(caller(more))).toEqual({ kind, id: 'basic:ada', name: 'Ada' });
});
