import { PERMISSIONS, holds, isPermission } from './vocabulary.js';

describe('PERMISSIONS', () => {
  it('are the names that the incumbent knows, in its order', () => {
    expect(PERMISSIONS.map(({ name }) => name).join(' ')).toBe(
      'all view download delete send modify anonymize upload q-r-remote-modalities settings api-view edit-labels ' +
        'admin-permissions audit-logs worklists share',
    );
  });

  it('say what each one means', () => {
    for (const { meaning } of PERMISSIONS) expect(meaning).toMatch(/^[A-Z].+\.$/);
  });
});

describe('isPermission', () => {
  it('knows its own names only', () => {
    expect(isPermission('view')).toBe(true);
    for (const name of ['fly', 'View', '', 'constructor', '__proto__']) expect(isPermission(name)).toBe(false);
  });
});

describe('holds', () => {
  it('is true for a permission in the set, known or custom', () => {
    expect(holds(['view', 'fly'], 'view')).toBe(true);
    expect(holds(['view', 'fly'], 'fly')).toBe(true);
  });

  it('is false for one that is not in the set', () => {
    expect(holds(['view', 'download'], 'delete')).toBe(false);
    expect(holds([], 'view')).toBe(false);
    expect(holds(['View', ' view'], 'view')).toBe(false);
  });

  it.each(['view', 'admin-permissions', 'fly', 'all'])('is true for %s when all is held', (name) => {
    expect(holds(['all'], name)).toBe(true);
  });

  it('does not give all to the one who has every other permission', () => {
    expect(
      holds(
        PERMISSIONS.map(({ name }) => name).filter((name) => name !== 'all'),
        'all',
      ),
    ).toBe(false);
  });
});
