import { LayFoundation1795000000000 } from './1795000000000-lay-foundation.js';
import { KeepApiKeys1795100000000 } from './1795100000000-keep-api-keys.js';
import { ExplainRoleVersions1795200000000 } from './1795200000000-explain-role-versions.js';
import { ListShares1795300000000 } from './1795300000000-list-shares.js';

/** Every migration, in order. Append; never edit one that was released. */
export const migrations = [
  LayFoundation1795000000000,
  KeepApiKeys1795100000000,
  ExplainRoleVersions1795200000000,
  ListShares1795300000000,
];
