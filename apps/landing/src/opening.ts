import type { AuthServiceFault, LiveLink } from './auth-service.js';

/** What an entry lacks; the page says it next to the field. */
export type EntryProblem = 'missing' | 'impossible' | 'refused' | 'viewer-not-offered';

/** What became of an attempt to look at a link or to open it. `code` is the outcome as the access log tells it. */
export type Opening = (
  | { readonly kind: 'open'; readonly code: 'opened' | 'downloaded'; readonly url: string }
  | {
      readonly kind: 'show';
      readonly code: 'shown' | 'code-sent' | EntryCode;
      readonly link: LiveLink;
      /** Whether the field for the e-mailed code is shown, or the button that has one sent. */
      readonly codeAsked: boolean;
      readonly problem?: EntryProblem;
    }
  | {
      readonly kind: 'no-link';
      readonly code:
        'no-token' | 'several-tokens' | 'token-too-long' | 'not-a-handle' | 'form-not-understood' | 'cross-site';
    }
  | {
      readonly kind: 'refused';
      readonly code: 'expired' | 'viewer-expired' | 'revoked' | 'invalid' | 'locked' | 'used-up';
    }
  | { readonly kind: 'scheduled'; readonly code: 'scheduled'; readonly opensAt: Date | null }
  | { readonly kind: 'wait'; readonly code: 'too-many-attempts'; readonly seconds: number }
  | { readonly kind: 'not-for-here'; readonly code: 'nothing-to-open' }
  | {
      readonly kind: 'unavailable';
      readonly code: 'unavailable';
      readonly cause:
        AuthServiceFault | 'unknown' | 'unsafe-redirect' | 'viewer-unavailable' | 'database-unavailable' | 'gates-busy';
      readonly retryAfter?: number | undefined;
    }
) & {
  /** What the sharer chose for the recipient. */
  readonly language?: string | null;
};

type EntryCode = 'gate-refused' | 'entry-missing' | 'entry-impossible' | 'viewer-not-offered';
