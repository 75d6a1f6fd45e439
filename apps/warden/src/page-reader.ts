import type { Api } from './api.js';

/** What the service gives at once, at most. */
export const largestPage = 500;
/** Of versions, each of which is a whole document there. */
export const largestPageOfVersions = 100;

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The pages of a list, one after the other, as far as the caller goes on asking. */
export async function* readPages<T>(
  api: Api,
  path: string,
  size: number,
  query: Readonly<Record<string, string>> = {},
): AsyncGenerator<readonly T[]> {
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams({ ...query, limit: String(size), ...(cursor === null ? {} : { cursor }) });
    const page: Page<T> = await api.json<Page<T>>({ method: 'GET', path: `${path}?${search.toString()}` }, 'items');
    yield page.items;
    cursor = page.next;
  } while (cursor !== null);
}

/** The first `limit` entries. */
export async function readList<T>(
  api: Api,
  path: string,
  limit: number,
  { query = {}, largest = largestPage }: { query?: Readonly<Record<string, string>>; largest?: number } = {},
): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  // One more than is shown, to know whether there is more.
  for await (const page of readPages<T>(api, path, Math.min(limit + 1, largest), query)) {
    items.push(...page);
    if (items.length > limit) break;
  }
  return { items: items.slice(0, limit), more: items.length > limit };
}
