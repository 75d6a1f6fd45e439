import type { ShareResource } from '@warden/tokens';
import { meddreamNeedsStudyUid } from '../shares.errors.js';

/** MedDream's token service: trades Study Instance UIDs for a token that its viewer takes. */
export abstract class MeddreamTokens {
  /** Throws `viewer-unavailable` when no token can be had in time, and `meddream-needs-study-uid`. */
  abstract tokenFor(resources: readonly ShareResource[]): Promise<string>;
}

/** What MedDream is asked for. Throws `meddream-needs-study-uid`: left out, a study would be missing without a word. */
export function studyUidsOf(resources: readonly ShareResource[]): string[] {
  const uids = resources.map(({ level, dicomUid }) => (level === 'study' ? (dicomUid ?? '') : ''));
  if (uids.length === 0 || uids.includes('')) throw meddreamNeedsStudyUid();
  return uids;
}
