import type { IssuerConfig } from '../../platform/config/config.js';
import type { Claims } from './claims.js';

/** Asks an issuer what a token does not say itself (RFC 7662). */
export abstract class Introspection {
  /**
   * The claims that the issuer gives for an active token; null when the token is not active for our client.
   * Throws when the issuer does not answer or refuses our client; the message is for the installer.
   */
  abstract ask(issuer: IssuerConfig, url: string, token: string): Promise<Claims | null>;
}
