/** What auth-service says about a share token. */
export interface DecodedLink {
  readonly errorCode: 'expired' | 'invalid' | 'unknown' | null;
  /** Where the viewer is, as the service wrote it: not yet checked. */
  readonly redirectUrl: string | null;
  /** Refines errorCode; an unknown word is passed on, so that a newer service may say more than we understand. */
  readonly reason: string | undefined;
}

/** Why no answer could be had. A closed list: it goes to the log, so it never holds anything that was sent or received. */
export type AuthServiceFault = 'timeout' | 'unreachable' | 'refused' | 'failed' | 'too-large' | 'malformed';

export type DecodeResult =
  { readonly ok: true; readonly link: DecodedLink } | { readonly ok: false; readonly fault: AuthServiceFault };

/** The service that decides. Neither method throws: a service that can't be asked is an ordinary result here. */
export abstract class AuthService {
  /** Asks what a token opens. Changes nothing that the recipient would notice, so a link may be opened any number of times. */
  abstract decode(token: string): Promise<DecodeResult>;

  /** True when the service answers its own liveness route in time. */
  abstract isAlive(): Promise<boolean>;
}
