/** Which service tells of an event, for readers that gather from many: DICOM PS3.15 A.5 and FHIR AuditEvent ask for it. */
export interface AuditSource {
  /** DICOM `AuditSourceID`: unique within the site, and the same over restarts and replicas. */
  readonly id: string;
  /** DICOM `AuditEnterpriseSiteID`: the hospital or network it belongs to. Null: not told. */
  readonly site: string | null;
  /** Network name of the service. */
  readonly host: string;
  /** Release of the service. */
  readonly version: string;
  /**
   * Public root of the landing, ending with a slash: URIs of shares start with it. Null: they are `urn:uuid:…`. They
   * name a share and open nothing.
   */
  readonly root: string | null;
}

/** URI that names a share. It holds no token, so nobody gets in with it. */
export function shareUri(shareId: string, source: AuditSource): string {
  return source.root === null ? `urn:uuid:${shareId}` : `${source.root}shares/${shareId}`;
}
