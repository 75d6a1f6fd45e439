import type { SharedImages } from './shared-images.store.js';
import type { SharedStudiesDto } from './shared-studies.dto.js';

/** The only way of what is shared by name to the outside. */
export function presentStudies(
  { studies, problem, dueAt }: SharedImages,
  { asked }: { readonly asked: boolean },
): SharedStudiesDto {
  return {
    items: studies.map((one) => ({
      studyDicomUid: one.dicomUid,
      studyOrthancId: one.orthancId,
      patientId: one.patientId,
      patientIdIssuer: one.patientIdIssuer,
      studyDate: one.studyDate,
      description: one.description,
      labels: one.labels === null ? null : [...one.labels],
      resolvedAt: iso(one.resolvedAt),
    })),
    state: problem !== null ? 'problem' : dueAt === null ? 'resolved' : 'waiting',
    problem,
    nextAttemptAt: dueAt === null || !asked ? null : iso(dueAt),
  };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
