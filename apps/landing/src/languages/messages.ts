/** The pages there are. A template of the installer's bears the name of its page. */
export const pageNames = [
  'link',
  'opening',
  'downloading',
  'scheduled',
  'expired',
  'viewer-expired',
  'used-up',
  'locked',
  'revoked',
  'invalid',
  'incomplete',
  'not-for-here',
  'too-many-attempts',
  'unavailable',
  'preview',
  'not-found',
] as const;

export type PageName = (typeof pageNames)[number];

export interface PageTexts {
  readonly heading: string;
  readonly happened: string;
  readonly whatToDo: string;
}

/**
 * One language. Adding a page or a text makes every language that lacks it a compile error. Each text may be replaced by the installer; what
 * stands in braces is filled in, and the same in every language.
 */
export interface Messages {
  /** The language's own name for itself. */
  readonly languageName: string;
  /** The page title when no institution is configured; never says what was shared, or with whom. */
  readonly title: string;
  /** The page title while an entry has to be corrected. */
  readonly problemTitle: string;
  readonly problemHeading: string;
  readonly contactHeading: string;
  readonly languageHeading: string;
  readonly tryAgain: string;
  readonly reference: string;
  readonly facts: {
    readonly shared: string;
    readonly examination: string;
    readonly examinations: string;
    readonly images: string;
    readonly by: string;
    readonly until: string;
    readonly opens: string;
    readonly wait: string;
  };
  readonly actions: {
    readonly viewers: string;
    readonly open: string;
    readonly openWith: string;
    readonly download: string;
    readonly viewerNotOffered: string;
  };
  readonly pin: {
    readonly label: string;
    readonly hint: string;
    readonly missing: string;
    readonly refused: string;
  };
  readonly birthDate: {
    readonly label: string;
    readonly hint: string;
    readonly day: string;
    readonly month: string;
    readonly year: string;
    readonly missing: string;
    readonly impossible: string;
    readonly refused: string;
  };
  readonly emailCode: {
    readonly explanation: string;
    readonly send: string;
    readonly have: string;
    readonly label: string;
    readonly hint: string;
    /** When it is not told where the code goes. */
    readonly hintPlain: string;
    readonly sendAgain: string;
    readonly missing: string;
    readonly refused: string;
  };
  readonly pages: Readonly<Record<PageName, PageTexts>>;
}
