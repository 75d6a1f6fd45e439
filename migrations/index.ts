import { LayFoundation1795000000000 } from './1795000000000-lay-foundation.js';

/** Every migration, in order. Append; never edit one that was released. */
export const migrations = [LayFoundation1795000000000];
