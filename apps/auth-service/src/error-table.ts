import { type ErrorTable, platformErrors } from './platform/errors/domain-error.js';
import { rolesErrors } from './roles/index.js';
import { sharesErrors } from './shares/index.js';
import { apiKeysErrors, usersErrors } from './users/index.js';

/** Every code that a caller can meet. `docs/errors.md` is written from it. */
export const errorTable = {
  ...platformErrors,
  ...sharesErrors,
  ...rolesErrors,
  ...usersErrors,
  ...apiKeysErrors,
} as const satisfies ErrorTable;
