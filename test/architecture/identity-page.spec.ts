import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentSource } from '../../apps/auth-service/src/platform/config/env.js';
import { readIdentity } from '../../apps/auth-service/src/platform/config/identity-settings.js';
import { SettingReader } from '../../apps/auth-service/src/platform/config/setting-reader.js';
import type { IdentityFault } from '../../apps/auth-service/src/users/identity.js';

const page = readFileSync(join(__dirname, '../../docs/identity.md'), 'utf8');

/** The compiler sees a reason that is missing or too many. */
const reasons: Record<IdentityFault, true> = {
  malformed: true,
  'unknown-issuer': true,
  'unsupported-algorithm': true,
  'unknown-key': true,
  'bad-signature': true,
  'wrong-audience': true,
  'wrong-token-type': true,
  expired: true,
  'not-yet-valid': true,
  'missing-claim': true,
  'no-roles-in-token': true,
  inactive: true,
  'malformed-key': true,
  'unknown-api-key': true,
  'revoked-api-key': true,
  'ambiguous-api-key': true,
  'user-disabled': true,
  'not-configured': true,
  unavailable: true,
};

describe('docs/identity.md', () => {
  it('tells every reason of identity-refused, and no other', () => {
    const [, table = ''] = /## Reasons of `identity-refused`([^]*?)\n## /.exec(page) ?? [];
    const told = [...table.matchAll(/^\| `([a-z-]+)` /gm)].map((match) => match[1]);
    expect(told.toSorted()).toEqual(Object.keys(reasons).toSorted());
  });

  it('has the same reasons as the code, which the type alone does not show where it is not compiled', () => {
    const source = readFileSync(join(__dirname, '../../apps/auth-service/src/users/identity.ts'), 'utf8');
    const [, type = ''] = /export type IdentityFault =([^;]*);/.exec(source) ?? [];
    const named = [...type.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
    expect(named.toSorted()).toEqual(Object.keys(reasons).toSorted());
  });

  it('has examples of OIDC_ISSUERS that the service starts with', () => {
    const examples = [...page.matchAll(/```json\n([^]*?)```/g)].map((match) => match[1] ?? '');
    expect(examples).toHaveLength(3);
    for (const text of examples) {
      const reader = new SettingReader(new EnvironmentSource({ OIDC_ISSUERS: text }, '/nowhere'));
      expect([readIdentity(reader, []).issuers.length, reader.faults]).toEqual([1, []]);
    }
  });

  it('names every member of an entry', () => {
    const source = readFileSync(
      join(__dirname, '../../apps/auth-service/src/platform/config/identity-settings.ts'),
      'utf8',
    );
    const [, known = ''] = /const known = \[([^\]]*)\]/.exec(source) ?? [];
    const members = [...known.matchAll(/'([a-z-]+)'/g)].map((match) => match[1] ?? '');
    expect(members.length).toBeGreaterThan(5);
    expect(members.filter((member) => !page.includes(`\`${member}\``))).toEqual([]);
  });
});
