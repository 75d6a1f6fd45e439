import { explainVerdict } from './explain-verdict.js';
import type { DenialReason } from './validate-token.usecase.js';

/** The compiler sees a reason that is missing or too many. */
const reasons: Record<DenialReason, true> = {
  'no-token': true,
  absent: true,
  'too-long': true,
  malformed: true,
  'unsupported-algorithm': true,
  'bad-signature': true,
  'key-retired': true,
  'not-a-share': true,
  expired: true,
  'not-yet-valid': true,
  'unknown-type': true,
  'revocations-loading': true,
  'revocations-stale': true,
  revoked: true,
  ended: true,
  unregistered: true,
  anonymized: true,
  gated: true,
  'other-server': true,
  'guard-required': true,
  'write-refused': true,
  'system-level': true,
  'post-refused': true,
  'no-resource': true,
  'outside-grant': true,
  'label-stops-shares': true,
  'audit-unavailable': true,
};

it.each(Object.keys(reasons) as DenialReason[])('%s fails one rule, after those that passed', (reason) => {
  const outcomes = explainVerdict({ granted: false, reason }).map(({ outcome }) => outcome);
  expect(outcomes.filter((one) => one === 'failed')).toHaveLength(1);
  const at = outcomes.indexOf('failed');
  expect(outcomes.slice(0, at).every((one) => one === 'passed')).toBe(true);
  expect(outcomes.slice(at + 1).every((one) => one === 'not reached')).toBe(true);
});

it('passes every rule when it is granted', () => {
  const rules = explainVerdict({ granted: true, reason: 'granted' });
  expect(new Set(rules.map(({ outcome }) => outcome))).toEqual(new Set(['passed']));
});
