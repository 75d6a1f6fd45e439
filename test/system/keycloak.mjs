import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate, plugin, replicaSettings, startCluster } from './support/own-cluster.mjs';
import { LoginRefused, startKeycloak } from './support/keycloak.mjs';
import {
  basic,
  caller,
  isReady,
  mint,
  pause,
  payloadOf,
  startService,
  temporaryFolder,
  until,
  validate,
} from './support/stage.mjs';

/** Milliseconds for which an answer about an API key may be kept. */
const keyCache = 10_000;
/** An unknown `kid` makes the service ask for the keys again, but no more often than this. */
const coolDown = 10_000;

const roles = {
  'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
  'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download', 'share', 'send'] },
  'external-role': { 'authorized-labels': ['external'], permissions: ['view', 'download'] },
  // Keycloak does not have this one.
  'retired-role': { 'authorized-labels': ['*'], permissions: ['view'] },
};

/** Who is asking, told by a real Keycloak: through rotations of its keys, and while it is away. */
export async function keycloakUsers({ check, dist }) {
  const cluster = await startCluster({ dist, name: 'keycloak' });
  const keycloak = await startKeycloak();
  const database = await cluster.createDatabase('keycloak');
  await migrate({ dist, ...database });
  const folder = await temporaryFolder('keycloak-data');
  const permissions = join(folder, 'permissions.json');
  await writeFile(permissions, JSON.stringify({ roles, 'available-labels': ['external'] }));
  const start = (changes = {}) =>
    startService({
      dist,
      settings: {
        ...replicaSettings,
        DATA_DIR: folder,
        DATABASE_URL: database.applicationUrl,
        PERMISSIONS_FILE_PATH: permissions,
        ENABLE_KEYCLOAK: 'true',
        KEYCLOAK_URI: keycloak.realmUrl,
        KEYCLOAK_ADMIN_URI: keycloak.adminUrl,
        KEYCLOAK_CLIENT_SECRET: keycloak.clientSecret,
        ENABLE_KEYCLOAK_API_KEYS: 'true',
        ...changes,
      },
    });
  const service = await start();
  await service.ready;
  const call = caller(service.url, basic(plugin));
  const ofToken = (token, ask = call) => profile(ask, 'Authorization', `Bearer ${token}`);
  const ofKey = (key, ask = call) => profile(ask, 'api-key', key);
  const anonymous = await profile(call, '', '');
  const isAnonymous = (found) => assert.deepEqual(found, anonymous);
  /** To the plugin everybody unknown is anonymous; which refusal it was stands in the log, and the credential does not. */
  const isRefused = async (reason, token, { url, events } = service) => {
    const before = events.length;
    isAnonymous(await ofToken(token, caller(url, basic(plugin))));
    const lines = () => events.slice(before).filter(({ event }) => event === 'identity-refused');
    await until('the refusal is logged', () => lines().length > 0, 5_000);
    assert.deepEqual(
      lines().map((line) => line.reason),
      [reason],
      JSON.stringify(lines()),
    );
    assert.ok(!JSON.stringify(events).includes(token.split('.')[2]));
    return lines()[0].detail;
  };
  const tokens = {};
  let staleToken;

  await firstStart();
  await profiles();
  await refusals();
  await rotation();
  await apiKeys();
  await listings();
  await lightweight();
  await outage();
  await service.stop();
  await keycloak.stop();
  await cluster.stop();

  /** What docker/keycloak promises to whoever installs it. */
  async function firstStart() {
    await check('first start: an initial password lets nobody in until it is changed', async () => {
      const initial = keycloak.passwords.get('doctor');
      assert.match(initial, /^[A-Za-z0-9_-]{32}$/);
      tokens.doctor = await keycloak.login('doctor');
      assert.notEqual(keycloak.passwords.get('doctor'), initial);
      await assert.rejects(keycloak.login('doctor', initial), LoginRefused);
    });
    await check('first start: what it made can be read by the account of Keycloak alone', async () => {
      const modes = await Promise.all(
        ['', 'KEYCLOAK_CLIENT_SECRET', 'initial-passwords'].map(async (name) => (await stat(keycloak.kept(name))).mode),
      );
      assert.deepEqual(
        modes.map((mode) => mode & 0o777),
        [0o700, 0o600, 0o600],
      );
    });
    await check('first start: the service can read users and roles, and nothing else', async () => {
      const authorization = `Bearer ${await keycloak.serviceToken(keycloak.clientSecret)}`;
      const ask = caller(keycloak.adminUrl, authorization);
      const { id } = await keycloak.userOf('doctor');
      const statuses = async (...requests) =>
        Promise.all(requests.map(async (request) => (await ask(...request)).status));
      const read = [
        'users?q=api-key:x&exact=true',
        `users/${id}`,
        `users/${id}/role-mappings/realm/composite`,
        'roles',
      ];
      assert.deepEqual(
        await statuses(...read.map((path) => ['GET', path])),
        read.map(() => 200),
      );
      assert.deepEqual(
        await statuses(
          ['GET', 'clients'],
          ['GET', 'events'],
          ['POST', 'users', { username: 'intruder' }],
          ['PUT', `users/${id}`, { enabled: false }],
          ['POST', 'roles', { name: 'intruder-role' }],
          ['PUT', `users/${id}/reset-password`, { type: 'password', value: 'intruder' }],
        ),
        [403, 403, 403, 403, 403, 403],
      );
    });
    await check('first start: users can neither see nor change their API key', async () => {
      const key = newKey();
      await keycloak.setApiKey('doctor', key);
      const ask = caller(keycloak.realmUrl, `Bearer ${tokens.doctor.access_token}`);
      const account = await ask('GET', 'account/');
      assert.equal(account.status, 200);
      assert.doesNotMatch(account.text, /api-key/);
      for (const name of ['api-key', 'made-up']) {
        await ask('POST', 'account/', { ...account.json, attributes: { [name]: [newKey()] } });
        assert.deepEqual((await keycloak.userOf('doctor')).attributes, { 'api-key': [key] });
      }
      await keycloak.setApiKey('doctor', null);
    });
  }

  async function profiles() {
    for (const [name, role] of [
      ['admin', 'admin-role'],
      ['doctor', 'doctor-role'],
      ['external', 'external-role'],
    ]) {
      await check(`log in as ${name}: the profile has what ${role} gives`, async () => {
        tokens[name] = await keycloak.login(name);
        const found = await ofToken(tokens[name].access_token);
        assert.equal(found.name, name);
        assert.equal(found['user-id'], (await keycloak.userOf(name)).id);
        assert.deepEqual(found.permissions, roles[role].permissions);
        assert.deepEqual(found['authorized-labels'], roles[role]['authorized-labels']);
        assert.ok(found.validity >= 1 && found.validity <= tokens[name].expires_in);
      });
    }
    await check('a user is found by id, for the names in audit logs; an unknown id is null', async () => {
      const { id } = await keycloak.userOf('external');
      const byId = async (userId) => {
        const { status, json, text } = await call('POST', '/user/get-profile', { 'user-id': userId });
        assert.equal(status, 200, text);
        return json;
      };
      const found = await byId(id);
      assert.deepEqual([found.name, found['user-id'], found.permissions], ['external', id, []]);
      assert.equal(await byId('00000000-0000-4000-8000-000000000000'), null);
    });
  }

  async function refusals() {
    const { access_token: access, id_token: id, refresh_token: refresh } = tokens.admin;
    const elsewhere = await keycloak.bootstrapTokens();
    const service = await keycloak.serviceToken(keycloak.clientSecret);
    for (const [title, reason, token] of [
      ['an ID token', 'wrong-token-type', id],
      ['a refresh token', 'unsupported-algorithm', refresh],
      ["another realm's token, of Keycloak's own administrator", 'unknown-issuer', elsewhere.access_token],
      ["a token for Keycloak's admin REST", 'wrong-audience', service],
      ['a token with another name under the same signature', 'bad-signature', tampered(access)],
    ]) {
      await check(`${title} stands for nobody (${reason})`, () => isRefused(reason, token));
    }
  }

  async function rotation() {
    const oldKey = await keycloak.activeKey();
    const old = tokens.doctor.access_token;
    assert.equal(keyOf(old), oldKey);
    await check(
      'key rotated: tokens of the new key are accepted without a restart, and of the old one too',
      async () => {
        const newKeyId = await keycloak.rotateKey();
        const fresh = (await keycloak.login('doctor')).access_token;
        assert.equal(keyOf(fresh), newKeyId);
        await accepted(fresh, 'doctor');
        assert.equal((await ofToken(old)).name, 'doctor');
      },
    );
    await check('old key disabled: its tokens are refused once the keys were asked for again', async () => {
      await keycloak.disableKey(oldKey);
      const newKeyId = await keycloak.rotateKey();
      tokens.doctor = await keycloak.login('doctor');
      assert.equal(keyOf(tokens.doctor.access_token), newKeyId);
      await accepted(tokens.doctor.access_token, 'doctor');
      await isRefused('unknown-key', old);
      staleToken = old;
    });
  }

  async function apiKeys() {
    const key = newKey();
    await check('an API key set in Keycloak is used as token-key api-key', async () => {
      await keycloak.setApiKey('external', key);
      const found = await ofKey(key);
      assert.equal(found['user-id'], (await keycloak.userOf('external')).id);
      assert.deepEqual(found.permissions, roles['external-role'].permissions);
      assert.deepEqual(found['authorized-labels'], roles['external-role']['authorized-labels']);
    });
    await check('an API key in other letters, in part, or that is a search, stands for nobody', async () => {
      for (const other of [key.toUpperCase(), key.slice(0, -1), `${key}x`, '%', '*', `x api-key:${key}`, newKey()])
        isAnonymous(await ofKey(other));
    });
    await check('the same API key on a second user: refused, since it names nobody', async () => {
      const shared = newKey();
      for (const name of ['admin', 'doctor']) await keycloak.setApiKey(name, shared);
      isAnonymous(await ofKey(shared));
      for (const name of ['admin', 'doctor']) await keycloak.setApiKey(name, null);
    });
    await check('user disabled: the API key is refused within the time for which it is kept', async () => {
      assert.equal((await ofKey(key)).name, 'external');
      await keycloak.setUser('external', { enabled: false });
      const disabled = performance.now();
      await until('the key is refused', async () => (await ofKey(key)).name !== 'external', keyCache + 1_000);
      console.log(`         after ${((performance.now() - disabled) / 1000).toFixed(1)} s`);
      isAnonymous(await ofKey(key));
      await assert.rejects(keycloak.login('external'), LoginRefused);
    });
    await check('user enabled again: so is the API key', async () => {
      await keycloak.setUser('external', { enabled: true });
      await until('the key is accepted', async () => (await ofKey(key)).name === 'external', keyCache + 1_000);
    });
  }

  async function listings() {
    await check('GET /settings/roles lists every role of the realm, configured or not, and no other', async () => {
      await keycloak.admin('POST', '/roles', { name: 'radiographer-role' });
      const listed = async () => {
        const { status, json, text } = await call('GET', '/settings/roles');
        assert.equal(status, 200, text);
        return json.roles;
      };
      const found = await until(
        'the new role is listed',
        async () => {
          const all = await listed();
          return 'radiographer-role' in all && all;
        },
        keyCache + 1_000,
      );
      for (const name of ['admin-role', 'doctor-role', 'external-role']) assert.deepEqual(found[name], roles[name]);
      assert.deepEqual(found['radiographer-role'], { 'authorized-labels': [], permissions: [] });
      assert.ok(!('retired-role' in found));
    });
  }

  async function lightweight() {
    const light = 'client.use.lightweight.access.token.enabled';
    let token;
    await check(
      'the realm lets the service introspect a lightweight access token, which names neither user nor roles',
      async () => {
        await keycloak.setClientAttributes({ [light]: 'true' });
        token = (await keycloak.login('doctor')).access_token;
        const said = payloadOf(token);
        assert.deepEqual(
          [said.sub, said.realm_access, said.aud, said.azp],
          [undefined, undefined, undefined, 'orthanc'],
        );
        const { active, sub, realm_access: access, aud } = await keycloak.introspect(token, keycloak.clientSecret);
        assert.equal(active, true);
        assert.equal(sub, (await keycloak.userOf('doctor')).id);
        assert.ok(access.roles.includes('doctor-role') && aud.includes('account'));
      },
    );
    await check('a lightweight access token is introspected: the profile is the same', async () => {
      const [found, expected] = [await ofToken(token), await ofToken(tokens.doctor.access_token)];
      assert.deepEqual({ ...found, validity: null }, { ...expected, validity: null });
    });
    await check('a lightweight access token whose session has ended stands for nobody', async () => {
      const ended = (await keycloak.login('external')).access_token;
      await keycloak.logout('external');
      await isRefused('inactive', ended);
    });
    await check(
      'a lightweight access token without a client secret: refused, and the log says what to change',
      async () => {
        const plain = await start({ KEYCLOAK_CLIENT_SECRET: '', ENABLE_KEYCLOAK_API_KEYS: 'false' });
        await plain.ready;
        assert.match(await isRefused('no-roles-in-token', token, plain), /lightweight access tokens.*client secret/);
        const ask = caller(plain.url, basic(plugin));
        assert.equal((await ofToken(tokens.doctor.access_token, ask)).name, 'doctor');
        await plain.stop();
      },
    );
    await keycloak.setClientAttributes({ [light]: 'false' });
  }

  async function outage() {
    const known = (await keycloak.login('admin')).access_token;
    const unseen = (await keycloak.login('doctor')).access_token;
    await accepted(known, 'admin');
    const shared = (await mint(call, 'keycloak')).json.token;
    const askStale = () =>
      call('POST', '/user/get-profile', { 'token-key': 'Authorization', 'token-value': `Bearer ${staleToken}` });
    await keycloak.stop();
    await check('Keycloak stopped: users go on, whether or not their token was seen before', async () => {
      assert.equal((await ofToken(known)).name, 'admin');
      assert.equal((await ofToken(unseen)).name, 'doctor');
    });
    await check('Keycloak stopped: a token of the disabled key is not accepted', async () => {
      const { status, json } = await askStale();
      // Whether its key is a new one can be known only as long as the keys are: then it is 503, which is not kept.
      if (status !== 503) isAnonymous(json);
    });
    await check('Keycloak stopped: the service stays up and ready, and readiness says what is wrong', async () => {
      assert.equal((await call('GET', '/health/live')).status, 200);
      assert.equal((await validate(call, shared)).json.granted, true);
      const named = await until(
        'readiness names Keycloak',
        async () => {
          // An unknown key makes the service ask for the keys, as soon as its cool-down lets it.
          await askStale();
          const { json } = await call('GET', '/health/ready');
          return json.checks.find((one) => /keycloak/i.test(one.name + one.detail) && one.detail !== null);
        },
        coolDown + 5_000,
      );
      console.log(`         ${named.name}: ${named.detail}`);
      assert.equal(await isReady(call), true);
    });
    await check('Keycloak stopped: an API key gets no verdict that would be kept', async () => {
      const { status } = await call('POST', '/user/get-profile', { 'token-key': 'api-key', 'token-value': newKey() });
      assert.equal(status, 503);
    });
    await check('Keycloak stopped: the stored roles are listed', async () => {
      const { status, json, text } = await call('GET', '/settings/roles');
      assert.equal(status, 200, text);
      assert.deepEqual(json.roles['doctor-role'], roles['doctor-role']);
    });

    const late = await start();
    await late.ready;
    const askLate = caller(late.url, basic(plugin));
    await check('started while Keycloak is down: comes up, and answers what needs no Keycloak', async () => {
      assert.equal(await isReady(askLate), true);
      assert.equal((await validate(askLate, shared)).json.granted, true);
      isAnonymous(await profile(askLate, '', ''));
    });
    await check('started while Keycloak is down: a token gets no verdict', async () => {
      const body = { 'token-key': 'Authorization', 'token-value': `Bearer ${known}` };
      assert.equal((await askLate('POST', '/user/get-profile', body)).status, 503);
    });

    // As the operator does: from here on, the script starts Keycloak with no secret.
    await rm(keycloak.kept('initial-passwords'));
    await keycloak.start();
    await check('Keycloak started again: known and new log-ins are accepted', async () => {
      assert.equal((await ofToken(known)).name, 'admin');
      await accepted((await keycloak.login('external')).access_token, 'external');
    });
    await check('started while Keycloak was down: recovers by itself', async () => {
      const back = performance.now();
      await accepted((await keycloak.login('external')).access_token, 'external', askLate);
      await accepted(known, 'admin', askLate);
      console.log(`         after ${((performance.now() - back) / 1000).toFixed(1)} s`);
    });
    await late.stop();
  }

  /** The service may have to let its cool-down pass before it asks for the keys. */
  async function accepted(token, name, ask = call) {
    await until(
      `the token of ${name} is accepted`,
      async () => (await ofToken(token, ask).catch(() => undefined))?.name === name || void (await pause(200)),
      coolDown + 5_000,
    );
  }
}

async function profile(ask, tokenKey, tokenValue) {
  const { status, json, text } = await ask('POST', '/user/get-profile', {
    'token-key': tokenKey,
    'token-value': tokenValue,
    'server-id': null,
  });
  assert.equal(status, 200, text);
  return json;
}

const newKey = () => randomBytes(30).toString('base64url');
const keyOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()).kid;
/** The payload says something else under the same signature. */
const tampered = (token) => {
  const [head, , signature] = token.split('.');
  const changed = Buffer.from(JSON.stringify({ ...payloadOf(token), preferred_username: 'eve' })).toString('base64url');
  return [head, changed, signature].join('.');
};
