import type { EventShare } from '@warden/events';

/** A study of a share, as the archive told of it. */
export interface ResolvedStudy {
  /** Study Instance UID. */
  readonly study: string;
  readonly orthancId: string;
  /** PatientID; null: it was not told. */
  readonly patient: string | null;
}

/** A share as the registry knows it; `studies` and `patients` are all that it opens. */
export interface ShareOfToken extends EventShare {
  /** `adopted`: minted elsewhere, by nobody known. */
  readonly origin: 'minted' | 'adopted';
  readonly resolved: readonly ResolvedStudy[];
  /** PatientIDs of what it shares as a patient, all of whose studies it opens. */
  readonly sharedPatients: readonly string[];
}

/** The shares that tokens are keys to. */
export abstract class SharesOfTokens {
  /** By the identity that was asked for; what the registry does not know is not there. One statement at most. */
  abstract byIdentity(identities: readonly string[]): Promise<ReadonlyMap<string, ShareOfToken>>;
}
