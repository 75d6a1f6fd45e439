import type { DomainError } from '../errors/domain-error.js';

/** An id as an address has it, in its one spelling; what is no UUID is the id of nothing, and `missing` says so. */
export function checkedId(text: string, missing: () => DomainError): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw missing();
  return text.toLowerCase();
}

/** A cursor is the id of the last entry of a page, a UUID written shorter. */
export function cursorOf(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

export function idOfCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
