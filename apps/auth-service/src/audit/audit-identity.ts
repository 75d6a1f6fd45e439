import type { AuditSource } from '@warden/events';

/** As what the service tells of itself to those who gather the records of many. */
export abstract class AuditIdentity implements AuditSource {
  abstract readonly id: string;
  abstract readonly site: string | null;
  abstract readonly host: string;
  abstract readonly version: string;
  abstract readonly root: string | null;
}
