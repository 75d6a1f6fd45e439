import type { ShareResource } from '@warden/tokens';

/** A study as the image archive has it. */
export interface ImageStudy {
  readonly orthancId: string;
  readonly dicomUid: string;
  readonly patientId: string | null;
  /** Who gave out the PatientID. Null: not asked for, not said, or the archive is too old to tell. */
  readonly patientIdIssuer: string | null;
  /** YYYYMMDD, as the next. */
  readonly patientBirthDate: string | null;
  readonly studyDate: string | null;
  readonly description: string | null;
  /** Null: the archive is too old to have labels, so it cannot be told who may see the study. */
  readonly labels: readonly string[] | null;
}

export interface ResolvedImages {
  readonly level: ShareResource['level'];
  readonly orthancId: string;
  readonly dicomUid: string;
  /** The study that the resource belongs to; of a patient, every study. */
  readonly studies: readonly ImageStudy[];
}

/** The image archive, asked for what a share would open. */
export abstract class Images {
  /** False: no archive is configured, and `resolve` must not be called. */
  abstract readonly configured: boolean;

  /**
   * Both ids of a resource as one thing. Null: neither id is given, there is nothing or more than one of that id and
   * level, or the two ids name different things. Throws `orthanc-unavailable` when it cannot be told now. The issuer of
   * a PatientID may have to be read from a file of the study, so nobody who waits for an answer asks for it.
   */
  abstract resolve(
    resource: ShareResource,
    signal: AbortSignal,
    asked?: { readonly issuers: boolean },
  ): Promise<ResolvedImages | null>;
}
