/** What is looked for within one study. */
export interface WantedParts {
  readonly level: 'study' | 'series' | 'instance';
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string | null;
  readonly sopInstanceUid: string | null;
}

/** The image archive, asked what it has. */
export abstract class ArchiveSearch {
  /** False: no archive is configured, and `parts` must not be called. */
  abstract readonly configured: boolean;

  /** Orthanc's ids. Throws `orthanc-unavailable` when it cannot be told now. */
  abstract parts(wanted: WantedParts, signal: AbortSignal): Promise<readonly string[]>;
}
