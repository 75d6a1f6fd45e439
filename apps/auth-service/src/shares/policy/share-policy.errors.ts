import { DomainError, type ErrorTable } from '../../platform/errors/domain-error.js';
import type { sharesErrors } from '../shares.errors.js';
import type { ShareLimits } from './share-limits.js';
import { instantTypes } from './share-policy-document.js';

export const sharePolicyErrors = {
  'share-not-allowed-by-policy': { status: 403, title: 'The share policy does not allow this', level: 'info' },
  'no-such-share-policy-version': { status: 404, title: 'There is no such version of the share policy', level: 'info' },
  'share-policy-changed': { status: 412, title: 'Another version of the share policy is in force', level: 'info' },
  'share-policy-not-loaded': { status: 503, title: 'The share policy is not loaded yet', level: 'warn' },
} as const satisfies ErrorTable;

type Code = keyof typeof sharePolicyErrors;

const notAllowed = (detail: string) => new DomainError('share-not-allowed-by-policy' satisfies Code, detail);

/** For requests that can carry neither a gate nor a reason, of a type that exists. Null: the policy allows it. */
export function refusedByPolicy(type: string, limits: ShareLimits): DomainError | null {
  if (!limits.mint)
    return notAllowed(`The share policy does not let you share by ${type}; see GET /api/v1/share-policy/mine.`);
  // An instant link opens in no viewer of ours.
  if (limits.viewers !== null && !instantTypes.includes(type) && !limits.viewers.includes(type))
    return notAllowed(`The share policy lets you offer these viewers only: ${limits.viewers.join(', ')}.`);
  const needs = [
    ...(limits.gates.length > 0 ? [`a gate (${limits.gates.join(' or ')})`] : []),
    ...(limits.reasonRequired ? ['a reason'] : []),
  ].join(' and ');
  if (needs === '') return null;
  if (instantTypes.includes(type))
    return notAllowed(
      `The share policy asks ${needs} of ${type}, which an instant link cannot have; a rule for this type can say "gates": [], "reasonRequired": false, or "mint": false.`,
    );
  return notAllowed(`The share policy asks ${needs} of ${type}; share it at POST /api/v1/shares, which takes them.`);
}

/** The same code as for SHARE_MAX_DURATION: the caller does the same about it. */
export const shareTooLongForPolicy = (seconds: number) =>
  new DomainError(
    'share-too-long' satisfies keyof typeof sharesErrors,
    `The share policy allows a life of ${seconds} seconds; ask for a validity-duration or an expiration-date within that.`,
  );
export const noSuchSharePolicyVersion = () =>
  new DomainError(
    'no-such-share-policy-version' satisfies Code,
    'No version of the share policy has this number; list them with GET /api/v1/share-policy/history.',
  );
export const sharePolicyChanged = (inForce: number) =>
  new DomainError(
    'share-policy-changed' satisfies Code,
    `Version ${inForce} is in force; read it, make your change again, and send its number in If-Match. Nothing was changed.`,
  );
export const sharePolicyNotLoaded = () =>
  new DomainError(
    'share-policy-not-loaded' satisfies Code,
    'The share policy has not been read from the database yet; see /health/ready.',
    { headers: { 'retry-after': '2' } },
  );
