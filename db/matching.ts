import type { Job } from '../domain/job';
import type { SearchToMatch } from '../domain/matching/matchingIndex';
import type { PlanOverrides } from '../domain/plan';
import type { WebhookEventType } from '../domain/webhooks/eventTypes';
import type { Db } from './connection';
import { JOB_COLUMNS, type StoredJobRow, toJob } from './jobRows';

/** What has changed of what jobs are matched by. */
export interface MatchingChanges {
  /** Of the latest change that is in it. */
  number: number;
  /** Ids of accounts; null when it cannot be told any more, so that any may have changed. */
  accountIds: string[] | null;
}

/** The changes since that number, in one statement so that they belong together; all of them for null. */
export async function readMatchingChanges(db: Db, since: number | null): Promise<MatchingChanges> {
  const { rows } = await db.raw<{ rows: [{ number: number; kept: number; accountIds: string[] }] }>(
    `select c.number, m.kept, m."accountIds"
     from matching_clock c,
       lateral (
         select count(distinct number)::int as kept, coalesce(array_agg(distinct account_id), '{}') as "accountIds"
         from matching_changes where number > cast(:since as bigint)
       ) m`,
    { since },
  );
  const [{ number, kept, accountIds }] = rows;
  // Changes that were pruned are missing; a clock that stands earlier is another database's.
  const isWhole = since !== null && number >= since && kept === number - since;
  return { number, accountIds: isWhole ? accountIds : null };
}

/** An endpoint that wants events of jobs. */
export interface ListeningEndpoint {
  id: string;
  events: WebhookEventType[];
  /** Null: all of the account's. */
  savedSearchIds: string[] | null;
}

/** An account with such endpoints. */
export interface ListeningAccount {
  id: string;
  planId: string;
  /** Its own terms, as they are stored. */
  overrides: PlanOverrides;
  endpoints: ListeningEndpoint[];
  /** How many it has by now. */
  savedSearches: number;
}

/**
 * The accounts among these that have an endpoint which wants events of jobs, or all such accounts for null. Endpoints that their
 * owner has disabled hear of nothing.
 */
export async function listListeningAccounts(
  db: Db,
  accountIds: string[] | null,
): Promise<ListeningAccount[]> {
  const { rows } = await db.raw<{ rows: ListeningAccount[] }>(
    `select a.id, a.plan_id as "planId", a.plan_overrides as overrides, e.endpoints,
            (select count(*)::int from saved_searches s where s.account_id = a.id) as "savedSearches"
     from (
       select account_id, jsonb_agg(jsonb_build_object(
                'id', id, 'events', to_jsonb(events), 'savedSearchIds', to_jsonb(saved_search_ids)
              ) order by created_at, id) as endpoints
       from webhook_endpoints
       where disabled_reason is distinct from 'owner' and events && array['job.matched', 'job.updated', 'job.closed']
         and (cast(:accountIds as text[]) is null or account_id = any(:accountIds))
       group by account_id
     ) e join accounts a on a.id = e.account_id
     order by a.id`,
    { accountIds },
  );
  return rows;
}

/** All saved searches of these accounts, as of one moment. */
export async function readSearchesToMatch(db: Db, accountIds: readonly string[]): Promise<SearchToMatch[]> {
  const { rows } = await db.raw<{ rows: SearchToMatch[] }>(
    `select id, account_id as "accountId", name, filter, moving_bounds as "movingBounds"
     from saved_searches where account_id = any(:accountIds)`,
    { accountIds: [...accountIds] },
  );
  return rows;
}

/** What each of the jobs is known by besides its own id and ciphertext: those of what was merged into it. By job id. */
export async function readJobAliases(db: Db, jobIds: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await db.raw<{ rows: { jobId: string; aliases: string[] }[] }>(
    `select job_id as "jobId", array_agg(value) as aliases from job_identities
     where job_id = any(:jobIds) and kind in ('uid', 'ciphertext', 'derived') group by job_id`,
    { jobIds: [...jobIds] },
  );
  return new Map(rows.map(({ jobId, aliases }) => [jobId, aliases]));
}

/** The newest jobs that are shown. */
export async function readNewestJobs(db: Db, limit: number): Promise<Job[]> {
  const { rows } = await db.raw<{ rows: StoredJobRow[] }>(
    `select ${JOB_COLUMNS.join(', ')} from jobs where duplicate_of is null order by posted_on desc, id desc limit :limit`,
    { limit },
  );
  return rows.map((row) => toJob(row));
}
