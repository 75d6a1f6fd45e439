/** Of messages to recipients, and of the page on which they open links. */
export const mailLanguages = ['en', 'fr', 'de', 'es', 'nl', 'it', 'pt'] as const;

export type MailLanguage = (typeof mailLanguages)[number];

/** Of a language as a browser says it (BCP 47) the one that we have; English where there is none. */
export function mailLanguageOf(asked: string | null): MailLanguage {
  const primary = (asked ?? '').toLowerCase().split(/[-_]/)[0];
  return mailLanguages.find((one) => one === primary) ?? 'en';
}
