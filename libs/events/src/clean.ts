/**
 * A text that PostgreSQL and every reader of JSON keep as it is: well-formed Unicode without NUL, of at most `longest`
 * characters. What is left out was never said by a person.
 */
export function clean(text: string, longest: number): string {
  return text.replaceAll('\0', '').slice(0, longest).toWellFormed();
}

export function isClean(text: unknown, longest: number): text is string {
  return typeof text === 'string' && text.length <= longest && !text.includes('\0') && text.isWellFormed();
}
