import { Injectable } from '@nestjs/common';
import { EventLog } from '../../audit/index.js';
import { Database } from '../../platform/database/database.js';
import { type Opened, type Opening, OpeningsStore } from '../links/openings.store.js';
import { standingOf } from '../share.js';
import { shareOpened } from '../share-events.js';
import { type ShareRow, shareColumns, shareOf } from './share-row.js';

/** Milliseconds for which a recipient counts as the same. */
const sessionLife = 8 * 3_600_000;

@Injectable()
export class PostgresOpeningsStore extends OpeningsStore {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
  ) {
    super();
  }

  async open(opening: Opening): Promise<Opened> {
    const { shareId, session, at } = opening;
    return this.database.run(async (): Promise<Opened> => {
      const [row] = await this.database.query<ShareRow>(
        `SELECT ${shareColumns} FROM share WHERE share.id = $1 FOR UPDATE OF share`,
        [shareId],
      );
      if (row === undefined) throw new Error('the share is gone from the registry');
      const share = shareOf(row);
      const known = await this.knows(shareId, session, at);
      const standing = standingOf(share, at);
      if (share.gate?.kind !== opening.gate?.kind || share.gate?.hash !== opening.gate?.hash)
        return { ok: false, reason: 'gate-changed' };
      if (standing !== 'live' && !(standing === 'used-up' && known)) return { ok: false, reason: standing };
      if (!known) {
        await this.database.query('UPDATE share SET opens = opens + 1 WHERE id = $1', [shareId]);
        await this.database.query(
          `INSERT INTO share_session (share_id, session, opened_at) VALUES ($1, $2, $3)
           ON CONFLICT (share_id, session) DO UPDATE SET opened_at = excluded.opened_at`,
          [shareId, session, new Date(at)],
        );
      }
      const opened = { ...share, opens: share.opens + (known ? 0 : 1) };
      await this.events.append([shareOpened(opened, opening, !known)]);
      return { ok: true, share: opened };
    });
  }

  async knows(shareId: string, session: Buffer, now: number): Promise<boolean> {
    const found = await this.database.query(
      'SELECT FROM share_session WHERE share_id = $1 AND session = $2 AND opened_at > $3',
      [shareId, session, new Date(now - sessionLife)],
    );
    return found.length > 0;
  }

  async forgetOld(now: number): Promise<void> {
    await this.database.query('DELETE FROM share_session WHERE opened_at < $1', [new Date(now - 3 * sessionLife)]);
  }
}
