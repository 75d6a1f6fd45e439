import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EventShare, type WardenEvent, classOf, writeEvent } from '@warden/events';
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
    // The records as one text and not as an array: the driver would escape each of them once more, which costs more than
    // all the rest. A member of a json value keeps its text.
    await this.database.query(
      `INSERT INTO audit_pending (id, at, class, name, share_id, record, salt, erasable)
       SELECT id, at, class, name, share_id, written->'r', decode(written->>'s', 'base64'), written->'e'
       FROM ROWS FROM (
         unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[]), json_array_elements($6::json)
       ) AS event(id, at, class, name, share_id, written)`,
      [
        events.map(({ id }) => id),
        events.map(({ at }) => new Date(at)),
        events.map(({ name }) => classOf(name)),
        events.map(({ name }) => name),
        events.map(({ share }) => share?.id ?? null),
        writtenAll(events),
      ],
    );
  }

  /**
   * Who shares a study knows its UID; whose it is, the archive tells afterwards. A disclosure is accounted for by
   * patient, so that it says what is known when it is recorded.
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
    return events.map((event) => {
      if (!lacksPatients(event)) return event;
      const patients = new Set(known.filter((row) => isOf(event, row)).map((row) => row.patient_id));
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
  return event.share !== null && event.share.patients.length === 0 && classOf(event.name) === 'disclosure';
}

/** Of what was asked for no other study is told: it may be of another patient. */
function isOf({ share, detail }: OfShare, row: StudyRow): boolean {
  if (share.id !== row.share_id) return false;
  const study = 'study' in detail ? detail.study : null;
  return study === null || study === row.study_dicom_uid || study === row.study_orthanc_id;
}

/** A JSON list of `{r: record, e?: erasable half, s?: its salt}`. */
function writtenAll(events: readonly WardenEvent[]): string {
  const salts = randomBytes(events.length * saltBytes);
  let taken = 0;
  const written = events.map((event) => {
    const { record, erasable } = writeEvent(event, () => salts.subarray(taken, (taken += saltBytes)));
    if (erasable === null) return `{"r":${record}}`;
    return `{"r":${record},"e":${erasable.text},"s":"${erasable.salt.toString('base64')}"}`;
  });
  return `[${written.join(',')}]`;
}
