import { MAX_ROLES } from '@warden/permissions';
import { DomainError, type ErrorTable, invalidInput } from '../platform/errors/domain-error.js';

export const rolesErrors = {
  'last-administrator': { status: 409, title: 'Nobody would be left to administer', level: 'info' },
  'no-such-roles-version': { status: 404, title: 'There is no such version of the roles', level: 'info' },
  'roles-changed': { status: 412, title: 'Another version of the roles is in force', level: 'info' },
  'roles-not-loaded': { status: 503, title: 'The roles are not loaded yet', level: 'warn' },
} as const satisfies ErrorTable;

export const lastAdministrator = () =>
  new DomainError(
    'last-administrator' satisfies keyof typeof rolesErrors,
    'Keep a role that holds admin-permissions (or all); nothing was changed.',
  );
export const noSuchRolesVersion = () =>
  new DomainError(
    'no-such-roles-version' satisfies keyof typeof rolesErrors,
    'No version of the roles has this number; list them with GET /api/v1/roles/history.',
  );
/** `inForce` is null when there is no version yet. */
export const rolesChanged = (inForce: number | null) =>
  new DomainError(
    'roles-changed' satisfies keyof typeof rolesErrors,
    `${inForce === null ? 'No version' : `Version ${inForce}`} is in force; read it, make your change again, and send its number in If-Match. Nothing was changed.`,
  );
export const tooManyRoles = (hidden: number) =>
  invalidInput([
    {
      field: 'roles',
      problem: `hold more than ${MAX_ROLES} with the ${hidden} stored roles that Keycloak does not have`,
      remedy: 'send fewer, or take stored roles out with PUT /api/v1/roles',
    },
  ]);
export const rolesNotLoaded = () =>
  new DomainError(
    'roles-not-loaded' satisfies keyof typeof rolesErrors,
    'The roles have not been read from the database yet; see /health/ready.',
    { headers: { 'retry-after': '2' } },
  );
