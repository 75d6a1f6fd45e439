/** How many wrong attempts are free, and how many there may be at all. */
export interface AttemptLimits {
  /** Attempts before each further one has to wait. */
  readonly free: number;
  /** Attempts after which there are no more; null: there is no end, only longer waiting. */
  readonly most: number | null;
  /** Milliseconds of quiet after which counting begins anew; null: never. */
  readonly forgottenAfter: number | null;
  /** Milliseconds after which one attempt is forgotten; null: none is by itself. */
  readonly oneForgottenEach: number | null;
}

/** Seconds; a wait doubles from 2 s on. */
export const longestWait = 900;

/** Of one network address at all links together: behind one address may be a whole hospital. */
export const addressLimits: AttemptLimits = {
  free: 20,
  most: null,
  forgottenAfter: 3_600_000,
  oneForgottenEach: 180_000,
};

/** Codes that one address asks for: a hospital's day of honest recipients. */
export const addressCodeLimits: AttemptLimits = {
  free: 100,
  most: null,
  forgottenAfter: 3_600_000,
  oneForgottenEach: 60_000,
};

/** Codes sent for one link: each is a mail to the recipient. */
export const codeLimits: AttemptLimits = { free: 1, most: 10, forgottenAfter: 3_600_000, oneForgottenEach: null };

/** Of one link. The end is the sharer's to lift, so nothing is forgotten. */
export function linkLimits(most: number): AttemptLimits {
  return { free: 2, most, forgottenAfter: null, oneForgottenEach: null };
}
