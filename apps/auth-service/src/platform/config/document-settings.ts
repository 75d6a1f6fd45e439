import { readFileSync } from 'node:fs';
import { parseRolesDocument } from '@warden/permissions';
import type { Config, Profile } from './config.js';
import { isObject, isTextList } from './json-shapes.js';
import { type SettingReader, parseJsonWithComments } from './setting-reader.js';

/** A file that is named must be there; the incumbent's default path may be empty. */
function readDocument(reader: SettingReader, name: string, fallback: string): unknown {
  const named = reader.text(name);
  let text: string;
  try {
    text = readFileSync(named ?? fallback, 'utf8');
  } catch {
    if (named !== null) reader.fault(name, 'names a file that cannot be read');
    return undefined;
  }
  const parsed = parseJsonWithComments(text);
  if ('value' in parsed) return parsed.value;
  reader.fault(name, `names a file that ${parsed.problem}`);
  return undefined;
}

/** Roles of a new installation that brings no permissions.json. */
const defaultRoles = {
  roles: {
    'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
    'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download', 'share', 'send'] },
    'external-role': { 'authorized-labels': ['external'], permissions: ['view', 'download'] },
  },
  'available-labels': [],
};

/** Reads permissions.json: the roles of an installation whose database has none yet. */
export function readRolesSeed(reader: SettingReader): Config['roles'] {
  const name = 'PERMISSIONS_FILE_PATH';
  const value = readDocument(reader, name, '/orthanc_auth_service/permissions.json');
  if (value === undefined) return { seed: defaultRoles, seedFrom: 'built-in' };
  const parsed = parseRolesDocument(value);
  if (!parsed.ok) for (const fault of parsed.faults) reader.fault(name, `${fault.field} ${fault.problem}`);
  return { seed: value, seedFrom: 'permissions.json' };
}

/** Reads anonymous-profile.json: what whoever has no token may do. */
export function readAnonymousProfile(reader: SettingReader): Profile {
  const name = 'ANONYMOUS_PROFILE_FILE_PATH';
  const closed: Profile = {
    name: 'Anonymous',
    'user-id': null,
    permissions: [],
    'authorized-labels': [],
    groups: [],
    validity: 60,
  };
  const value = readDocument(reader, name, '/orthanc_auth_service/anonymous-profile.json');
  if (value === undefined) return closed;
  if (!isObject(value)) {
    reader.fault(name, 'must hold a JSON object');
    return closed;
  }
  const list = (member: string): string[] => {
    const found = value[member] ?? [];
    if (isTextList(found)) return found;
    reader.fault(name, `: "${member}" must be a list of texts`);
    return [];
  };
  const validity = value.validity ?? 60;
  // 0 would be kept by the plugin for ever; a fraction or a text would make it refuse everyone.
  if (typeof validity !== 'number' || !Number.isInteger(validity) || validity < 0 || validity >= 2 ** 31) {
    reader.fault(name, ': "validity" must be a whole number of seconds');
  }
  return {
    name: typeof value.name === 'string' ? value.name : closed.name,
    'user-id': typeof value['user-id'] === 'string' ? value['user-id'] : null,
    permissions: list('permissions'),
    'authorized-labels': list('authorized-labels'),
    groups: value.groups === null ? null : list('groups'),
    validity: Math.max(1, Number(validity) || 1),
  };
}
