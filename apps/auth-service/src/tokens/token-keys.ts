import type { Keyring } from '@warden/tokens';

/** The keyring, as something that can be asked for by type. */
export class TokenKeys {
  constructor(readonly keyring: Keyring) {}
}
