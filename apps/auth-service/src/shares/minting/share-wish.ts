import type { ShareResource } from '@warden/tokens';
import type { FieldFault } from '../../platform/errors/domain-error.js';
import { type WantedGate, weaknessOfPin } from '../gates/make-gate.js';
import type { Recipient } from '../share.js';
import { lookOnlyTypes } from '../links/look-only.js';
import { gateableTypes } from '../links/viewer-links.js';

/** What a sharer who can say everything asks for. Times in milliseconds since the epoch. */
export interface ShareWish {
  readonly type: string;
  readonly resources: readonly ShareResource[];
  readonly label: string | null;
  readonly recipient: Recipient | null;
  readonly reason: string | null;
  readonly purposeOfUse: string | null;
  readonly language: string | null;
  readonly notBefore: number | null;
  /** An instant with a zone, as the caller wrote it; null: as the share policy has it. */
  readonly expiration: { readonly epochMs: number; readonly text: string } | null;
  /** Seconds from now, in place of an instant. */
  readonly validityDuration: number | null;
  readonly maxOpens: number | null;
  readonly gate: WantedGate | null;
  /** Types that the recipient may choose among; null: every viewer that is configured and allowed. */
  readonly viewers: readonly string[] | null;
  readonly download: boolean;
  /** To be looked at, not taken away. */
  readonly noArchive: boolean;
  /** Null: as SHARE_LINKS says. */
  readonly link: 'token' | 'opaque' | null;
}

export type TermsWish = Pick<
  ShareWish,
  'type' | 'notBefore' | 'maxOpens' | 'gate' | 'link' | 'download' | 'noArchive' | 'viewers'
>;

/** Whether the token is no key: it is exchanged on our landing page. */
export function needsExchange({
  notBefore,
  maxOpens,
  gate,
  link,
}: Pick<ShareWish, 'notBefore' | 'maxOpens' | 'gate' | 'link'>) {
  return notBefore !== null || maxOpens !== null || gate !== null || link === 'opaque';
}

/** What of it contradicts itself. */
export function faultsOfTerms(wish: TermsWish, expiresAt: number | null, now: number): FieldFault[] {
  const faults: FieldFault[] = [];
  const add = (field: string, problem: string, remedy: string) => void faults.push({ field, problem, remedy });
  const { notBefore, gate } = wish;
  if (expiresAt !== null && expiresAt <= now) add('expiresAt', 'lies in the past', 'send a moment to come');
  if (notBefore !== null && notBefore <= now)
    add('notBefore', 'lies in the past', 'leave it out, or send a moment to come');
  if (notBefore !== null && expiresAt !== null && notBefore >= expiresAt)
    add('notBefore', 'is not before expiresAt', 'send an earlier moment, or a later end');
  const weakness = gate?.pin == null ? null : weaknessOfPin(gate.pin);
  if (weakness !== null) faults.push(weakness);
  if (gate !== null && gate.kind !== 'pin' && gate.pin !== null)
    add('gate.pin', `does not belong to the gate ${gate.kind}`, 'leave it out');
  if ((needsExchange(wish) || wish.download) && !gateableTypes.includes(wish.type))
    add(
      'type',
      'opens by itself: it has no gate, limit, begin, download or short link',
      `choose ${gateableTypes.join(', ')}`,
    );
  if (!wish.noArchive) return faults;
  if (wish.download) add('download', 'contradicts noArchive', 'leave out one of the two');
  if (!lookOnlyTypes.includes(wish.type))
    add('type', 'cannot show images without downloading them', `choose ${lookOnlyTypes.join(', ')}`);
  if (wish.viewers?.some((viewer) => !lookOnlyTypes.includes(viewer)) === true)
    add(
      'viewers',
      'holds one that cannot show images without downloading them',
      `choose among ${lookOnlyTypes.join(', ')}`,
    );
  return faults;
}
