import type { DenialReason, Verdict } from './validate-token.usecase.js';

export interface ExplainedRule {
  /** Name of the rule, in the order in which rules are looked at. */
  readonly rule: string;
  readonly outcome: 'passed' | 'failed' | 'not reached';
  /** What the rule asks; of the one that failed: why. */
  readonly says: string;
}

/** Every rule of a share token in its order, with the reasons for which it refuses. The compiler sees a reason that is missing. */
const rules: readonly { readonly rule: string; readonly asks: string; readonly reasons: readonly DenialReason[] }[] = [
  { rule: 'token', asks: 'There is a token.', reasons: ['no-token', 'absent'] },
  { rule: 'form', asks: 'It is a JWT signed with HS256.', reasons: ['too-long', 'malformed', 'unsupported-algorithm'] },
  { rule: 'signature', asks: 'A key of SECRET_KEY or SECRET_KEYS_PREVIOUS signed it.', reasons: ['bad-signature'] },
  { rule: 'key', asks: 'That key has not reached its end date.', reasons: ['key-retired'] },
  { rule: 'claims', asks: 'It says what it shares.', reasons: ['not-a-share'] },
  { rule: 'expiry', asks: 'It has not expired.', reasons: ['expired'] },
  { rule: 'begin', asks: 'Its time has begun.', reasons: ['not-yet-valid'] },
  { rule: 'type', asks: 'Its type is known here.', reasons: ['unknown-type'] },
  {
    rule: 'revocations known',
    asks: 'The revocations in memory are complete.',
    reasons: ['revocations-loading', 'revocations-stale'],
  },
  { rule: 'not revoked', asks: 'Neither the share nor a rule that covers it was revoked.', reasons: ['revoked'] },
  { rule: 'not ended', asks: 'Nobody has brought its end forward to a time that has come.', reasons: ['ended'] },
  { rule: 'registered', asks: 'The registry knows it, where that is asked for.', reasons: ['unregistered'] },
  { rule: 'anonymized', asks: 'An anonymized link is used on the server for it.', reasons: ['anonymized'] },
  { rule: 'key to images', asks: 'It is a key by itself: no gate is to be passed first.', reasons: ['gated'] },
  { rule: 'server', asks: 'It is used on the server of SERVER_ID.', reasons: ['other-server'] },
  {
    rule: 'guard',
    asks: 'A share for looking only, and a viewer of one browser, come through the guard in front of Orthanc.',
    reasons: ['guard-required'],
  },
  { rule: 'method', asks: 'A share reads: put and delete are always refused.', reasons: ['write-refused'] },
  { rule: 'level', asks: 'It asks for a resource and not for the system.', reasons: ['system-level'] },
  { rule: 'post', asks: 'A post is allowed by SHARE_POST.', reasons: ['post-refused'] },
  { rule: 'resource', asks: 'The question and the token name a resource.', reasons: ['no-resource'] },
  { rule: 'covered', asks: 'Level and ids belong to one resource of the token.', reasons: ['outside-grant'] },
  { rule: 'label', asks: 'The resource carries no label that stops shares.', reasons: ['label-stops-shares'] },
  { rule: 'record', asks: 'It can be recorded, where AUDIT_STRICT asks for that.', reasons: ['audit-unavailable'] },
];

const why: Readonly<Record<DenialReason, string>> = {
  'audit-unavailable': 'It could not be recorded, and AUDIT_STRICT gives no image without that.',
  'guard-required':
    'It is for looking only, or for one browser: it opens only through a proxy that asks /forward-auth.',
  'no-token': 'No token was sent.',
  absent: 'No token was sent.',
  'too-long': 'The token is longer than any that is minted here.',
  malformed: 'The text is not a token in its one spelling; was it cut when it was copied?',
  'unsupported-algorithm': 'The token is not signed with HS256; it is no share.',
  'bad-signature': 'No key of this service signed the token; was SECRET_KEY changed without SECRET_KEYS_PREVIOUS?',
  'key-retired': 'The key that signed it has passed its end date in SECRET_KEYS_PREVIOUS.',
  'not-a-share': 'The token is signed here, but says nothing that is shared.',
  expired: 'The share has expired; share again.',
  'not-yet-valid': 'The share begins later.',
  'unknown-type': 'The type of the token is not known here; see EXTRA_TOKEN_TYPES.',
  'revocations-loading': 'The revocations are not loaded yet; it passes in a moment.',
  'revocations-stale': 'The database was out of reach for longer than REVOCATION_STALE_AFTER.',
  revoked: 'The share was revoked.',
  ended: 'The end of the share was brought forward, and has come.',
  gated: 'The link is no key by itself; open it on the landing page, which exchanges it for a viewer.',
  unregistered: 'The share was minted elsewhere and is not in the registry (ACCEPT_UNREGISTERED_TOKENS).',
  anonymized: 'An anonymized link is good on the server of ANONYMIZED_SERVER_IDENTIFIER only.',
  'other-server': 'The question comes from another server than SERVER_ID.',
  'write-refused': 'A share never writes, deletes or modifies.',
  'system-level': 'A share opens studies, no route of the system.',
  'post-refused': 'SHARE_POST refuses this post.',
  'no-resource': 'The question names no id, or the token shares nothing.',
  'outside-grant': 'The token shares something else, or another level of it.',
  'label-stops-shares': 'The study carries a label of LABELS_THAT_STOP_SHARES.',
};

/** The way of a verdict through the rules. */
export function explainVerdict(verdict: Pick<Verdict, 'granted' | 'reason'>): ExplainedRule[] {
  const { reason } = verdict;
  if (reason === 'granted') return rules.map(({ rule, asks }) => ({ rule, outcome: 'passed', says: asks }));
  const failed = rules.findIndex(({ reasons }) => reasons.includes(reason));
  return rules.map(({ rule, asks }, index) => ({
    rule,
    outcome: index < failed ? 'passed' : index === failed ? 'failed' : 'not reached',
    says: index === failed ? why[reason] : asks,
  }));
}
