import type { ShareResource } from '@warden/tokens';
import type { ImageStudy } from './images.js';

export const imagesProblems = ['not-found', 'orthanc-unavailable'] as const;

/** Why it is not known which studies a share opens, or not all of them. */
export type ImagesProblem = (typeof imagesProblems)[number];

/** How far the archive was asked. */
export interface ImagesProgress {
  /** Attempts in a row that ended with `problem`. */
  readonly attempts: number;
  readonly problem: ImagesProblem | null;
}

/** A share that this replica alone asks the archive about, until its lease ends. */
export interface LeasedShare {
  readonly id: string;
  readonly resources: readonly ShareResource[];
  readonly progress: ImagesProgress;
  /** To be handed back as it is. */
  readonly lease: string;
}

/** A study of a share, as the archive told at `resolvedAt`, milliseconds since the epoch. */
export interface SharedStudy extends Omit<ImageStudy, 'patientBirthDate'> {
  readonly resolvedAt: number;
}

export interface SharedImages {
  readonly studies: readonly SharedStudy[];
  readonly problem: ImagesProblem | null;
  /** When the archive is asked next, milliseconds since the epoch; null: never again. */
  readonly dueAt: number | null;
}

/** Who made the rule that ends a share, and why. */
export interface EndingRule {
  readonly ruleId: string;
  readonly by: string;
  readonly reason: string;
}

/** Shares whose images the archive did not tell, by why; `waiting`: it was not asked, or does not know of any failure yet. */
export type UnresolvedCounts = Readonly<Record<ImagesProblem | 'waiting', number>>;

/**
 * What is shared by name, and the queue of shares about which the archive is still to be asked. A new share is in it by
 * itself. Fails with `database-unavailable`, and has then changed nothing.
 */
export abstract class SharedImagesStore {
  /**
   * At most `limit` shares that are due, the one that fell due last first: a share of now does not wait behind a million
   * of before. Nobody else gets them for `seconds`; afterwards they are due again by themselves.
   */
  abstract lease(limit: number, seconds: number): Promise<LeasedShare[]>;
  /** Adds studies to what is known of a share. What was told before stays as it was. */
  abstract keep(shareId: string, studies: readonly ImageStudy[]): Promise<void>;
  /**
   * The rule on a patient of these studies that would have ended the share, had it been known of which patient it is.
   * To be asked after `keep`: whoever ends shares by patient stores the rule first and looks for shares then.
   */
  abstract endingRule(shareId: string, studies: readonly ImageStudy[], now: number): Promise<EndingRule | null>;
  /** Takes the share out of the queue, or puts it back for in `seconds`. Nothing happens when the lease is over. */
  abstract settle(share: LeasedShare, progress: ImagesProgress, seconds: number | null): Promise<void>;
  /** Null: there is no such share. */
  abstract find(shareId: string): Promise<SharedImages | null>;
  abstract countUnresolved(): Promise<UnresolvedCounts>;
}
