import type { ReadScope } from '../domain/readScope';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import { allOf, readScopeConditions } from './readScope';
import type { ToldJob } from './webhookOutbox';

/** Of the jobs that an endpoint was told of, those first told from a time up to another that its owner may still read. */
export interface ReplaySpan {
  endpointId: string;
  from: Timestamp;
  to: Timestamp;
  scope: ReadScope;
}

/** A job that an endpoint was told of, and the saved searches that it matched then. */
export type PastTelling = Pick<ToldJob, 'jobId' | 'matchedAt' | 'savedSearches'>;

/** The rows of the span. Told jobs come without the columns that jobs have as well: the scope speaks of those of jobs. */
function rowsOf({ endpointId, from, to, scope }: ReplaySpan) {
  const readable = allOf(readScopeConditions(scope));
  return {
    sql: `from (
        select job_id, matched_at, saved_searches from webhook_told_jobs
        where endpoint_id = ? and matched_at >= ? and matched_at < ?
      ) told join jobs on jobs.id = told.job_id
      where ${readable.sql}`,
    bindings: [endpointId, from, to, ...readable.bindings],
  };
}

/** The first `most` jobs of the span, in the order in which they were told. */
export async function listToldJobs(db: Db, span: ReplaySpan, most: number): Promise<PastTelling[]> {
  const { sql, bindings } = rowsOf(span);
  const { rows } = await db.raw<{ rows: PastTelling[] }>(
    `select told.job_id as "jobId", told.matched_at as "matchedAt", told.saved_searches as "savedSearches" ${sql}
     order by told.matched_at, told.job_id limit ?`,
    [...bindings, most],
  );
  return rows;
}

export async function countToldJobs(db: Db, span: ReplaySpan): Promise<number> {
  const { sql, bindings } = rowsOf(span);
  const { rows } = await db.raw<{ rows: [{ count: number }] }>(`select count(*) as count ${sql}`, bindings);
  return rows[0].count;
}
