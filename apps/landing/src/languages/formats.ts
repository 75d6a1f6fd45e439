import { languageCodes, type Language } from './languages.js';

/** How numbers and times are written. English and Portuguese as in Europe: the day before the month, and no a.m. */
const locales: Readonly<Record<Language, string>> = {
  en: 'en-GB',
  fr: 'fr-FR',
  de: 'de-DE',
  es: 'es-ES',
  nl: 'nl-NL',
  it: 'it-IT',
  pt: 'pt-PT',
};

export interface Formats {
  /** A day and a time of day, with the name of the zone. */
  readonly moment: (at: Date) => string;
  /** A waiting time in words, rounded up. */
  readonly wait: (seconds: number) => string;
  readonly number: (value: number) => string;
  /** Whether the language speaks of so many in the singular. */
  readonly isOne: (count: number) => boolean;
}

/** Made once at start: a formatter costs far more than a page. */
export function formatsFor(timeZone: string): Readonly<Record<Language, Formats>> {
  const entries = languageCodes.map((code) => [code, formatsOf(locales[code], timeZone)] as const);
  return Object.fromEntries(entries) as Record<Language, Formats>;
}

function formatsOf(locale: string, timeZone: string): Formats {
  const moments = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
    timeZoneName: 'short',
  });
  const unit = (name: string) => new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'long' });
  const [seconds, minutes, hours] = [unit('second'), unit('minute'), unit('hour')];
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  return {
    moment: (at) => moments.format(at),
    wait: (length) => {
      if (length < 60) return seconds.format(length);
      if (length <= 5400) return minutes.format(Math.ceil(length / 60));
      return hours.format(Math.ceil(length / 3600));
    },
    number: (value) => numbers.format(value),
    isOne: (count) => plurals.select(count) === 'one',
  };
}

/** Whether the runtime knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
