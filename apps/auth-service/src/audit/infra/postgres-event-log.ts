import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EventShare, type WardenEvent, type WrittenEvent, classOf, writeEvent } from '@warden/events';
import { Database, type Row } from '../../platform/database/database.js';
import { EventLog } from '../event-log.js';

const saltBytes = 16;

@Injectable()
export class PostgresEventLog extends EventLog {
  constructor(private readonly database: Database) {
    super();
  }

  async append(told: readonly WardenEvent[]): Promise<void> {
    if (told.length === 0) return;
    const events = await this.withPatients(told);
    const salts = randomBytes(events.length * saltBytes);
    let salted = 0;
    const written = events.map((event) => writeEvent(event, () => salts.subarray(salted, (salted += saltBytes))));
    const filed = written.map(({ filing }) => filing);
    // The records as one text and not as an array: the driver would escape each of them once more, which costs more than
    // all the rest. A member of a json value keeps its text.
    await this.database.query(
      `INSERT INTO audit_pending (id, at, class, name, share_id, actor_id, study, patient, address, outcome, reason,
         record, salt, erasable, further)
       SELECT id, at, class, name, share_id, actor_id, study, patient, address, outcome, reason,
         written->'r', decode(written->>'s', 'base64'), written->'e', written->'f'
       FROM ROWS FROM (
         unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
           $9::text[], $10::text[], $11::text[]),
         json_array_elements($12::json)
       ) AS event(id, at, class, name, share_id, actor_id, study, patient, address, outcome, reason, written)`,
      [
        events.map(({ id }) => id),
        events.map(({ at }) => new Date(at)),
        events.map(({ name }) => classOf(name)),
        events.map(({ name }) => name),
        filed.map(({ shareId }) => shareId),
        filed.map(({ actorId }) => actorId),
        filed.map(({ study }) => study),
        filed.map(({ patient }) => patient),
        filed.map(({ address }) => address),
        filed.map(({ outcome }) => outcome),
        filed.map(({ reason }) => reason),
        `[${written.map(asJson).join(',')}]`,
      ],
    );
  }

  /**
   * Who shares a study knows its UID; whose it is, the archive tells afterwards. The record is searched and accounted for
   * by patient, so that an event says what is known when it is recorded.
   */
  private async withPatients(events: readonly WardenEvent[]): Promise<readonly WardenEvent[]> {
    const shares = new Set(events.filter(lacksPatients).map(({ share }) => share.id));
    if (shares.size === 0) return events;
    const known = await this.database.query<StudyRow>(
      `SELECT share_id, study_dicom_uid, study_orthanc_id, patient_id FROM share_study
       WHERE share_id = ANY ($1::uuid[]) AND patient_id IS NOT NULL ORDER BY patient_id`,
      [[...shares]],
    );
    if (known.length === 0) return events;
    // By share: in one append there may be a thousand.
    const ofShare = new Map<string, StudyRow[]>([...shares].map((id) => [id, []]));
    for (const row of known) ofShare.get(row.share_id)?.push(row);
    return events.map((event) => {
      if (!lacksPatients(event)) return event;
      const rows = ofShare.get(event.share.id) ?? [];
      const patients = new Set(rows.filter((row) => isOf(event, row)).map((row) => row.patient_id));
      return { ...event, share: { ...event.share, patients: [...patients] } };
    });
  }
}

interface StudyRow extends Row {
  share_id: string;
  study_dicom_uid: string;
  study_orthanc_id: string;
  patient_id: string;
}

type OfShare = WardenEvent & { readonly share: EventShare };

function lacksPatients(event: WardenEvent): event is OfShare {
  return event.share !== null && event.share.patients.length === 0;
}

/** Of what was asked for no other study is told: it may be of another patient. */
function isOf({ detail }: OfShare, row: StudyRow): boolean {
  const study = 'study' in detail ? detail.study : null;
  return study === null || study === row.study_dicom_uid || study === row.study_orthanc_id;
}

/** `{r: record, e?: its erasable half, s?: salt, f?: further studies and patients}`. */
function asJson({
  record,
  erasable,
  filing: { furtherStudies: studies, furtherPatients: patients },
}: WrittenEvent): string {
  const half = erasable === null ? '' : `,"e":${erasable.text},"s":"${erasable.salt.toString('base64')}"`;
  const further = studies.length + patients.length === 0 ? '' : `,"f":${JSON.stringify({ studies, patients })}`;
  return `{"r":${record}${half}${further}}`;
}
