/** A value of a search with what stands before its bar: undefined is any system, and the empty one is none. */
export interface FhirToken {
  readonly system: string | undefined;
  readonly value: string;
}

/** What is separated by commas: any of them will do (R4 search, composite parameters). Backslashes are left as they are. */
export function alternativesOf(text: string): string[] {
  return partsOf(text, ',');
}

/** `value`, `|value` or `system|value`; null: something else. */
export function tokenOf(text: string): FhirToken | null {
  const parts = partsOf(text, '|').map((part) => part.replaceAll(/\\([\\,|$])/g, '$1'));
  const value = parts.at(-1) ?? '';
  if (parts.length > 2 || value === '') return null;
  return { system: parts.length === 2 ? parts[0] : undefined, value };
}

/** A separator after a backslash is none (R4 search, escaping). */
function partsOf(text: string, separator: string): string[] {
  const parts = [''];
  for (const piece of text.match(/\\[^]|[^]/g) ?? []) {
    if (piece === separator) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${piece}`);
  }
  return parts;
}
