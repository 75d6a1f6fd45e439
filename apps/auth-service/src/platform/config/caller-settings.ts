import { parseInstant } from '@warden/tokens';
import { Secret } from '../observability/secret.js';
import { type BasicUser, type CallerScope, type KeysConfig, callerScopes } from './config.js';
import { isObject, isTextList } from './json-shapes.js';
import type { SettingReader } from './setting-reader.js';

const maxPreviousKeys = 16;

function isScopeList(value: unknown): value is CallerScope[] {
  return isTextList(value) && value.every((one) => callerScopes.some((scope) => scope === one));
}

/** Reads USERS: name to password, or to an object with permissions and scopes. */
export function readUsers(reader: SettingReader): BasicUser[] {
  const value = reader.json('USERS');
  if (!isObject(value)) {
    if (value !== undefined) reader.fault('USERS', 'must be a JSON object of name to password');
    return [];
  }
  const users: BasicUser[] = [];
  for (const [name, entry] of Object.entries(value)) {
    if (name === '' || name.includes(':')) {
      reader.fault(
        'USERS',
        'holds a name that is empty or has a colon, which HTTP Basic cannot send (RFC 7617 section 2)',
      );
    } else if (typeof entry === 'string' && entry !== '') {
      users.push({ name, password: new Secret(entry), scopes: ['plugin'], permissions: [] });
    } else if (isObject(entry) && typeof entry.password === 'string' && entry.password !== '') {
      const permissions = entry.permissions ?? [];
      const scopes = entry.scopes ?? [];
      if (!isTextList(permissions))
        reader.fault('USERS', `entry ${JSON.stringify(name)}: permissions must be a list of names`);
      else if (!isScopeList(scopes))
        reader.fault('USERS', `entry ${JSON.stringify(name)}: scopes may hold ${callerScopes.join(', ')}`);
      else users.push({ name, password: new Secret(entry.password), scopes, permissions });
    } else {
      reader.fault('USERS', `entry ${JSON.stringify(name)} must be a password or {"password", "permissions"}`);
    }
  }
  if (Object.keys(value).length === 0) reader.fault('USERS', 'holds no user');
  return users;
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
