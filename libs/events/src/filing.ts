import type { WardenEvent } from './events.js';

/** Under what an event is found. */
export interface Filing {
  readonly actorId: string;
  readonly shareId: string | null;
  /** Of a share with many studies one was asked for: that one, and no further ones. */
  readonly study: string | null;
  readonly furtherStudies: readonly string[];
  readonly patient: string | null;
  readonly furtherPatients: readonly string[];
  readonly address: string | null;
  readonly outcome: string;
  readonly reason: string | null;
}

/** Of an event as it is stored, so that it is found by what it says. */
export function filingOf({ actor, share, source, outcome, reason, detail }: WardenEvent): Filing {
  const asked = 'study' in detail ? detail.study : null;
  const named = 'patient' in detail ? detail.patient : null;
  const [study = null, ...studies] = share?.studies ?? [];
  const [patient = null, ...patients] = share?.patients ?? [];
  return {
    actorId: actor.id,
    shareId: share?.id ?? null,
    study: asked ?? study,
    furtherStudies: asked === null ? studies : [],
    patient: named ?? patient,
    furtherPatients: patients,
    address: source.address,
    outcome,
    reason,
  };
}
