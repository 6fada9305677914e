import type { KeptFilter } from '../domain/jobFilter';
import type { SavedSearchPlace } from '../domain/savedSearchPlace';
import type { Timestamp } from '../domain/time';
import { lockAccount } from './accounts';
import type { Db } from './connection';

export interface SavedSearch extends KeptFilter {
  id: string;
  name: string;
  /** Of `GET /jobs` by name, as the account gave them. */
  parameters: Readonly<Record<string, unknown>>;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

/** Whose it is: what is another account's is not there. */
interface OwnSearch {
  accountId: string;
  id: string;
}

const COLUMNS = `id, name, parameters, filter, moving_bounds as "movingBounds", created_at as "createdAt",
  updated_at as "updatedAt"`;

export async function countSavedSearches(db: Db, accountId: string): Promise<number> {
  const { rows } = await db.raw<{ rows: [{ count: number }] }>(
    'select count(*) as count from saved_searches where account_id = :accountId',
    { accountId },
  );
  return rows[0].count;
}

export async function insertSavedSearch(
  db: Db,
  accountId: string,
  { id, name, parameters, filter, movingBounds, createdAt, updatedAt }: SavedSearch,
): Promise<void> {
  await db('saved_searches').insert({
    id,
    account_id: accountId,
    name,
    parameters: JSON.stringify(parameters),
    filter: JSON.stringify(filter),
    moving_bounds: JSON.stringify(movingBounds),
    created_at: createdAt,
    updated_at: updatedAt,
  });
}

/** Null when the account has none of this id. */
export async function findSavedSearch(db: Db, { accountId, id }: OwnSearch): Promise<SavedSearch | null> {
  const { rows } = await db.raw<{ rows: SavedSearch[] }>(
    `select ${COLUMNS} from saved_searches where id = :id and account_id = :accountId`,
    { accountId, id },
  );
  return rows[0] ?? null;
}

/** The account's saved searches, newest first, behind a place. */
export async function listSavedSearches(
  db: Db,
  { accountId, after, limit }: { accountId: string; after: SavedSearchPlace | null; limit: number },
): Promise<SavedSearch[]> {
  const behind = after ? 'and (created_at, id) < (cast(:createdAt as timestamptz), :id)' : '';
  const { rows } = await db.raw<{ rows: SavedSearch[] }>(
    `select ${COLUMNS} from saved_searches where account_id = :accountId ${behind}
     order by created_at desc, id desc limit :limit`,
    { accountId, limit, ...after },
  );
  return rows;
}

/** What may be changed of a saved search. */
export interface SavedSearchChanges {
  name?: string;
  search?: Pick<SavedSearch, 'parameters' | 'filter' | 'movingBounds'>;
  now: Timestamp;
}

/** Changes what is given; the rest stays. Null when the account has none of this id. */
export async function updateSavedSearch(
  db: Db,
  { accountId, id }: OwnSearch,
  { name, search, now }: SavedSearchChanges,
): Promise<SavedSearch | null> {
  const { rows } = await db.raw<{ rows: SavedSearch[] }>(
    `update saved_searches set
       name = coalesce(cast(:name as text), name),
       parameters = coalesce(cast(:parameters as jsonb), parameters),
       filter = coalesce(cast(:filter as jsonb), filter),
       moving_bounds = coalesce(cast(:movingBounds as jsonb), moving_bounds),
       updated_at = :now
     where id = :id and account_id = :accountId returning ${COLUMNS}`,
    {
      accountId,
      id,
      name: name ?? null,
      parameters: jsonOrNull(search?.parameters),
      filter: jsonOrNull(search?.filter),
      movingBounds: jsonOrNull(search?.movingBounds),
      now,
    },
  );
  return rows[0] ?? null;
}

function jsonOrNull(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

export interface DeletedSavedSearch {
  search: SavedSearch;
  /** Webhook endpoints that named it alone: they name none now, which is not all. */
  emptiedEndpoints: string[];
}

/**
 * Removes a saved search, also from the endpoints that name it. Null when the account has none of this id.
 * To be called in a transaction.
 */
export async function deleteSavedSearch(
  db: Db,
  { accountId, id }: OwnSearch,
  now: Timestamp,
): Promise<DeletedSavedSearch | null> {
  await lockAccount(db, accountId);
  // Endpoints first: who changes one holds its row before the row of the clock, on which each of these changes is noted.
  const { rows: endpoints } = await db.raw<{ rows: { id: string; isEmpty: boolean }[] }>(
    `update webhook_endpoints
     set saved_search_ids = array_remove(saved_search_ids, cast(:id as text)), updated_at = :now
     where account_id = :accountId and cast(:id as text) = any (saved_search_ids)
     returning id, cardinality(saved_search_ids) = 0 as "isEmpty"`,
    { accountId, id, now },
  );
  const { rows } = await db.raw<{ rows: SavedSearch[] }>(
    `delete from saved_searches where id = :id and account_id = :accountId returning ${COLUMNS}`,
    { accountId, id },
  );
  const [search] = rows;
  if (!search) return null;
  return { search, emptiedEndpoints: endpoints.filter(({ isEmpty }) => isEmpty).map((one) => one.id) };
}
