import { Injectable } from '@nestjs/common';
import { Database, type Row } from '../../../platform/database/database.js';
import type { StoredCheckpoint } from '../checkpoints.store.js';
import { type LinesPage, type ProofSnapshot, ProofStore, type ProvenChain } from '../proof.store.js';
import { type CheckpointRow, checkpointOf } from './postgres-checkpoints.store.js';

@Injectable()
export class PostgresProofStore extends ProofStore {
  constructor(private readonly database: Database) {
    super();
  }

  async snapshot(): Promise<ProofSnapshot> {
    const rows = await this.database.query<ChainRow>(
      `SELECT class, to_char(month, 'YYYY-MM') AS month, size, encode(head, 'hex') AS head,
         encode(previous, 'hex') AS previous, dropped_at,
         (SELECT max(made_at) FROM audit_checkpoint) AS newest
       FROM audit_chain`,
    );
    const chains = rows.map(({ class: name, month, size, head, previous, dropped_at }): ProvenChain => ({
      class: name,
      month,
      end: { size: Number(size), head, previous, droppedAt: dropped_at?.getTime() ?? null },
    }));
    const known = new Set(chains.map(keyOf));
    for (const one of await this.partitions())
      if (!known.has(keyOf(one)) && (await this.lines(one, null, 1)).lines.length > 0) chains.push(one);
    chains.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return { chains, newestCheckpoint: rows[0]?.newest?.getTime() ?? null };
  }

  async checkpoints(since: number, until: number, after: string | null, most: number): Promise<StoredCheckpoint[]> {
    const rows = await this.database.query<CheckpointRow>(
      `SELECT id, made_at, text, signature, key_id FROM audit_checkpoint
       WHERE made_at >= $1 AND made_at <= $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4`,
      [new Date(since), new Date(until), after, most],
    );
    return rows.map(checkpointOf);
  }

  async lines(chain: ProvenChain, after: string | null, most: number): Promise<LinesPage> {
    const rows = await this.database.query<LineRow>(linesOfChain, [
      chain.class,
      `${chain.month}-01`,
      chain.end?.size ?? null,
      ...(after === null ? [0, '00000000-0000-0000-0000-000000000000', '-infinity'] : after.split(' ')),
      most,
    ]);
    const last = rows.length === most ? rows.at(-1) : undefined;
    return {
      lines: rows.map(({ line }) => line),
      next: last === undefined ? null : `${last.position} ${last.id} ${last.filed}`,
    };
  }

  async isDropped({ class: name, month }: ProvenChain): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT FROM audit_chain WHERE class = $1 AND month = $2::date AND dropped_at IS NOT NULL',
      [name, `${month}-01`],
    );
    return rows.length > 0;
  }

  /** Every month that there is room for. */
  private async partitions(): Promise<ProvenChain[]> {
    const rows = await this.database.query<{ class: ProvenChain['class']; month: string }>(
      `SELECT part[1] AS class, part[2] || '-' || part[3] AS month
       FROM pg_partition_tree('audit_event') AS tree,
         regexp_match(tree.relid::text, 'audit_event_([a-z]+)_(\\d{4})_(\\d{2})$') AS part
       WHERE tree.isleaf AND part IS NOT NULL`,
    );
    return rows.map(({ class: name, month }) => ({ class: name, month, end: null }));
  }
}

/**
 * By position, id and time, of which a forger may have made the first two the same. What was sealed since the snapshot is
 * left out; what stands beyond the end that the chain has now was never sealed, and is told. The texts go out as they are
 * stored: only a line break, which none has, would end the line.
 */
const linesOfChain = `
  WITH event AS MATERIALIZED (
    -- First of all the page: of tables that were never analysed the planner would join the whole chain to take a page of it.
    SELECT * FROM audit_event AS event
    WHERE event.class = $1
      AND event.filed_at >= $2::timestamp AT TIME ZONE 'UTC'
      AND event.filed_at < ($2::timestamp + interval '1 month') AT TIME ZONE 'UTC'
      AND ($3::bigint IS NULL OR number <= $3 OR number > coalesce(
        (SELECT size FROM audit_chain WHERE audit_chain.class = $1 AND month = $2::date), 0))
      AND event.position >= $4::bigint AND (event.position, event.id, event.filed_at) > ($4::bigint, $5::uuid, $6::timestamptz)
    ORDER BY event.position, event.id, event.filed_at
    LIMIT $7
  )
  SELECT event.position, event.id, replace(event.filed_at::text, ' ', 'T') AS filed,
    concat('{"n":', number, ',"p":', position, ',"h":"', encode(hash, 'hex'),
      '","c":[', floor(extract(epoch FROM event.filed_at) * 1000), ',"', event.id, '",', to_json(name), ',', to_json(actor_id),
      ',', coalesce(to_json(share_id)::text, 'null'), ',', coalesce(to_json(event.study)::text, 'null'),
      ',', to_json(outcome), ',', coalesce(to_json(reason)::text, 'null'),
      '],"s":', coalesce('"' || encode(half.salt, 'hex') || '"', 'null'),
      ',"x":', coalesce(to_json(half.erased_by)::text, 'null'),
      ',"t":', CASE WHEN half.patient IS NULL AND half.address IS NULL THEN 'null'
        ELSE json_build_array(half.patient, half.address)::text END,
      ',"u":', coalesce(subjects.told, 'null'),
      ',"l":', octet_length(written.half), ',"e":', written.half,
      ',"r":', CASE WHEN strpos(record, E'\\n') > 0 THEN to_json(record)::text ELSE record END, '}') AS line
  FROM event
  LEFT JOIN audit_personal AS half ON half.class = $1 AND half.filed_at = event.filed_at AND half.id = event.id
    AND half.filed_at >= $2::timestamp AT TIME ZONE 'UTC'
    AND half.filed_at < ($2::timestamp + interval '1 month') AT TIME ZONE 'UTC'
  LEFT JOIN LATERAL (
    SELECT CASE WHEN count(*) > 0 THEN json_build_array(
      json_agg(subject.study) FILTER (WHERE subject.study IS NOT NULL),
      json_agg(subject.patient) FILTER (WHERE subject.patient IS NOT NULL))::text END AS told
    FROM audit_subject AS subject
    WHERE subject.class = $1 AND subject.id = event.id AND subject.filed_at = event.filed_at
      AND subject.filed_at >= $2::timestamp AT TIME ZONE 'UTC'
      AND subject.filed_at < ($2::timestamp + interval '1 month') AT TIME ZONE 'UTC'
  ) AS subjects ON true
  CROSS JOIN LATERAL (
    SELECT CASE WHEN half.erasable IS NULL THEN 'null'
      WHEN strpos(half.erasable, E'\\n') > 0 THEN to_json(half.erasable)::text ELSE half.erasable END AS half
  ) AS written
  ORDER BY event.position, event.id, event.filed_at`;

function keyOf({ class: name, month }: ProvenChain): string {
  return `${name} ${month}`;
}

interface ChainRow extends Row {
  class: ProvenChain['class'];
  month: string;
  size: string;
  head: string;
  previous: string | null;
  dropped_at: Date | null;
  newest: Date | null;
}

interface LineRow extends Row {
  position: string;
  id: string;
  filed: string;
  line: string;
}
