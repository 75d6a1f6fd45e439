import { type RolesDocument, parseRolesDocument } from '@warden/permissions';
import { actsInMemory, admin } from '../../../../test/support/acts-double.js';
import { InMemoryEventLog } from '../../../../test/support/in-memory-event-log.js';
import { InMemoryRolesStore } from '../../../../test/support/in-memory-roles.store.js';
import { PinoLog } from '../platform/observability/log.js';
import { SystemClock } from '../platform/time/clock.js';
import { KnownRealmRoles } from './known-realm-roles.js';
import { type RealmRole, RealmRoles } from './realm-roles.js';
import { ReadRoles } from './read-roles.usecase.js';
import { ReplaceRoles } from './replace-roles.usecase.js';
import { RestoreRoles } from './restore-roles.usecase.js';
import { RolesInForce } from './roles-in-force.js';
import { WriteRoles } from './write-roles.usecase.js';

class FakeRealm extends RealmRoles {
  configured = true;
  exhaustive = true;
  roles: readonly RealmRole[] | null = [];
  names(): Promise<readonly RealmRole[]> {
    return this.roles === null ? Promise.reject(new Error('down')) : Promise.resolve(this.roles);
  }
}
function roles(json: unknown): RolesDocument {
  const parsed = parseRolesDocument(json);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.document;
}
const named = (...names: string[]): RealmRole[] => names.map((name) => ({ name, composite: false }));
const start = roles({ roles: { admin: ['all'], doctor: ['view'], retired: ['all'] } });

let time: number;
let realm: FakeRealm;
let store: InMemoryRolesStore;
let inForce: RolesInForce;
let read: ReadRoles;
let replace: ReplaceRoles;
let write: WriteRoles;
let restore: RestoreRoles;
let events: InMemoryEventLog;
beforeEach(async () => {
  time = 0;
  const clock = Object.assign(new SystemClock(), { monotonic: () => (time += 60_000) });
  [realm, store, inForce] = [new FakeRealm(), new InMemoryRolesStore(), new RolesInForce()];
  const known = new KnownRealmRoles(realm, clock, new PinoLog({ write: () => undefined }));
  read = new ReadRoles(inForce, known);
  events = new InMemoryEventLog();
  replace = new ReplaceRoles(store, inForce, known, actsInMemory(events), clock);
  write = new WriteRoles(store, inForce, actsInMemory(events), clock);
  restore = new RestoreRoles(store, write);
  await store.seed(start, 'seed:test', 0);
  inForce.take(store.versions[0]!);
  realm.roles = named('admin', 'doctor');
});
const names = () => Object.keys(inForce.require().document.roles);

it('serves the stored roles while the directory is down, and what it has once it is there', async () => {
  expect(Object.keys((await read.execute()).roles)).toEqual(['admin', 'doctor']);
  realm.roles = null;
  expect(Object.keys((await read.execute()).roles)).toEqual(['admin', 'doctor', 'retired']);
});

it('tells that the roles are not loaded, whether or not there is a directory', async () => {
  const known = new KnownRealmRoles(realm, new SystemClock(), new PinoLog({ write: () => undefined }));
  await expect(new ReadRoles(new RolesInForce(), known).execute()).rejects.toMatchObject({ code: 'roles-not-loaded' });
});

it('keeps a hidden role and takes away a shown one', async () => {
  await replace.execute(roles({ roles: { admin: ['all'] } }), admin);
  expect(names()).toEqual(['admin', 'retired']);
});

it('judges by the last answer of a directory that is down now', async () => {
  await read.execute();
  realm.roles = null;
  await replace.execute(roles({ roles: { admin: ['all'] } }), admin);
  expect(names()).toEqual(['admin', 'retired']);
});

it('loses nothing when the directory never answered', async () => {
  realm.roles = null;
  await replace.execute(roles({ roles: { admin: ['all'] } }), admin);
  expect(names()).toEqual(['admin', 'doctor', 'retired']);
});

it('replaces everything where there is no directory', async () => {
  realm.configured = false;
  await replace.execute(roles({ roles: { admin: ['all'] } }), admin);
  expect(names()).toEqual(['admin']);
});

it('hides nothing where roles come from elsewhere too', async () => {
  realm.exhaustive = false;
  realm.roles = named('admin', 'doctor', 'nurse');
  expect(Object.keys((await read.execute()).roles)).toEqual(['admin', 'doctor', 'retired', 'nurse']);
  await replace.execute(roles({ roles: { admin: ['all'] } }), admin);
  expect(names()).toEqual(['admin']);
});

it('does not count a hidden role as an administrator', async () => {
  const given = replace.execute(roles({ roles: { doctor: ['view'] } }), admin);
  await expect(given).rejects.toMatchObject({ code: 'last-administrator' });
  expect(store.versions).toHaveLength(1);
});

it('refuses a document that would grow beyond its limit by what is hidden', async () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`r${n}`, ['all']]));
  await expect(replace.execute(roles({ roles: many }), admin)).rejects.toMatchObject({ code: 'invalid-input' });
  expect(store.versions).toHaveLength(1);
});

it('takes hidden roles away for whoever writes the whole document', async () => {
  const { changes } = await write.execute(roles({ roles: { admin: ['all'] } }), {
    caller: admin,
    reason: null,
    expected: 1,
  });
  expect(names()).toEqual(['admin']);
  expect(changes.roles.map(({ role, change }) => [role, change])).toEqual([
    ['doctor', 'removed'],
    ['retired', 'removed'],
  ]);
});

it('restores as a further version, with the reason, and under the same rule', async () => {
  await replace.execute(roles({ roles: { admin: ['all'] } }), admin);
  const author = { caller: admin, reason: 'a mistake', expected: null };
  const { version } = await restore.execute(1, author);
  expect(version).toMatchObject({ version: 3, reason: 'restored version 1: a mistake' });
  expect(version.document).toEqual(start);
  expect(events.events.map(({ name, actor, detail }) => [name, actor.id, detail])).toEqual([
    [
      'roles.changed',
      'basic:admin',
      expect.objectContaining({ version: 2, why: null, difference: [expect.stringMatching(/^- doctor: /)] }),
    ],
    [
      'roles.changed',
      'basic:admin',
      expect.objectContaining({
        version: 3,
        why: 'restored version 1: a mistake',
        difference: [expect.stringMatching(/^\+ doctor: /)],
      }),
    ],
  ]);
  expect(events.events[0]?.source).toEqual(admin.source);
  await expect(restore.execute(9, author)).rejects.toMatchObject({ code: 'no-such-roles-version' });
});
