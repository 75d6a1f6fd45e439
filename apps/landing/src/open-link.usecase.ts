import { AuthService, type AuthServiceFault, type DecodedLink } from './auth-service.js';

/** What became of an attempt to open a link. `code` is the outcome as the access log tells it. */
export type Opening =
  | { readonly kind: 'open'; readonly code: 'opened'; readonly url: string }
  | { readonly kind: 'no-link'; readonly code: 'no-token' | 'several-tokens' | 'token-too-long' }
  | { readonly kind: 'refused'; readonly code: 'expired' | 'revoked' | 'invalid' }
  | { readonly kind: 'not-for-here'; readonly code: 'gated' | 'nothing-to-open' }
  | {
      readonly kind: 'unavailable';
      readonly code: 'unavailable';
      readonly cause: AuthServiceFault | 'unknown' | 'stale' | 'unsafe-redirect';
    };

/** The longest token that is passed on: the longest that the service takes. One of 200 studies, both ids each, is about 40 kB. */
export const longestToken = 64 * 1024;

/** Takes the tokens that came with a link and says where it leads, or why nowhere. Never throws for a bad token or a service that is down. */
export class OpenLink {
  constructor(private readonly authService: AuthService) {}

  async execute(tokens: readonly string[]): Promise<Opening> {
    // Two tokens: whoever stands in front of us may have judged the other one (HTTP parameter pollution).
    if (tokens.length > 1) return { kind: 'no-link', code: 'several-tokens' };
    const token = tokens[0]?.trim() ?? '';
    if (token === '') return { kind: 'no-link', code: 'no-token' };
    if (Buffer.byteLength(token) > longestToken) return { kind: 'no-link', code: 'token-too-long' };

    const answer = await this.authService.decode(token);
    return answer.ok ? judge(answer.link) : { kind: 'unavailable', code: 'unavailable', cause: answer.fault };
  }
}

function judge({ errorCode, redirectUrl, reason }: DecodedLink): Opening {
  if (errorCode === null) {
    if (redirectUrl === null) return { kind: 'not-for-here', code: 'nothing-to-open' };
    const url = safeRedirect(redirectUrl);
    if (url === undefined) return { kind: 'unavailable', code: 'unavailable', cause: 'unsafe-redirect' };
    return { kind: 'open', code: 'opened', url };
  }
  switch (reason) {
    case 'expired':
    case 'revoked':
    case 'invalid':
      return { kind: 'refused', code: reason };
    case 'gated':
      return { kind: 'not-for-here', code: reason };
    case 'unknown':
    case 'stale':
      return { kind: 'unavailable', code: 'unavailable', cause: reason };
    case undefined:
    default:
      // No reason, or one that is newer than we are: the error code still says enough.
      if (errorCode === 'unknown') return { kind: 'unavailable', code: 'unavailable', cause: 'unknown' };
      return { kind: 'refused', code: errorCode };
  }
}

/**
 * A redirect target that may stand in a Location header, else undefined: absolute, http or https, no blanks or control characters (the URL
 * parser drops tabs and line ends without a word, a header would not). Visible ASCII is kept to the letter, because viewers read `[`, `]` and
 * commas as they were written; the rest is percent-encoded.
 */
export function safeRedirect(value: string): string | undefined {
  if (!/^https?:\/\/[^/\\]/i.test(value) || /[\s\p{Cc}]/u.test(value) || !URL.canParse(value)) return undefined;
  return /^[\x21-\x7e]+$/.test(value) ? value : new URL(value).href;
}
