/**
 * A redirect target that may stand in a Location header or a page, else undefined: absolute, http or https, no blanks or control characters
 * (the URL parser drops tabs and line ends without a word, a header would not). Visible ASCII is kept to the letter, because viewers read `[`,
 * `]` and commas as they were written; the rest is percent-encoded.
 */
export function safeRedirect(value: string): string | undefined {
  if (!/^https?:\/\/[^/\\]/i.test(value) || /[\s\p{Cc}]/u.test(value) || !URL.canParse(value)) return undefined;
  return /^[\x21-\x7e]+$/.test(value) ? value : new URL(value).href;
}
