import { DomainError, type ErrorTable } from '../platform/errors/domain-error.js';

export const rolesErrors = {
  'last-administrator': { status: 409, title: 'Nobody would be left to administer', level: 'info' },
  'roles-not-loaded': { status: 503, title: 'The roles are not loaded yet', level: 'warn' },
} as const satisfies ErrorTable;

export const lastAdministrator = () =>
  new DomainError(
    'last-administrator' satisfies keyof typeof rolesErrors,
    'Keep a role that holds admin-permissions (or all); nothing was changed.',
  );
export const rolesNotLoaded = () =>
  new DomainError(
    'roles-not-loaded' satisfies keyof typeof rolesErrors,
    'The roles have not been read from the database yet; see /health/ready.',
    { headers: { 'retry-after': '2' } },
  );
