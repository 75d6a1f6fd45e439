import { type RealmDouble, type RealmUser, startRealm } from '../support/realm-double.js';
import type { Claims } from './golden.js';

/** `iss` of the recorded tokens: the incumbent never looked at it, so that its Keycloak had any name. */
const recordedIssuer = 'http://localhost/keycloak/realms/orthanc';

/** A token of `golden-keycloak.jsonl` that is signed with the active key of the realm. */
export interface RealmToken {
  readonly realm: 'RS256' | 'PS256';
  readonly claims: Claims;
}

const user = (name: string, key: string, more: Partial<RealmUser> = {}): RealmUser => ({
  id: `uid-${name}`,
  username: `${name}-user`,
  attributes: { 'api-key': [key] },
  roles: [],
  ...more,
});

/** The realm before which the requests of `golden-keycloak.jsonl` were recorded. */
export async function startRecordedRealm(): Promise<RealmDouble> {
  const realm = await startRealm({
    issuer: recordedIssuer,
    roles: [
      { name: 'admin-role' },
      { name: 'doctor-role' },
      { name: 'external-role' },
      { name: 'extra-role' },
      { name: 'default-roles-orthanc', composite: true },
      { name: 'uma_authorization' },
      { name: 'offline_access' },
    ],
    users: [
      user('doc', 'TEST-api-key-doctor', { roles: ['doctor-role', 'extra-role', 'default-roles-orthanc'] }),
      user('disabled', 'TEST-api-key-disabled', { enabled: false }),
      user('notyet', 'TEST-api-key-notyet', { notBefore: Date.UTC(2099, 0, 1) / 1000 }),
      user('dup-1', 'TEST-api-key-dup'),
      user('dup-2', 'TEST-api-key-dup'),
    ],
  });
  realm.failingApiKeys.add('TEST-api-key-boom');
  return realm;
}

/** Signs claims in which the moments are filled in. */
export function realmToken(realm: RealmDouble, algorithm: RealmToken['realm'], claims: Claims): string {
  return realm.sign(claims, { alg: algorithm });
}

/** The roles document with which the incumbent was started, in its order, which answers keep. */
export const recordedRoles = {
  roles: {
    'admin-role': {
      'authorized-labels': ['*'],
      permissions: [
        'anonymize',
        'delete',
        'download',
        'modify',
        'send',
        'share',
        'view',
        'settings',
        'edit-labels',
        'admin-permissions',
        'upload',
        'q-r-remote-modalities',
      ],
    },
    'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download', 'share', 'send', 'upload'] },
    'external-role': { 'authorized-labels': ['external'], permissions: ['view', 'download', 'upload'] },
  },
  'available-labels': [],
};
