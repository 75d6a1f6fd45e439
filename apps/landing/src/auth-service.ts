import type { ExchangeBody, ExchangeProblem, Gate, SendCodeBody } from './link-wire.js';

/** A link that opens, as far as its recipient may know before the gate. Nothing in it names the patient. */
export interface LiveLink {
  readonly opening: 'direct' | 'confirm';
  readonly gate: Gate;
  readonly codeSentTo: string | null;
  readonly sharedBy: string | null;
  readonly studies: number | null;
  readonly expiresAt: Date | null;
  /** The share's own viewer first. Addresses are as the service wrote them: not yet checked. */
  readonly viewers: readonly Viewer[];
  readonly download: boolean;
}

export interface Viewer {
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
}

export type InspectedLink = (
  | { readonly state: 'live'; readonly link: LiveLink }
  | { readonly state: 'scheduled'; readonly opensAt: Date | null }
  | { readonly state: 'closed'; readonly closedBy: 'locked' | 'used-up' }
  | { readonly state: 'expired' | 'revoked' | 'viewer-expired' | 'invalid' | 'unavailable' }
) & {
  /** What the sharer chose for the recipient. */
  readonly language: string | null;
};

/** Why no answer could be had. A closed list: it goes to the log, so it never holds anything that was sent or received. */
export type AuthServiceFault = 'timeout' | 'unreachable' | 'refused' | 'failed' | 'too-large' | 'malformed';

interface Faulty {
  readonly ok: false;
  readonly fault: AuthServiceFault;
}

export type InspectResult = { readonly ok: true; readonly inspected: InspectedLink } | Faulty;

export type SendCodeResult =
  | { readonly ok: true; readonly sent: true }
  | { readonly ok: true; readonly sent: false; readonly retryAfter: number | undefined }
  | Faulty;

export type ExchangeResult =
  | { readonly ok: true; readonly url: string }
  | {
      readonly ok: true;
      readonly url: undefined;
      readonly problem: ExchangeProblem;
      readonly retryAfter: number | undefined;
    }
  | Faulty;

/** The service that decides. No method throws: a service that can't be asked is an ordinary result here. */
export abstract class AuthService {
  /** Asks what a link is. Changes nothing that the recipient would notice, so a link may be looked at any number of times. */
  abstract inspect(link: string, session?: string): Promise<InspectResult>;

  /** Has a code sent to the recipient's own e-mail address. The answer is the same for any link. */
  abstract sendCode(request: SendCodeBody): Promise<SendCodeResult>;

  /** Opens a link: a wrong secret is an attempt, a right one may be the last time that the link opens. Never asked twice for one request. */
  abstract exchange(request: ExchangeBody): Promise<ExchangeResult>;

  /** True when the service answers its own liveness route in time. */
  abstract isAlive(): Promise<boolean>;
}
