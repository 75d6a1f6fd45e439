// What is typed here ends up in JSON, Lua, certificates and shell-like files. Each kind of text is therefore held to the
// narrow alphabet that its use allows; what is outside is refused with the option's name and what to write instead.
import { isIP } from 'node:net';
import { WrongUsage } from '../failures.js';

/** A name for a modality, a peer, a user or a certificate. */
export function readName(text: string, option: string): string {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(text))
    throw new WrongUsage(`--${option} takes names of 1 to 32 letters, digits and -, beginning with a letter.`);
  return text;
}

/** A name that people read: of an Orthanc or of a certificate authority. */
export function readTitle(text: string, option: string): string {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9._-])?$/.test(text))
    throw new WrongUsage(
      `--${option} takes 1 to 64 letters, digits, spaces and . _ -, beginning with a letter or digit.`,
    );
  return text;
}

/** An application entity title. DICOM allows more signs; these are the ones that no device stumbles over. */
export function readAet(text: string, option: string): string {
  if (!/^[A-Za-z0-9._-]{1,16}$/.test(text))
    throw new WrongUsage(`--${option} takes an AET of at most 16 letters, digits and . _ -.`);
  return text;
}

/** A host name or an IP address, without a port. */
export function readHost(text: string, option: string): string {
  const labels = text.split('.');
  const isName =
    text.length <= 253 &&
    labels.every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)) &&
    // What ends in a number would be read as an address.
    !/^\d+$/.test(labels.at(-1) ?? '');
  if (!isName && isIP(text.replace(/%.*/s, '%')) === 0)
    throw new WrongUsage(`--${option} takes host names and IP addresses, such as pacs.example.org or 10.0.0.7.`);
  return text;
}

export function readPort(text: string, option: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 65_535)
    throw new WrongUsage(`--${option} takes a port from 1 to 65535.`);
  return Number(text);
}

/** An address of another service: no credentials, no arguments; it ends with a slash. */
export function readUrl(text: string, option: string, { plain }: { readonly plain: boolean }): string {
  const url = /^[A-Za-z0-9:/._~[\]-]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  const schemes = plain ? ['https:', 'http:'] : ['https:'];
  if (url === undefined || !schemes.includes(url.protocol))
    throw new WrongUsage(`--${option} takes an address such as https://orthanc.example.org:8042/.`);
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

/** Where a file or folder will be on Orthanc's machine. */
export function readPath(text: string, option: string): string {
  if (!/^\/[A-Za-z0-9._/-]*$/.test(text) || text.split('/').includes('..'))
    throw new WrongUsage(`--${option} takes a whole path of letters, digits and . _ - /, such as /etc/orthanc.`);
  return text.length > 1 ? text.replace(/\/+$/, '') : text;
}

/** The parts between commas; their number is checked. */
export function readParts(text: string, option: string, form: string, least: number): string[] {
  const parts = text.split(',');
  if (parts.length < least || parts.length > form.split(',').length || parts.includes(''))
    throw new WrongUsage(`--${option} must be written as ${form}.`);
  return parts;
}

/** `NAME=REST`. */
export function readAssignment(text: string, option: string, form: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new WrongUsage(`--${option} must be written as ${form}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Names that differ in case only count as the same: some of what reads them cannot tell. */
export function refuseTwice(names: readonly string[], option: string): void {
  const lower = names.map((name) => name.toLowerCase());
  if (new Set(lower).size < lower.length) throw new WrongUsage(`--${option} names the same one twice.`);
}
