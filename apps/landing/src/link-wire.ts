import type { Schemas } from '@warden/auth-service-api';

/** What auth-service's routes for links say on the wire, as its OpenAPI document has it. */
export type InspectBody = Readonly<Schemas['InspectBody']>;

export type InspectAnswer = Readonly<Schemas['InspectedLinkDto']>;

/** Of these two we leave no member out. */
export type SendCodeBody = Readonly<Required<Schemas['SendCodeBody']>>;

export type ExchangeBody = Readonly<Required<Schemas['ExchangeBody']>>;

export type ExchangeAnswer = Readonly<Schemas['ExchangedLinkDto']>;

export type LinkState = InspectAnswer['state'];

export const linkStates = [
  'live',
  'scheduled',
  'closed',
  'expired',
  'revoked',
  'viewer-expired',
  'invalid',
  'unavailable',
] as const satisfies readonly LinkState[];

export type Gate = NonNullable<InspectAnswer['gate']>;

export const gates = ['none', 'pin', 'birth-date', 'email-code'] as const satisfies readonly Gate[];

/** Codes of the problems that an exchange may meet. */
export const exchangeProblems = [
  'gate-refused',
  'too-many-attempts',
  'share-locked',
  'share-used-up',
  'share-expired',
  'share-revoked',
  'share-scheduled',
  'viewer-not-offered',
  'viewer-unavailable',
  'database-unavailable',
  'gates-busy',
] as const;

export type ExchangeProblem = (typeof exchangeProblems)[number];
