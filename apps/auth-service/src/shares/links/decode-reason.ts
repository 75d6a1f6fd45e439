import type { ShareToken } from '@warden/tokens';
import type { Refusal } from '../../tokens/index.js';

/** Why a link does not open, as a recipient is told it. */
export type DecodeReason = 'expired' | 'viewer-expired' | 'revoked' | 'gated' | 'invalid' | 'unknown';

/** The link behind a viewer's token whose time is over may well be alive: its recipient opens it again. */
export function decodeReasonOf(refusal: Refusal, token: Pick<ShareToken, 'parent'> | null): DecodeReason {
  const reason = reasons[refusal];
  return reason === 'expired' && token !== null && token.parent !== null ? 'viewer-expired' : reason;
}

/** What a recipient is told of each refusal: no more than helps. */
const reasons: Readonly<Record<Refusal, DecodeReason>> = {
  expired: 'expired',
  revoked: 'revoked',
  ended: 'expired',
  gated: 'gated',
  'revocations-loading': 'unknown',
  'revocations-stale': 'unknown',
  absent: 'invalid',
  'too-long': 'invalid',
  malformed: 'invalid',
  'unsupported-algorithm': 'invalid',
  'bad-signature': 'invalid',
  'key-retired': 'invalid',
  'not-a-share': 'invalid',
  'not-yet-valid': 'invalid',
  'unknown-type': 'invalid',
  unregistered: 'invalid',
  anonymized: 'invalid',
};
