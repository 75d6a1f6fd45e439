/** The pages there are. */
export const pageNames = [
  'expired',
  'revoked',
  'invalid',
  'incomplete',
  'not-for-here',
  'unavailable',
  'preview',
  'not-found',
] as const;

export type PageName = (typeof pageNames)[number];

/** One language. Adding a page or a text makes every language that lacks it a compile error. */
export interface Messages {
  /** The language's own name for itself. */
  readonly languageName: string;
  /** The page title when no institution is configured; never says what was shared, or with whom. */
  readonly title: string;
  readonly contactHeading: string;
  readonly tryAgain: string;
  readonly reference: string;
  readonly pages: Readonly<
    Record<PageName, { readonly heading: string; readonly happened: string; readonly whatToDo: string }>
  >;
}
