import { type FieldFault, invalidInput, unreadableBody } from '../../platform/errors/domain-error.js';
import { type SharePolicyDocument, parseSharePolicy } from './share-policy-document.js';

export interface SharePolicyBody {
  readonly document: SharePolicyDocument;
  readonly reason: string | null;
}

const longestReason = 500;

/** Reads `{"policy": {…}, "reason": "…"}`. Throws `invalid-input` with every fault. */
export function readSharePolicyBody(body: unknown): SharePolicyBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw unreadableBody('is not a JSON object');
  const { policy, reason = null, ...others } = body as Record<string, unknown>;
  const parsed = parseSharePolicy(policy, 'policy');
  const faults: FieldFault[] = parsed.ok ? [] : [...parsed.faults];
  const isReason = isText(reason);
  if (reason !== null && !isReason)
    faults.push({
      field: 'reason',
      problem: 'is not a text, of the wrong length, or holds what no text may hold',
      remedy: `send a text of 1 to ${longestReason} characters, or leave it out`,
    });
  if (Object.keys(others).length > 0)
    faults.push({ field: 'body', problem: 'holds a member that is not known here', remedy: 'keep to policy, reason' });
  if (!parsed.ok || faults.length > 0) throw invalidInput(faults);
  return { document: parsed.document, reason: isReason ? reason : null };
}

function isText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length >= 1 &&
    value.length <= longestReason &&
    !value.includes('\0') &&
    value.isWellFormed()
  );
}
