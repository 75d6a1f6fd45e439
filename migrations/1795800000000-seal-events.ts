import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grant-to-application.js';

/**
 * The record: what waited is sealed into hash chains, one for each class of events and month. The application role can
 * add what is to be sealed, have it sealed, and read; nothing that was sealed can be changed or removed by it.
 */
export class SealEvents1795800000000 implements MigrationInterface {
  readonly name = 'SealEvents1795800000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
    await grantToApplication(runner, grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    // What was sealed waits again, so that the previous release goes on telling it.
    await runner.query(
      `INSERT INTO audit_pending (id, at, name, share_id, record)
       SELECT id, filed_at, name, share_id, record::json FROM audit_event ORDER BY position`,
    );
    for (const routine of routines) await runner.query(`DROP FUNCTION ${routine} CASCADE`);
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP AGGREGATE audit_links(bytea, bigint, text)');
    await runner.query('DROP FUNCTION audit_link(bytea, bytea, bigint, text)');
    await runner.query(
      `ALTER TABLE audit_pending DROP COLUMN seq, DROP COLUMN class, DROP COLUMN actor_id, DROP COLUMN study, DROP COLUMN patient,
        DROP COLUMN address, DROP COLUMN outcome, DROP COLUMN reason, DROP COLUMN salt, DROP COLUMN erasable, DROP COLUMN further`,
    );
    await runner.query(`CREATE INDEX audit_pending_share_index ON audit_pending (share_id, id)`);
  }
}

const tables = [
  'audit_event',
  'audit_personal',
  'audit_subject',
  'audit_chain',
  'audit_checkpoint',
  'audit_delivery',
  'audit_retention',
];

/** What the application role may call. */
const callable = [
  'audit_seal(integer)',
  'audit_make_partitions(timestamptz)',
  'audit_drop_expired()',
  'audit_erase(timestamptz[], uuid[], uuid)',
];

const routines = [...callable, 'audit_refuse_change()'];

/** Four classes, as in the closed list of events. */
const classes = `ARRAY['management', 'disclosure', 'access', 'denial']`;

const partitioned = (name: string, columns: string): string[] => [
  `CREATE TABLE ${name} (
    class text NOT NULL,
    filed_at timestamptz NOT NULL,
    id uuid NOT NULL,
    ${columns}
  ) PARTITION BY LIST (class)`,
  `DO $$
  DECLARE class text;
  BEGIN
    FOREACH class IN ARRAY ${classes} LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF ${name} FOR VALUES IN (%L) PARTITION BY RANGE (filed_at)', '${name}_' || class, class);
    END LOOP;
  END $$`,
];

const statements = [
  // What waits. The previous release goes on adding rows of its own form, which are sealed as they are.
  `ALTER TABLE audit_pending ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY, ADD COLUMN class text
      CONSTRAINT audit_pending_class_check CHECK (class IN ('management', 'disclosure', 'access', 'denial')),
    ADD COLUMN actor_id text, ADD COLUMN study text, ADD COLUMN patient text, ADD COLUMN address text, ADD COLUMN outcome text,
    ADD COLUMN reason text, ADD COLUMN salt bytea, ADD COLUMN erasable json, ADD COLUMN further json`,
  `CREATE UNIQUE INDEX audit_pending_seq_index ON audit_pending (seq)`,
  `DROP INDEX audit_pending_share_index`,
  `COMMENT ON TABLE audit_pending IS 'events on their way into the record, where they are within a second'`,
  `COMMENT ON COLUMN audit_pending.further IS 'studies and patients: the second of each and all others'`,
  `COMMENT ON COLUMN audit_pending.erasable IS 'what says who somebody is; the record holds its commitment'`,

  ...partitioned(
    'audit_event',
    `position bigint NOT NULL,
    number bigint NOT NULL,
    name text NOT NULL,
    actor_id text NOT NULL,
    share_id uuid,
    study text,
    outcome text NOT NULL,
    reason text,
    record text NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_event_pk PRIMARY KEY (filed_at, id, class)`,
  ),
  `COMMENT ON COLUMN audit_event.filed_at IS 'when it happened; no earlier than a day before it was sealed, and no later than then'`,
  `COMMENT ON COLUMN audit_event.position IS 'order of sealing over all chains, without gaps'`,
  `COMMENT ON COLUMN audit_event.number IS 'within its chain: of one class and month'`,
  `COMMENT ON COLUMN audit_event.study IS 'the first one; further ones are in audit_subject'`,
  `CREATE INDEX audit_event_position_index ON audit_event (position)`,
  `CREATE INDEX audit_event_id_index ON audit_event (id)`,
  `CREATE INDEX audit_event_study_index ON audit_event (study, filed_at DESC, id DESC) WHERE study IS NOT NULL`,
  `CREATE INDEX audit_event_share_index ON audit_event (share_id, filed_at DESC, id DESC) WHERE share_id IS NOT NULL`,
  `CREATE INDEX audit_event_actor_index ON audit_event (actor_id, filed_at DESC, id DESC)`,
  `CREATE INDEX audit_event_name_index ON audit_event (name, filed_at DESC, id DESC)`,
  `CREATE INDEX audit_event_failure_index ON audit_event (filed_at DESC, id DESC) WHERE outcome <> 'success'`,

  ...partitioned(
    'audit_personal',
    `patient text,
    address text,
    salt bytea,
    erasable text,
    erased_by uuid,
    CONSTRAINT audit_personal_pk PRIMARY KEY (filed_at, id, class)`,
  ),
  `COMMENT ON TABLE audit_personal IS 'the halves of events that can be erased'`,
  `COMMENT ON COLUMN audit_personal.erased_by IS 'the event that tells of the erasure'`,
  `CREATE INDEX audit_personal_patient_index ON audit_personal (patient, filed_at DESC, id DESC) WHERE patient IS NOT NULL`,
  `CREATE INDEX audit_personal_address_index ON audit_personal (address, filed_at DESC, id DESC) WHERE address IS NOT NULL`,

  ...partitioned('audit_subject', `study text, patient text`),
  `COMMENT ON TABLE audit_subject IS 'of events with several studies or patients: the second and all further ones'`,
  `CREATE INDEX audit_subject_study_index ON audit_subject (study, filed_at DESC, id DESC) WHERE study IS NOT NULL`,
  `CREATE INDEX audit_subject_patient_index ON audit_subject (patient, filed_at DESC, id DESC) WHERE patient IS NOT NULL`,
  `CREATE INDEX audit_subject_id_index ON audit_subject (id)`,

  `CREATE TABLE audit_chain (
    class text NOT NULL,
    month date NOT NULL,
    size bigint NOT NULL,
    head bytea NOT NULL,
    previous bytea,
    dropped_at timestamptz,
    CONSTRAINT audit_chain_pk PRIMARY KEY (class, month)
  )`,
  `COMMENT ON TABLE audit_chain IS 'where each chain ends; kept for good, when the events of a chain are gone too'`,
  `COMMENT ON COLUMN audit_chain.previous IS 'head of the chain of this class before it'`,

  `CREATE TABLE audit_checkpoint (
    id uuid NOT NULL,
    made_at timestamptz NOT NULL,
    text text NOT NULL,
    signature bytea NOT NULL,
    key_id text NOT NULL,
    CONSTRAINT audit_checkpoint_pk PRIMARY KEY (id)
  )`,
  `COMMENT ON TABLE audit_checkpoint IS 'copies of signed statements of how far the chains had come; the proof is what left this database'`,

  `CREATE TABLE audit_delivery (
    target text NOT NULL,
    position bigint NOT NULL,
    delivered_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    CONSTRAINT audit_delivery_pk PRIMARY KEY (target)
  )`,
  `COMMENT ON TABLE audit_delivery IS 'how far the record was sent to each receiver: it is its own outbox'`,

  `CREATE TABLE audit_retention (
    class text NOT NULL,
    days integer,
    CONSTRAINT audit_retention_pk PRIMARY KEY (class),
    CONSTRAINT audit_retention_days_check CHECK (days > 0)
  )`,
  `COMMENT ON TABLE audit_retention IS 'for how long events are kept; NULL: for ever. Only the owner changes it'`,
  `INSERT INTO audit_retention (class, days) VALUES ('management', NULL), ('disclosure', NULL), ('access', 730), ('denial', 365)`,

  // One link of a chain. number 1 starts from the genesis, which is handed in as the hash before it.
  `CREATE FUNCTION audit_link(state bytea, genesis bytea, number bigint, record text) RETURNS bytea
   LANGUAGE sql IMMUTABLE PARALLEL SAFE
   AS $$ SELECT sha256('\\x00'::bytea || coalesce(state, genesis) || int8send(number) || convert_to(record, 'UTF8')) $$`,
  `CREATE AGGREGATE audit_links(genesis bytea, number bigint, record text) (sfunc = audit_link, stype = bytea)`,

  `CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION 'the record is only added to' USING ERRCODE = 'insufficient_privilege';
   END $$`,

  `CREATE FUNCTION audit_make_partitions(moment timestamptz) RETURNS void
   LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
   DECLARE
     month timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
     parent text;
     class text;
     leaf text;
   BEGIN
     FOREACH parent IN ARRAY ARRAY['audit_event', 'audit_personal', 'audit_subject'] LOOP
       FOREACH class IN ARRAY ${classes} LOOP
         leaf := parent || '_' || class || to_char(month, '_YYYY_MM');
         CONTINUE WHEN to_regclass(leaf) IS NOT NULL;
         EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', leaf, parent || '_' || class,
           month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
         CONTINUE WHEN parent <> 'audit_event';
         EXECUTE format('CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
           FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', leaf);
       END LOOP;
     END LOOP;
   END $$`,
  // A statement that names the parent fires the trigger of the parent alone.
  `DO $$
  DECLARE class text;
  BEGIN
    CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
      FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
    FOREACH class IN ARRAY ${classes} LOOP
      EXECUTE format('CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', 'audit_event_' || class);
    END LOOP;
  END $$`,

  // One statement: what is taken from those that wait is what is linked, or nothing is. -1: another session seals.
  `CREATE FUNCTION audit_seal(most integer) RETURNS integer
   LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
   #variable_conflict use_column
   DECLARE
     moment timestamptz := clock_timestamp();
     open_month date := date_trunc('month', moment AT TIME ZONE 'UTC');
     earliest timestamptz;
     sealed integer;
   BEGIN
     IF NOT pg_try_advisory_xact_lock(7241912) THEN RETURN -1; END IF;
     PERFORM FROM audit_pending LIMIT 1;
     IF NOT FOUND THEN RETURN 0; END IF;
     -- A clock that was set back does not open a closed chain again.
     open_month := greatest(open_month, (SELECT max(month) FROM audit_chain));
     PERFORM FROM audit_chain WHERE month = open_month;
     IF NOT FOUND THEN
       PERFORM audit_make_partitions(open_month::timestamp AT TIME ZONE 'UTC');
       INSERT INTO audit_chain (class, month, size, head, previous)
       SELECT kind, open_month, 0, sha256(convert_to(
           format(E'orthanc-warden audit chain\\n%s\\n%s\\n%s', kind, to_char(open_month, 'YYYY-MM'),
             coalesce(encode(before.head, 'hex'), '')), 'UTF8')), before.head
       FROM unnest(${classes}) AS kind LEFT JOIN LATERAL (
         SELECT head FROM audit_chain WHERE class = kind ORDER BY month DESC LIMIT 1
       ) AS before ON true;
     END IF;
     earliest := greatest(moment - interval '1 day', open_month::timestamp AT TIME ZONE 'UTC');
     BEGIN
       WITH taken AS (
         DELETE FROM audit_pending
         WHERE seq <= (SELECT max(seq) FROM (SELECT seq FROM audit_pending ORDER BY seq LIMIT most) AS first)
         RETURNING *
       ), told AS (
         SELECT seq, id, greatest(earliest, least(at, moment)) AS filed_at, name, share_id, record::text AS record, salt,
           coalesce(class, CASE name WHEN 'share.opened' THEN 'disclosure' WHEN 'share.refused' THEN 'denial'
             ELSE 'management' END) AS class,
           coalesce(actor_id, said.actor->>'id') AS actor_id, coalesce(taken.outcome, said.outcome) AS outcome,
           coalesce(taken.reason, said.reason) AS reason, coalesce(study, said.share->'studies'->>0) AS study,
           patient, address, erasable::text AS erasable, further
         FROM taken LEFT JOIN LATERAL (
           -- The release before told nothing beside the record.
           SELECT * FROM json_to_record(record) AS said(actor json, share json, outcome text, reason text)
           WHERE taken.class IS NULL
         ) AS said ON true
       ), numbered AS (
         SELECT told.*, chain.head, chain.size + row_number() OVER (PARTITION BY told.class ORDER BY seq) AS number,
           whole.size + row_number() OVER (ORDER BY seq) AS position
         FROM told JOIN audit_chain AS chain ON chain.class = told.class AND chain.month = open_month,
           (SELECT sum(size)::bigint AS size FROM audit_chain) AS whole
       ), linked AS MATERIALIZED (
         SELECT numbered.*, audit_links(head, number, record) OVER (PARTITION BY class ORDER BY number) AS hash FROM numbered
       ), events AS (
         INSERT INTO audit_event (class, filed_at, id, position, number, name, actor_id, share_id, study, outcome, reason, record, hash)
         SELECT class, filed_at, id, position, number, name, actor_id, share_id, study, outcome, reason, record, hash
         FROM linked ORDER BY position
       ), halves AS (
         INSERT INTO audit_personal (class, filed_at, id, patient, address, salt, erasable)
         SELECT class, filed_at, id, patient, address, salt, erasable FROM linked WHERE erasable IS NOT NULL ORDER BY position
       ), subjects AS (
         INSERT INTO audit_subject (class, filed_at, id, study, patient)
         SELECT class, filed_at, id, other, NULL FROM linked, json_array_elements_text(further->'studies') AS other
         WHERE further IS NOT NULL
         UNION ALL
         SELECT class, filed_at, id, NULL, other FROM linked, json_array_elements_text(further->'patients') AS other
         WHERE further IS NOT NULL
       ), ends AS (
         UPDATE audit_chain SET size = last.number, head = last.hash
         FROM (SELECT DISTINCT ON (class) class, number, hash FROM linked ORDER BY class, number DESC) AS last
         WHERE audit_chain.class = last.class AND audit_chain.month = open_month
       )
       SELECT count(*) INTO sealed FROM linked;
     EXCEPTION WHEN unique_violation THEN
       -- Recorded twice: an answer was lost on its way, and what had been recorded was recorded again.
       DELETE FROM audit_pending WHERE EXISTS (SELECT FROM audit_event WHERE audit_event.id = audit_pending.id);
       RETURN 0;
     END;
     RETURN sealed;
   END $$`,

  `CREATE FUNCTION audit_drop_expired() RETURNS TABLE (class text, month date, size bigint)
   LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '5s' AS $$
   #variable_conflict use_column
   DECLARE
     expired record;
     parent text;
   BEGIN
     FOR expired IN
       SELECT chain.class, chain.month, chain.size FROM audit_chain AS chain JOIN audit_retention USING (class)
       WHERE dropped_at IS NULL AND days IS NOT NULL
         AND (chain.month + interval '1 month') AT TIME ZONE 'UTC' + days * interval '1 day' <= now()
       ORDER BY chain.month FOR UPDATE OF chain
     LOOP
       FOREACH parent IN ARRAY ARRAY['audit_event', 'audit_personal', 'audit_subject'] LOOP
         EXECUTE format('DROP TABLE IF EXISTS %I', parent || '_' || expired.class || to_char(expired.month, '_YYYY_MM'));
       END LOOP;
       UPDATE audit_chain AS chain SET dropped_at = now() WHERE chain.class = expired.class AND chain.month = expired.month;
       class := expired.class;
       month := expired.month;
       size := expired.size;
       RETURN NEXT;
     END LOOP;
   END $$`,

  `CREATE FUNCTION audit_erase(moments timestamptz[], ids uuid[], told_by uuid) RETURNS integer
   LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
   DECLARE
     erased integer;
   BEGIN
     UPDATE audit_personal SET patient = NULL, address = NULL, salt = NULL, erasable = NULL, erased_by = told_by
     FROM unnest(moments, ids) AS wanted(filed_at, id)
     WHERE audit_personal.filed_at = wanted.filed_at AND audit_personal.id = wanted.id AND erasable IS NOT NULL;
     GET DIAGNOSTICS erased = ROW_COUNT;
     DELETE FROM audit_subject USING unnest(ids) AS wanted(id) WHERE audit_subject.id = wanted.id AND patient IS NOT NULL;
     RETURN erased;
   END $$`,

  // A function is everybody's until it is said otherwise.
  ...callable.map((routine) => `REVOKE ALL ON FUNCTION ${routine} FROM PUBLIC`),
  `SELECT audit_make_partitions(now() + months * interval '1 month') FROM generate_series(0, 2) AS months`,
];

const grants = [
  'GRANT SELECT ON audit_event, audit_personal, audit_subject, audit_chain, audit_retention',
  'GRANT SELECT, INSERT ON audit_checkpoint',
  'GRANT SELECT, INSERT, UPDATE ON audit_delivery',
  `GRANT EXECUTE ON FUNCTION ${callable.join(', ')}`,
];
