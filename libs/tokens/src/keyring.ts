import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';

/** A key that may have signed a live link. */
export interface VerifyingKey {
  /** Names the key in a JWT header (RFC 7515 section 4.1.4) without telling anything about it: 11 characters. */
  readonly kid: string;
  readonly key: KeyObject;
  /** Milliseconds since 1970 from which its tokens are refused; null = no end. */
  readonly until: number | null;
  /** Only tokens that the registry knows are accepted from this key. */
  readonly registeredOnly: boolean;
}

/** The keys as the settings give them. A key is the UTF-8 bytes of its text. */
export interface KeyringSource {
  readonly signing: string;
  readonly previous: readonly {
    readonly key: string;
    readonly until: number | null;
    readonly registeredOnly: boolean;
  }[];
}

/**
 * The key that signs, and those that signed before it. Keys are KeyObjects: a text would be turned into one anew for
 * each token, and a KeyObject does not print itself into a log.
 */
export class Keyring {
  private readonly byKid: ReadonlyMap<string, readonly [VerifyingKey]>;

  private constructor(
    readonly signing: VerifyingKey,
    private readonly all: readonly VerifyingKey[],
  ) {
    this.byKid = new Map(all.map((key) => [key.kid, [key]]));
  }

  /**
   * A key that is named twice is one key: as the signing key it has no end; otherwise the stricter statement counts.
   *
   * @throws RangeError for an empty key: anybody can sign with it
   */
  static create(source: KeyringSource): Keyring {
    const signing = verifyingKey(source.signing, null, false);
    const previous = new Map<string, VerifyingKey>();
    for (const { key: text, until, registeredOnly } of source.previous) {
      if (text === source.signing) continue;
      const known = previous.get(text);
      previous.set(
        text,
        known
          ? { ...known, until: earlier(known.until, until), registeredOnly: known.registeredOnly || registeredOnly }
          : verifyingKey(text, until, registeredOnly),
      );
    }
    return new Keyring(signing, [signing, ...previous.values()]);
  }

  /**
   * The keys to try for a token, the signing key first. The `kid` of a header is written by whoever made the token,
   * so it is only a hint: one of ours narrows the choice, anything else leaves all keys.
   */
  candidates(kidHint: unknown): readonly VerifyingKey[] {
    return (typeof kidHint === 'string' && this.byKid.get(kidHint)) || this.all;
  }

  find(kid: string): VerifyingKey | null {
    return this.byKid.get(kid)?.[0] ?? null;
  }
}

function verifyingKey(text: string, until: number | null, registeredOnly: boolean): VerifyingKey {
  if (text === '') throw new RangeError('A key must not be empty.');
  const key = createSecretKey(Buffer.from(text, 'utf8'));
  const kid = createHmac('sha256', key).update('orthanc-warden kid').digest('base64url').slice(0, 11);
  return { kid, key, until, registeredOnly };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}
