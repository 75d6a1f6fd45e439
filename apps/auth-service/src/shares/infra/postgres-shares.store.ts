import type { EventShare, WardenEvent } from '@warden/events';
import { Injectable } from '@nestjs/common';
import { stringify as uuidText } from 'uuid';
import type { ShareResource } from '@warden/tokens';
import { EventLog } from '../../audit/index.js';
import { Database } from '../../platform/database/database.js';
import { ChangeWriter } from '../../platform/feed/change-writer.js';
import { type RevokedShare, type SharesRevoked, revocationTopics } from '../../tokens/index.js';
import { type Revocation, type Share, endOfToken } from '../share.js';
import { type SharedThing, eventShareOf } from '../share-events.js';
import { shareChanged } from '../shares.errors.js';
import {
  type Added,
  type ChangedShare,
  type IdempotentRequest,
  type ShareAfterwards,
  type SharesPage,
  SharesStore,
  type SharesToEnd,
} from '../shares.store.js';
import { Parameters, conditionsToEnd, endOfShare } from './share-conditions.js';
import { pageStatement } from './share-page.js';
import {
  type ShareRow,
  changeColumns,
  changeValues,
  shareColumns,
  shareOf,
  termColumns,
  termValues,
} from './share-row.js';

@Injectable()
export class PostgresSharesStore extends SharesStore {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeWriter,
    private readonly events: EventLog,
  ) {
    super();
  }

  async add(share: Share, idempotent: IdempotentRequest | null, told: WardenEvent): Promise<Added> {
    if (idempotent === null) {
      await this.database.run(async () => {
        await this.insert(share);
        await this.events.append([told]);
      });
      return { outcome: 'added' };
    }
    const { caller, key, hash } = idempotent;
    try {
      await this.database.run(async () => {
        await this.database.query(
          `DELETE FROM idempotency_key WHERE caller = $1 AND key = $2 AND made_at < ${oldest}`,
          [caller, key],
        );
        await this.insert(share);
        // Waits for a racing transaction with the same key; its row then wins and this share is rolled back.
        const won = await this.database.query(
          `INSERT INTO idempotency_key (caller, key, request_hash, share_id, made_at) VALUES ($1, $2, $3, $4, now())
           ON CONFLICT DO NOTHING RETURNING share_id`,
          [caller, key, hash, share.id],
        );
        if (won.length === 0) throw new KeyInUse();
        await this.events.append([told]);
      });
      return { outcome: 'added' };
    } catch (error) {
      if (!(error instanceof KeyInUse)) throw error;
    }
    const earlier = await this.findRequest(caller, key);
    // Swept away between the two statements: then the key is free again.
    if (earlier === null) return this.add(share, idempotent, told);
    return { outcome: 'replayed', share: earlier.share, sameRequest: earlier.hash.equals(hash) };
  }

  async findRequest(caller: string, key: string): Promise<{ readonly share: Share; readonly hash: Buffer } | null> {
    const [earlier] = await this.database.query<{ share_id: string; request_hash: Buffer }>(
      `SELECT share_id, request_hash FROM idempotency_key WHERE caller = $1 AND key = $2 AND made_at >= ${oldest}`,
      [caller, key],
    );
    const share = earlier === undefined ? null : await this.find(earlier.share_id);
    return earlier === undefined || share === null ? null : { share, hash: earlier.request_hash };
  }

  async adopt(share: Share): Promise<void> {
    await this.insert(share);
  }

  async find(id: string): Promise<Share | null> {
    return this.findWhere('share.id = $1', id);
  }

  async findByIdentity(identity: string): Promise<Share | null> {
    return this.findWhere('share.token_id = $1', Buffer.from(identity, 'base64url'));
  }

  async findByHandle(handleHash: string): Promise<Share | null> {
    return this.findWhere('share.handle_hash = $1', Buffer.from(handleHash, 'base64url'));
  }

  async change(
    id: string,
    expected: number | null,
    change: (before: Share) => ShareAfterwards,
  ): Promise<ChangedShare | null> {
    return this.database.run(async () => {
      const before = await this.findWhere('share.id = $1 FOR UPDATE OF share', id);
      if (before === null) return null;
      if (expected !== null && before.revision !== expected) throw shareChanged(before.revision);
      const changed = change(before);
      if (changed.after === before && changed.told === null) return { before, after: before };
      const after = { ...changed.after, revision: before.revision + 1 };
      const columns = changeColumns.map((column, index) => `${column} = $${index + 3}`);
      await this.database.query(`UPDATE share SET revision = $2, ${columns.join(', ')} WHERE id = $1`, [
        id,
        after.revision,
        ...changeValues(after),
      ]);
      const told = endTold(before, after);
      if (told !== null) await this.changes.append(revocationTopics.shares, { shares: [told] } satisfies SharesRevoked);
      if (changed.told !== null) await this.events.append([changed.told]);
      return { before, after };
    });
  }

  async list(page: SharesPage): Promise<Share[]> {
    const parameters = new Parameters();
    // What is shared is gathered for the page alone, not for all that match.
    const rows = await this.database.query<ShareRow>(
      `SELECT ${shareColumns} FROM (${pageStatement(page, parameters)}) share
       ORDER BY ${page.order === 'newest-first' ? 'share.minted_at DESC, share.id DESC' : 'share.minted_at, share.id'}`,
      parameters.values,
    );
    return rows.map(shareOf);
  }

  async revoke(share: Share, revocation: Revocation, told: WardenEvent): Promise<boolean> {
    return this.database.run(async () => {
      const marked = await this.database.query(
        `UPDATE share SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
         WHERE id = $1 AND revoked_at IS NULL RETURNING id`,
        [share.id, new Date(revocation.at), revocation.by, revocation.reason],
      );
      if (marked.length === 0) return false;
      const payload: SharesRevoked = { shares: [{ identity: share.identity, expiresAt: endOfToken(share) }] };
      await this.changes.append(revocationTopics.shares, payload);
      await this.events.append([told]);
      return true;
    });
  }

  async countLive(shares: SharesToEnd, now: number): Promise<number> {
    const parameters = new Parameters();
    const conditions = conditionsToEnd(shares, now, parameters);
    const [row] = await this.database.query<{ count: string }>(
      `SELECT count(*) FROM share WHERE ${conditions.join(' AND ')}`,
      parameters.values,
    );
    return Number(row?.count ?? 0);
  }

  async *idsToEnd(shares: SharesToEnd, now: number, batch: number): AsyncGenerator<string[]> {
    for (let after: string | null = null, found = searched; found === searched;) {
      const parameters = new Parameters();
      const conditions = conditionsToEnd(shares, now, parameters);
      if (after !== null) conditions.push(`share.id > ${parameters.add(after)}::uuid`);
      // As one value: a hundred thousand rows would be read on the thread that decides.
      const [row] = await this.database.query<{ ids: Buffer | null }>(
        `SELECT string_agg(uuid_send(id), ''::bytea ORDER BY id) AS ids FROM (
           SELECT share.id FROM share WHERE ${conditions.join(' AND ')} ORDER BY share.id LIMIT ${parameters.add(searched)}
         ) AS share`,
        parameters.values,
      );
      const ids = row?.ids ?? Buffer.alloc(0);
      found = ids.length / idBytes;
      after = found === 0 ? null : idAt(ids, found - 1);
      // Far from each other: of those that are marked together few are on one page, which has room for a few.
      const batches = Math.ceil(found / batch);
      for (let first = 0; first < batches; first++)
        yield Array.from({ length: Math.ceil((found - first) / batches) }, (_, turn) =>
          idAt(ids, first + turn * batches),
        );
    }
  }

  async revokeThese(
    ids: readonly string[],
    { at, by, reason }: Revocation,
    tell: (share: EventShare) => WardenEvent,
  ): Promise<readonly RevokedShare[]> {
    return this.database.run(async () => {
      // Locked in the order of their ids, so that two of these wait for each other and never both.
      const rows = await this.database.query<EndedRow>(
        `WITH picked AS (
           SELECT share.id FROM share WHERE share.id = ANY($1::uuid[]) AND share.revoked_at IS NULL
             AND (${endOfShare} > $2) IS TRUE -- said so that no index by expiry is looked through
           ORDER BY share.id FOR UPDATE OF share
         ), ended AS (
           UPDATE share SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
           FROM picked WHERE share.id = picked.id
           RETURNING share.id, share.token_id, share.type,
             CASE WHEN share.ends_early THEN share.token_expires_at ELSE share.expires_at END AS expires_at
         )
         SELECT ended.*, resource.level, resource.dicom_uid, resource.orthanc_id
         FROM ended LEFT JOIN share_resource AS resource ON resource.share_id = ended.id
         ORDER BY ended.id, resource.ordinal`,
        [await this.withReplaced(ids), new Date(at), by, reason],
      );
      if (rows.length === 0) return [];
      const ended = endedSharesOf(rows);
      const told = ended.map(({ share: { identity }, expiresAt }) => ({ identity, expiresAt }));
      await this.changes.append(revocationTopics.shares, { shares: told } satisfies SharesRevoked);
      await this.events.append(ended.map(({ share }) => tell(eventShareOf(share))));
      return told;
    });
  }

  async forgetOldKeys(): Promise<void> {
    await this.database.query(`DELETE FROM idempotency_key WHERE made_at < ${oldest}`);
  }

  /** And what they took the place of. Step by step: a recursive statement would go through the whole table. */
  private async withReplaced(ids: readonly string[]): Promise<string[]> {
    const all = new Set(ids);
    for (let newest: readonly string[] = ids; newest.length > 0;) {
      const rows = await this.database.query<{ id: string }>(
        'SELECT replaces AS id FROM share WHERE id = ANY($1::uuid[]) AND replaces IS NOT NULL',
        [newest],
      );
      newest = rows.map(({ id }) => id).filter((id) => !all.has(id));
      for (const id of newest) all.add(id);
    }
    return [...all];
  }

  private async findWhere(condition: string, value: unknown): Promise<Share | null> {
    const rows = await this.database.query<ShareRow>(`SELECT ${shareColumns} FROM share WHERE ${condition}`, [value]);
    return rows[0] === undefined ? null : shareOf(rows[0]);
  }

  /** The share and what it shares in one statement: one round trip, and both or neither. */
  private async insert(share: Share): Promise<void> {
    await this.database.query(
      `WITH added AS (
         INSERT INTO share (id, token_id, key_id, origin, type, label, server_id, minted_at, minted_by, expires_at, expires_text, validity_duration,
           ${termColumns.join(', ')})
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, ${termColumns.map((_, index) => `$${17 + index}`).join(', ')})
         ON CONFLICT (token_id) DO NOTHING RETURNING id
       )
       INSERT INTO share_resource (share_id, ordinal, level, dicom_uid, orthanc_id, url)
       SELECT added.id, resource.ordinal, resource.level, resource.dicom_uid, resource.orthanc_id, resource.url
       FROM added, unnest($13::text[], $14::text[], $15::text[], $16::text[])
         WITH ORDINALITY AS resource (level, dicom_uid, orthanc_id, url, ordinal)`,
      [
        share.id,
        Buffer.from(share.identity, 'base64url'),
        share.keyId,
        share.origin,
        share.type,
        share.label,
        share.serverId,
        new Date(share.mintedAt),
        share.mintedBy,
        share.expiresAt === null ? null : new Date(share.expiresAt),
        share.expiresText,
        share.validityDuration,
        share.resources.map((one) => one.level),
        share.resources.map((one) => one.dicomUid),
        share.resources.map((one) => one.orthancId),
        share.resources.map((one) => one.url),
        ...termValues(share),
      ],
    );
  }
}

/** A row for each resource; one without a level where a share has none. */
interface EndedRow extends Record<string, unknown> {
  id: string;
  token_id: Buffer;
  type: string;
  expires_at: Date | null;
  level: ShareResource['level'] | null;
  dicom_uid: string | null;
  orthanc_id: string | null;
}

/** Of rows in the order of their shares. */
function endedSharesOf(rows: readonly EndedRow[]): { share: SharedThing; expiresAt: number | null }[] {
  const ended: { share: SharedThing & { resources: SharedThing['resources'][number][] }; expiresAt: number | null }[] =
    [];
  for (const { id, token_id: token, type, expires_at: expiresAt, level, dicom_uid, orthanc_id } of rows) {
    if (ended.at(-1)?.share.id !== id)
      ended.push({
        share: { id, identity: token.toString('base64url'), type, resources: [] },
        expiresAt: expiresAt?.getTime() ?? null,
      });
    if (level !== null) ended.at(-1)?.share.resources.push({ level, dicomUid: dicom_uid, orthancId: orthanc_id });
  }
  return ended;
}

class KeyInUse extends Error {}

/** What other replicas have to know: an end that the token does not say, and that came, moved or went. */
function endTold(before: Share, after: Share): RevokedShare | null {
  if (after.tokenEnd === null || after.expiresAt === before.expiresAt) return null;
  return { identity: after.identity, expiresAt: after.tokenEnd.at, endsAt: after.expiresAt };
}

const oldest = `now() - interval '24 hours'`;

/** Shares found by one search, which goes through all that match. */
const searched = 500_000;
const idBytes = 16;

function idAt(ids: Buffer, index: number): string {
  return uuidText(ids.subarray(index * idBytes, (index + 1) * idBytes));
}
