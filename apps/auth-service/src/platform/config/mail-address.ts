/** A sender or a recipient. */
export interface Mailbox {
  readonly name: string | null;
  readonly address: string;
}

const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const domainLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * Whether the text is one address of e-mail as people have it (RFC 5321 section 4.1.2): a dot-string, one @, a domain.
 * Nothing that could end an address or begin another passes: no blank, control, quote, comma, semicolon or bracket. An
 * international domain is written in its xn-- form.
 */
export function isMailAddress(text: string): boolean {
  const [local = '', domain = '', ...rest] = text.split('@');
  return (
    rest.length === 0 &&
    text.length <= 254 &&
    local.length <= 64 &&
    localPart.test(local) &&
    domain.split('.').every((label) => domainLabel.test(label))
  );
}

/** Reads `jane@example.org` or `Jane Doe <jane@example.org>`; null when it is neither. */
export function parseMailbox(text: string): Mailbox | null {
  const { name = '', address = text.trim() } = /^(?<name>[^<>]*)<(?<address>[^<>]*)>$/.exec(text.trim())?.groups ?? {};
  const plainName = name.trim().replace(/^"(.*)"$/, '$1');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!isMailAddress(address) || /[\u0000-\u001f\u007f"\\]/.test(plainName)) return null;
  return { name: plainName === '' ? null : plainName, address };
}
