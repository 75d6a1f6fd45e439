import type { ShareFilter, SharesPage } from '../shares.store.js';
import { type Parameters, conditionsOf } from './share-conditions.js';

/** One page of shares, without what they share. */
export function pageStatement({ filter, order, limit, after }: SharesPage, parameters: Parameters): string {
  const newestFirst = order === 'newest-first';
  const direction = newestFirst ? 'DESC' : 'ASC';
  const { mintedAfter, mintedBefore, ...others } = filter;
  const list = ofRevoked(filter) ? revokedShares : allShares;
  const conditions = conditionsOf(list === revokedShares ? { ...others, state: undefined } : others, parameters);
  const weeks: string[] = [];
  // One bound on each side: of several the index may begin at the farther. Moments are whole milliseconds.
  const least = mintedBefore === undefined ? [] : [parameters.moment(mintedBefore - 1)];
  const greatest = mintedAfter === undefined ? [] : [parameters.moment(mintedAfter)];
  if (after !== null) {
    const id = `${parameters.add(after)}::uuid`;
    const minted = `(SELECT minted_at FROM share WHERE id = ${id})`;
    (newestFirst ? least : greatest).push(minted);
    conditions.push(`(${list.mintedAt}, ${list.id}) ${newestFirst ? '<' : '>'} (${minted}, ${id})`);
    weeks.push(`${weekOf('share')} ${newestFirst ? '<=' : '>='} date_trunc('week', ${minted} AT TIME ZONE 'UTC')`);
  }
  if (least.length > 0) conditions.push(`${list.mintedAt} <= least(${least.join(', ')})`);
  if (greatest.length > 0) conditions.push(`${list.mintedAt} >= greatest(${greatest.join(', ')})`);
  const page = {
    conditions,
    sorted: `${list.mintedAt} ${direction}, ${list.id} ${direction}`,
    limit: parameters.add(limit),
  };
  if (!byExpiryAlone(filter)) return plainPage(list.from, page);
  for (const [moment, compared] of [
    [filter.mintedAfter, '>='],
    [filter.mintedBefore, '<='],
  ] as const) {
    if (moment === undefined) continue;
    const week = `date_trunc('week', ${parameters.moment(moment)} AT TIME ZONE 'UTC')`;
    weeks.push(`${weekOf('share')} ${compared} ${week}`);
  }
  return pageByWeeks(page, weeks, newestFirst);
}

interface Page {
  readonly conditions: readonly string[];
  readonly sorted: string;
  /** Its parameter. */
  readonly limit: string;
}

/** What is asked is when shares end, and nothing that few shares have in common. */
function byExpiryAlone(filter: ShareFilter): boolean {
  const { state, expiresAfter, expiresBefore } = filter;
  const ends = expiresAfter !== undefined || expiresBefore !== undefined;
  return (ends || state?.is === 'live' || state?.is === 'expired') && !ofFew(filter);
}

function ofRevoked(filter: ShareFilter): boolean {
  return filter.state?.is === 'revoked' && !byExpiryAlone(filter) && !ofFew(filter);
}

/** Something is asked that few shares have in common: by it they are found. */
function ofFew(filter: ShareFilter): boolean {
  const { mintedBy, label, recipient, studyDicomUid, studyOrthancId, patientId, images } = filter;
  const few = [mintedBy, label, recipient, studyDicomUid, studyOrthancId, patientId];
  return images === 'unresolved' || few.some((value) => value !== undefined);
}

function plainPage(from: string, { conditions, sorted, limit }: Page): string {
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return `SELECT share.* FROM ${from} ${where} ORDER BY ${sorted} LIMIT ${limit}`;
}

/** By which tables shares are gone through in the order of minting. */
const allShares = { from: 'share', mintedAt: 'share.minted_at', id: 'share.id' };
/**
 * Each is looked up by its id, never the other way round (OFFSET 0): when many have just been revoked, the database does not
 * know of them yet, and would look through the list for each share.
 */
const revokedShares = {
  from: 'revoked_share CROSS JOIN LATERAL (SELECT * FROM share WHERE share.id = revoked_share.share_id OFFSET 0) share',
  mintedAt: 'revoked_share.minted_at',
  id: 'revoked_share.share_id',
};

const weekOf = (table: string): string => `date_trunc('week', ${table}.minted_at AT TIME ZONE 'UTC')`;

/**
 * No index gives shares of one expiry in the order of minting: of a million, the newest expired ones may lie behind all
 * that are live. So the weeks of minting are walked, each with one look into an index by week and expiry, until they
 * hold a page; then these weeks alone are sorted.
 */
function pageByWeeks({ conditions, sorted, limit }: Page, weeks: readonly string[], newestFirst: boolean): string {
  const [compared, direction] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
  const nextWeek = (bounds: readonly string[]): string => {
    const where = bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`;
    return `(SELECT ${weekOf('share')} FROM share ${where} ORDER BY ${weekOf('share')} ${direction} LIMIT 1)`;
  };
  const within = (week: string): string => [`${weekOf('share')} = ${week}`, ...conditions].join(' AND ');
  const hits = (week: string): string =>
    `LATERAL (SELECT count(*) FROM (SELECT FROM share WHERE ${within(week)} LIMIT ${limit}) counted) hits (here)`;
  // Said in both ways: whichever index is taken, no more than the week is read.
  const inWeek = `share.minted_at >= walked.week AT TIME ZONE 'UTC'
        AND share.minted_at < (walked.week + interval '7 days') AT TIME ZONE 'UTC'`;
  return `WITH RECURSIVE walked (week, here, found) AS (
      SELECT next.week, hits.here, hits.here FROM ${nextWeek(weeks)} next (week), ${hits('next.week')}
      UNION ALL
      SELECT next.week, hits.here, walked.found + hits.here
      FROM walked, LATERAL ${nextWeek([...weeks, `${weekOf('share')} ${compared} walked.week`])} next (week), ${hits('next.week')}
      WHERE walked.found < ${limit}
    )
    SELECT share.* FROM walked, LATERAL (
      SELECT share.* FROM share WHERE ${within('walked.week')} AND ${inWeek}
      ORDER BY ${sorted} LIMIT ${limit}
    ) share
    WHERE walked.here > 0 ORDER BY ${sorted} LIMIT ${limit}`;
}
