import type { KeyObject } from 'node:crypto';

/** A signing key of an issuer. */
export interface IssuerKey {
  readonly kid: string;
  /** The one algorithm that the issuer states for it; null: any of the allowed ones that fits. */
  readonly algorithm: string | null;
  readonly key: KeyObject;
}

/** Everything an issuer says of itself, as of one fetch. */
export interface KeySet {
  /** Grows whenever keys or issuer change: what was verified with another set is verified again. */
  readonly generation: number;
  /** `issuer` of the discovery document. */
  readonly issuer: string;
  readonly introspectionUrl: string | null;
  readonly keys: ReadonlyMap<string, IssuerKey>;
}

/** The issuer's keys cannot be had now. `message` is for the installer. */
export class KeysUnavailable extends Error {}

/** The keys of one trusted issuer. */
export abstract class IssuerKeys {
  /** The set in force, without waiting when it is fresh. Throws `KeysUnavailable`. */
  abstract current(): Promise<KeySet>;
  /** The set in force if it can be had without waiting, else null. */
  abstract atHand(): KeySet | null;
  /** The key of that name; asks the issuer again when it is unknown, at most once in a while. Null: there is none. */
  abstract find(kid: string): Promise<IssuerKey | null>;
  abstract state(): { readonly ageSeconds: number | null; readonly fetches: number; readonly fault: string | null };
}
