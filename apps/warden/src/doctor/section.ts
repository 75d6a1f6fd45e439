/** A JSON object of which nothing is known. */
export type Section = Readonly<Record<string, unknown>>;

export function sectionOf(value: unknown): Section | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : null;
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The texts of a list; what is none is left out. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** Null when the text is no JSON object. */
export function jsonOf(text: string | null): Section | null {
  try {
    return sectionOf(JSON.parse(text ?? 'null'));
  } catch {
    return null;
  }
}
