import { actsInMemory, admin } from '../../../../../test/support/acts-double.js';
import { InMemoryEventLog } from '../../../../../test/support/in-memory-event-log.js';
import { InMemorySharePolicyStore } from '../../../../../test/support/in-memory-share-policy.store.js';
import type { Caller } from '../../platform/http/caller.js';
import { RestoreSharePolicy } from './restore-share-policy.usecase.js';
import { SharePolicies } from './share-policies.js';
import type { SharePolicyDocument } from './share-policy-document.js';
import { SharePolicyInForce, builtInVersion } from './share-policy-in-force.js';
import { WriteSharePolicy } from './write-share-policy.usecase.js';

const stone = 'stone-viewer-publication';
const doctor: Caller = {
  id: 'keycloak:1',
  name: 'Ada',
  via: 'bearer',
  scopes: [],
  permissions: ['share'],
  labels: ['*'],
  roles: ['doctor-role'],
};
const closed = (type = '*'): SharePolicyDocument => ({
  overLimit: 'refuse',
  rules: [{ roles: ['doctor-role'], types: [type], mint: false }],
});
const author = { caller: admin, reason: null, expected: null };

let events: InMemoryEventLog;
let store: InMemorySharePolicyStore;
let inForce: SharePolicyInForce;
let policies: SharePolicies;
let write: WriteSharePolicy;
beforeEach(() => {
  store = new InMemorySharePolicyStore();
  inForce = new SharePolicyInForce();
  policies = new SharePolicies(inForce);
  events = new InMemoryEventLog();
  write = new WriteSharePolicy(store, inForce, { names: [stone] }, actsInMemory(events), {
    now: () => 1_000,
    monotonic: () => 0,
  });
});
const mayMint = () => policies.limitsFor(doctor, stone).mint;

it('allows nothing before the policy is loaded', () => {
  expect(() => policies.limitsFor(doctor, stone)).toThrow(expect.objectContaining({ code: 'share-policy-not-loaded' }));
});

it('goes by the policy in force, which no older version replaces', () => {
  inForce.take(builtInVersion);
  expect(mayMint()).toBe(true);
  inForce.take({ ...builtInVersion, version: 2, document: closed() });
  inForce.take({ ...builtInVersion, version: 1 });
  expect([mayMint(), policies.limitsFor(doctor, stone).overLimit]).toEqual([false, 'refuse']);
});

it('is in force here as soon as it is written', async () => {
  inForce.take(builtInVersion);
  const made = await write.execute(closed(stone), author);
  expect([made.version, made.madeAt, mayMint()]).toEqual([1, 1_000, false]);
});

it('is not stored when it names a type that the installation lacks', async () => {
  await expect(write.execute(closed('stone'), author)).rejects.toMatchObject({
    code: 'invalid-input',
    options: { faults: [{ field: 'policy.rules[0].types[0]' }] },
  });
  expect(store.versions).toEqual([]);
});

it('is not restored either, when a type is gone since', async () => {
  const { version } = await store.append(closed('gone'), {
    madeBy: 'basic:admin',
    reason: null,
    expected: null,
    madeAt: 0,
  });
  const restore = new RestoreSharePolicy(store, write);
  await expect(restore.execute(version, author)).rejects.toMatchObject({ code: 'invalid-input' });
  await expect(restore.execute(7, author)).rejects.toMatchObject({ code: 'no-such-share-policy-version' });
  expect(store.versions).toHaveLength(1);
});
