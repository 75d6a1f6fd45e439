import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type EventShare, type Filing, type WardenEvent, type WrittenEvent, classOf, writeEvent } from '@warden/events';
import { Database, type Row } from '../../platform/database/database.js';
import { EventLog } from '../event-log.js';

const saltBytes = 16;
/** Events written at a stretch. */
const slice = 64;

@Injectable()
export class PostgresEventLog extends EventLog {
  constructor(private readonly database: Database) {
    super();
  }

  async append(told: readonly WardenEvent[]): Promise<void> {
    if (told.length === 0) return;
    const events = await this.withPatients(told);
    await this.database.query(insertion, valuesOf(events, await written(events)));
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

/** U+001E: JSON escapes it wherever it stands in a text (RFC 8259 section 7), and base64 has none. */
const separator = '\x1e';

// The records as one text and not as an array: the driver would escape each of them once more, which costs more than all
// the rest.
const insertion = `INSERT INTO audit_pending (id, at, class, name, share_id, actor_id, study, patient, address, outcome, reason,
    record, salt, erasable, further)
  SELECT id, at, class, name, share_id, actor_id, study, patient, address, outcome, reason,
    record, decode(salt, 'base64'), erasable, further
  FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], string_to_array($12, $16)::json[], string_to_array($13, $16, ''),
    string_to_array($14, $16, '')::json[], string_to_array($15, $16, '')::json[]
  ) AS event(id, at, class, name, share_id, actor_id, study, patient, address, outcome, reason, record, salt, erasable,
    further)`;

/** A thousand of them take as long as hundreds of decisions, which are let through in between. */
async function written(events: readonly WardenEvent[]): Promise<readonly WrittenEvent[]> {
  const salts = randomBytes(events.length * saltBytes);
  const all: WrittenEvent[] = [];
  for (const event of events) {
    if (all.length > 0 && all.length % slice === 0) await setImmediate();
    const salted = all.length * saltBytes;
    all.push(writeEvent(event, () => salts.subarray(salted, salted + saltBytes)));
  }
  return all;
}

/** In the order of the statement. */
function valuesOf(events: readonly WardenEvent[], written: readonly WrittenEvent[]): unknown[] {
  const filed = written.map(({ filing }) => filing);
  return [
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
    written.map(({ record }) => record).join(separator),
    written.map(({ erasable }) => erasable?.salt.toString('base64') ?? '').join(separator),
    written.map(({ erasable }) => erasable?.text ?? '').join(separator),
    filed.map(furtherOf).join(separator),
    separator,
  ];
}

function furtherOf({ furtherStudies: studies, furtherPatients: patients }: Filing): string {
  return studies.length + patients.length === 0 ? '' : JSON.stringify({ studies, patients });
}
