/** From whom messages come, as RFC 5424 section 6.2 has it. */
export interface SyslogOrigin {
  /** Network name of the service, fully qualified where that is known. */
  readonly hostName: string;
  readonly appName: string;
  readonly processId: string;
  /** `IHE+RFC-3881` (IHE ITI TF-2 3.20) or `DICOM+RFC3881` (DICOM PS3.15 A.6). */
  readonly messageId: string;
  /** Whether a byte order mark goes before the text, as RFC 5424 section 6.4 asks for and some receivers choke on. */
  readonly byteOrderMark: boolean;
}

/** This process, as the service of that host. */
export function originOn(hostName: string, messageId: string, byteOrderMark: boolean): SyslogOrigin {
  return { hostName, appName: 'orthanc-warden', processId: String(process.pid), messageId, byteOrderMark };
}

export interface SyslogText {
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly failed: boolean;
  readonly text: string;
}

/** Security/authorization messages (RFC 5424 section 6.2.1). */
const facility = 10;
const warning = 4;
const notice = 5;

/** Characters (RFC 5424 section 6). */
const longest = { hostName: 255, appName: 48, processId: 128, messageId: 32 };

const byteOrderMark = '\ufeff';

/** One SYSLOG-MSG of RFC 5424, in UTF-8. Without structured data: the message tells all itself. */
export function toSyslogMessage({ at, failed, text }: SyslogText, origin: SyslogOrigin): Buffer {
  const header = [
    `<${facility * 8 + (failed ? warning : notice)}>1`,
    timestamp(at),
    field(origin.hostName, longest.hostName),
    field(origin.appName, longest.appName),
    field(origin.processId, longest.processId),
    field(origin.messageId, longest.messageId),
    '-',
  ].join(' ');
  return Buffer.from(`${header} ${origin.byteOrderMark ? byteOrderMark : ''}${text}`);
}

/** `LENGTH SP MESSAGE`, the length in octets (RFC 5425 section 4.3). */
export function octetCounted(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** RFC 3339 with four digits for the year; what that cannot say is nil. */
function timestamp(at: number): string {
  const date = new Date(at);
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9999 ? date.toISOString() : '-';
}

/** Printable ASCII without space, bounded; nil where nothing is left. */
function field(text: string, longestText: number): string {
  const printable = text.replace(/[^\x21-\x7e]/gu, '_').slice(0, longestText);
  return printable === '' ? '-' : printable;
}
