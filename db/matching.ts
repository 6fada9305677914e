import type { Job } from '../domain/job';
import type { JobFilter, MovingBounds } from '../domain/jobFilter/filter';
import type { Db } from './connection';
import { JOB_COLUMNS, type StoredJobRow, toJob } from './jobRows';

export interface MatchingChanges {
  /** Of the latest change. */
  number: number;
  /** Accounts with changes since; null: which they are is not known any more. */
  accountIds: string[] | null;
}

/** What has changed since the number that is known, as of one moment. */
export async function readMatchingChanges(db: Db, known: number): Promise<MatchingChanges> {
  const { rows } = await db.raw<{
    rows: { number: number; accountIds: string[] | null; isWhole: boolean }[];
  }>(
    `select number,
       case when number > :known then
         array(select distinct account_id from matching_changes c where c.number > :known)
       else '{}' end as "accountIds",
       number <= :known or exists (select from matching_changes where number = :known + 1) as "isWhole"
     from matching_clock`,
    { known },
  );
  const [row] = rows;
  if (!row) throw new Error('The clock of changes is gone.');
  return { number: row.number, accountIds: row.isWhole ? row.accountIds : null };
}

export interface ListeningEndpoint {
  id: string;
  events: string[];
  /** Null: all of the account's. */
  savedSearchIds: string[] | null;
}

export interface MatchedAccount {
  id: string;
  planId: string;
  planOverrides: unknown;
  /** Those that want to hear of jobs, and are not disabled by their owner: at least one. */
  endpoints: ListeningEndpoint[];
  savedSearches: { id: string; name: string; filter: JobFilter; movingBounds: MovingBounds }[];
}

/** Accounts behind `after` that have endpoints which hear of jobs, by id; of these, or of all. */
export async function readMatchedAccounts(
  db: Db,
  { accountIds, after, limit }: { accountIds: readonly string[] | null; after: string; limit: number },
): Promise<MatchedAccount[]> {
  const { rows } = await db.raw<{ rows: Omit<MatchedAccount, 'savedSearches'>[] }>(
    `select a.id, a.plan_id as "planId", a.plan_overrides as "planOverrides",
       json_agg(
         json_build_object('id', e.id, 'events', e.events, 'savedSearchIds', e.saved_search_ids) order by e.created_at, e.id
       ) as endpoints
     from webhook_endpoints e join accounts a on a.id = e.account_id
     where e.disabled_reason is distinct from 'owner'
       and e.events && array['job.matched', 'job.updated', 'job.closed']
       and a.id > :after ${accountIds ? 'and a.id = any(cast(:accountIds as text[]))' : ''}
     group by a.id order by a.id limit :limit`,
    { after, limit, ...(accountIds && { accountIds }) },
  );
  const accounts = new Map(rows.map((row) => [row.id, { ...row, savedSearches: [] } as MatchedAccount]));
  if (accounts.size === 0) return [];
  const { rows: searches } = await db.raw<{
    rows: (MatchedAccount['savedSearches'][number] & { accountId: string })[];
  }>(
    `select id, account_id as "accountId", name, filter, moving_bounds as "movingBounds" from saved_searches
     where account_id = any(cast(:ids as text[])) order by account_id, created_at, id`,
    { ids: [...accounts.keys()] },
  );
  for (const { accountId, ...search } of searches) accounts.get(accountId)?.savedSearches.push(search);
  return [...accounts.values()];
}

/** The jobs posted last that are shown: what the next ones will be like. */
export async function readNewestJobs(db: Db, limit: number): Promise<Job[]> {
  const { rows } = await db.raw<{ rows: StoredJobRow[] }>(
    `select ${JOB_COLUMNS.join(', ')} from jobs where duplicate_of is null order by posted_on desc, id limit :limit`,
    { limit },
  );
  return rows.map((row) => toJob(row));
}

/** What else each of the jobs is known by: its own id, ciphertext and those of jobs that were merged into it. */
export async function readAliases(db: Db, jobIds: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await db.raw<{ rows: { job_id: string; values: string[] }[] }>(
    `select job_id, array_agg(value) as values from job_identities
     where job_id = any(cast(:jobIds as text[])) and kind in ('uid', 'ciphertext', 'derived') group by job_id`,
    { jobIds },
  );
  return new Map(rows.map(({ job_id, values }) => [job_id, values]));
}
