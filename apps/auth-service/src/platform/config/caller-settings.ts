import { parseInstant } from '@warden/tokens';
import { Secret } from '../observability/secret.js';
import {
  type BasicUser,
  type CallerScope,
  type CallersConfig,
  type HashedUser,
  type KeysConfig,
  callerScopes,
} from './config.js';
import { isObject, isTextList } from './json-shapes.js';
import { parsePasswordHash } from './password-hash.js';
import type { SettingReader } from './setting-reader.js';

const maxPreviousKeys = 16;

function isScopeList(value: unknown): value is CallerScope[] {
  return isTextList(value) && value.every((one) => callerScopes.some((scope) => scope === one));
}

type Users = Pick<CallersConfig, 'users' | 'hashedUsers'>;

/** Reads USERS: name to password, or to an object with a password or its hash, permissions and scopes. */
export function readUsers(reader: SettingReader): Users {
  const users: BasicUser[] = [];
  const hashedUsers: HashedUser[] = [];
  const value = reader.json('USERS');
  if (!isObject(value)) {
    if (value !== undefined) reader.fault('USERS', 'must be a JSON object of name to password');
    return { users, hashedUsers };
  }
  for (const [name, entry] of Object.entries(value)) {
    if (name === '' || name.includes(':')) {
      reader.fault(
        'USERS',
        'holds a name that is empty or has a colon, which HTTP Basic cannot send (RFC 7617 section 2)',
      );
    } else if (typeof entry === 'string' && entry !== '') {
      users.push({ name, password: new Secret(entry), scopes: ['plugin'], permissions: [] });
    } else {
      const user = userOf(name, entry);
      if ('problem' in user) reader.fault('USERS', `entry ${JSON.stringify(name)}${user.problem}`);
      else if ('password' in user) users.push(user);
      else hashedUsers.push(user);
    }
  }
  if (Object.keys(value).length === 0) reader.fault('USERS', 'holds no user');
  return { users, hashedUsers };
}

function userOf(name: string, entry: unknown): BasicUser | HashedUser | { problem: string } {
  if (!isObject(entry) || (entry.password === undefined && entry['password-hash'] === undefined))
    return { problem: ' must be a password or {"password" or "password-hash", "permissions"}' };
  const { permissions = [], scopes = [], password, 'password-hash': passwordHash } = entry;
  if (password !== undefined && passwordHash !== undefined)
    return { problem: ' has both password and password-hash; give one of them' };
  if (!isTextList(permissions)) return { problem: ': permissions must be a list of names' };
  if (!isScopeList(scopes)) return { problem: `: scopes may hold ${callerScopes.join(', ')}` };
  if (password !== undefined) {
    if (typeof password !== 'string' || password === '') return { problem: ': password must be a text' };
    return { name, password: new Secret(password), scopes, permissions };
  }
  if (typeof passwordHash !== 'string') return { problem: ': password-hash must be a text' };
  const parsed = parsePasswordHash(passwordHash);
  if ('problem' in parsed) return { problem: `: password-hash ${parsed.problem}` };
  return { name, passwordHash: new Secret(passwordHash), scopes, permissions };
}

/** Reads SECRET_KEYS_PREVIOUS. */
export function readPreviousKeys(reader: SettingReader): KeysConfig['previous'] {
  const name = 'SECRET_KEYS_PREVIOUS';
  const value = reader.json(name);
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxPreviousKeys) {
    reader.fault(name, `must be a JSON list of at most ${maxPreviousKeys} keys`);
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    if (!isObject(entry) || typeof entry.key !== 'string' || entry.key === '') {
      reader.fault(name, `entry ${index}: "key" must be a text`);
      return [];
    }
    const until = entry.until ?? null;
    const instant = typeof until === 'string' ? parseInstant(until) : null;
    if (until !== null && instant === null)
      reader.fault(name, `entry ${index}: "until" must be a date and time with a zone`);
    const registeredOnly = entry['registered-only'] ?? false;
    if (typeof registeredOnly !== 'boolean')
      reader.fault(name, `entry ${index}: "registered-only" must be true or false`);
    return [{ key: new Secret(entry.key), until: instant?.epochMs ?? null, registeredOnly: registeredOnly === true }];
  });
}
