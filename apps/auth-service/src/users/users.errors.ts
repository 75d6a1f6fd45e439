import { DomainError, type ErrorTable } from '../platform/errors/domain-error.js';

export const usersErrors = {
  'identity-unavailable': { status: 503, title: 'It cannot be told now who this is', level: 'warn' },
  'sign-in-busy': { status: 503, title: 'Too many passwords are being checked now', level: 'warn' },
  'unknown-user': { status: 404, title: 'There is no such user', level: 'info' },
} as const satisfies ErrorTable;

/** Never an answer that could be kept: the same credential may be good in a moment. */
export const identityUnavailable = () =>
  new DomainError(
    'identity-unavailable' satisfies keyof typeof usersErrors,
    'The issuer of these credentials does not answer now; try again shortly. See /health/ready.',
    { headers: { 'retry-after': '2' } },
  );

/** The password was not looked at, so that this says nothing about it. */
export const signInBusy = () =>
  new DomainError(
    'sign-in-busy' satisfies keyof typeof usersErrors,
    'Too many passwords wait to be checked; try again shortly. Whoever was recognised before is not affected.',
    { headers: { 'retry-after': '5' } },
  );

export const unknownUser = () =>
  new DomainError('unknown-user' satisfies keyof typeof usersErrors, 'Keycloak has no user with this id.');
