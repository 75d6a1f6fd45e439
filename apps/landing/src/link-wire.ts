/**
 * What auth-service's routes for links say on the wire. Written by hand until the OpenAPI document has them: then the generated types of
 * @warden/auth-service-api take this file's place.
 */
export interface InspectBody {
  readonly link: string;
}

export interface InspectAnswer {
  readonly state: LinkState;
  readonly closedBy: 'locked' | 'used-up' | null;
  readonly opening: 'direct' | 'confirm' | null;
  readonly gate: Gate | null;
  readonly codeSentTo: string | null;
  readonly sharedBy: string | null;
  readonly institution: string | null;
  readonly studies: number | null;
  readonly opensAt: string | null;
  readonly expiresAt: string | null;
  readonly language: string | null;
  readonly viewers: readonly { readonly id: string; readonly name: string; readonly url: string | null }[];
  readonly download: boolean;
}

export const linkStates = [
  'live',
  'scheduled',
  'closed',
  'expired',
  'revoked',
  'viewer-expired',
  'invalid',
  'unavailable',
] as const;

export type LinkState = (typeof linkStates)[number];

export const gates = ['none', 'pin', 'birth-date', 'email-code'] as const;

export type Gate = (typeof gates)[number];

export interface SendCodeBody {
  readonly link: string;
  readonly address: string | null;
}

export interface ExchangeBody {
  readonly link: string;
  readonly secret: string | null;
  readonly viewer: string | null;
  readonly session: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

export interface ExchangeAnswer {
  readonly url: string;
  readonly expiresAt: string;
}

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
  'busy',
] as const;

export type ExchangeProblem = (typeof exchangeProblems)[number];
