import { type Freshness, shareOf } from '../domain/serviceStatus';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { Db } from './connection';

/** What of a day is measured at most: the newest. */
const MAX_MEASURED = 100_000;
const QUARTER_SECONDS = 15 * 60;

/** Jobs that are shown and are no samples: the index `jobs_first_seen` holds these. */
const REAL_JOBS = 'duplicate_of is null and not is_sample';

/**
 * How long it took from the posting of a job until a search could first find it, over the jobs first seen in the last day, and within
 * a day of their posting: an older posting that was fetched late says nothing of how fast we are. A job that cannot be found yet
 * counts with the time that has passed, so that what is stuck shows.
 */
export async function measureFreshness(db: Db, now: Timestamp): Promise<Freshness> {
  const { rows } = await db.raw<{
    rows: { jobs: number; p50: number | null; p95: number | null; within15: number; within30: number }[];
  }>(
    `with seen as (
       select id, posted_on from jobs
       where first_seen_at > :since and first_seen_at <= :now and posted_on >= first_seen_at - interval '1 day'
         and ${REAL_JOBS}
       order by first_seen_at desc limit :most
     ), measured as (
       select greatest(0, extract(epoch from
         coalesce(state.first_searchable_at, state.searchable_at, :now) - seen.posted_on)) as seconds
       from seen left join job_index_state state on state.job_id = seen.id
     )
     select count(*) as jobs,
            percentile_disc(0.5) within group (order by seconds) as p50,
            percentile_disc(0.95) within group (order by seconds) as p95,
            count(*) filter (where seconds <= :quarter) as within15,
            count(*) filter (where seconds <= :half) as within30
     from measured`,
    {
      since: addMillis(now, -DAY_MS),
      now,
      most: MAX_MEASURED,
      quarter: QUARTER_SECONDS,
      half: 2 * QUARTER_SECONDS,
    },
  );
  const row = rows[0];
  const jobs = row?.jobs ?? 0;
  return {
    jobs,
    p50Seconds: row?.p50 ?? null,
    p95Seconds: row?.p95 ?? null,
    shareWithin15Minutes: shareOf(row?.within15 ?? 0, jobs),
    shareWithin30Minutes: shareOf(row?.within30 ?? 0, jobs),
  };
}

/** Jobs by the day (UTC) on which they were first seen, from this day on; days without any are left out. */
export async function countJobsByDay(db: Db, firstDay: string): Promise<Map<string, number>> {
  const { rows } = await db.raw<{ rows: { day: Timestamp; jobs: number }[] }>(
    `select date_trunc('day', first_seen_at) as day, count(*) as jobs from jobs
     where first_seen_at >= cast(:firstDay as timestamptz) and ${REAL_JOBS}
     group by 1`,
    { firstDay },
  );
  return new Map(rows.map(({ day, jobs }) => [day.slice(0, 10), jobs]));
}
