import { auditErrors } from './audit/index.js';
import { emailsErrors } from './emails/index.js';
import { type ErrorTable, platformErrors } from './platform/errors/domain-error.js';
import { rolesErrors } from './roles/index.js';
import { sharePolicyErrors, sharesErrors } from './shares/index.js';
import { apiKeysErrors, usersErrors } from './users/index.js';

/** Every code that a caller can meet. `docs/errors.md` is written from it. */
export const errorTable = {
  ...platformErrors,
  ...sharesErrors,
  ...sharePolicyErrors,
  ...rolesErrors,
  ...usersErrors,
  ...apiKeysErrors,
  ...emailsErrors,
  ...auditErrors,
} as const satisfies ErrorTable;
