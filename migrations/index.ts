import { LayFoundation1795000000000 } from './1795000000000-lay-foundation.js';
import { KeepApiKeys1795100000000 } from './1795100000000-keep-api-keys.js';
import { ExplainRoleVersions1795200000000 } from './1795200000000-explain-role-versions.js';
import { ListShares1795300000000 } from './1795300000000-list-shares.js';
import { GateShares1795400000000 } from './1795400000000-gate-shares.js';
import { KeepSharePolicy1795500000000 } from './1795500000000-keep-share-policy.js';
import { RecordEvents1795600000000 } from './1795600000000-record-events.js';
import { KnowPatients1795700000000 } from './1795700000000-know-patients.js';
import { SealEvents1795800000000 } from './1795800000000-seal-events.js';
import { GuardShares1795900000000 } from './1795900000000-guard-shares.js';
import { EndSharesInPlace1796000000000 } from './1796000000000-end-shares-in-place.js';

/** Every migration, in order. Append; never edit one that was released. */
export const migrations = [
  LayFoundation1795000000000,
  KeepApiKeys1795100000000,
  ExplainRoleVersions1795200000000,
  ListShares1795300000000,
  GateShares1795400000000,
  KeepSharePolicy1795500000000,
  RecordEvents1795600000000,
  KnowPatients1795700000000,
  SealEvents1795800000000,
  GuardShares1795900000000,
  EndSharesInPlace1796000000000,
];
