import type { Db } from '../db/connection';
import { isStatementTimeout } from '../db/errors';
import { allOf, type Condition, readScopeConditions } from '../db/readScope';
import { AppError } from '../domain/errors';
import { CONTRACTOR_TIER_LABELS } from '../domain/job';
import type { JobFilter } from '../domain/jobFilter';
import type { ReadScope } from '../domain/readScope';
import type { Timestamp } from '../domain/time';
import { MAX_GROUPS, type TrendGrouping, type TrendSpan } from '../domain/trends';
import { filterConditions } from './postgresFilter';

export interface TrendsRequest {
  filter: JobFilter;
  scope: ReadScope;
  span: TrendSpan;
  groupBy: TrendGrouping | null;
  /** Longer takes no query: it fails as `unavailable`. */
  timeoutMs: number;
}

/** Jobs that have a group of their own, do not say which is theirs, or share the rest of the groups. */
export type TrendGroup = { kind: 'value'; value: string } | { kind: 'unknown' | 'other'; value: null };

/** Amounts in the row's currency; null where there is none. Quartiles lie between two amounts when none is in the place. */
export interface AmountSummary {
  count: number;
  p25: number | null;
  median: number | null;
  p75: number | null;
}

export interface TrendRow {
  start: Timestamp;
  /** Null when rows are not grouped. */
  group: TrendGroup | null;
  jobs: number;
  /** ISO 4217; null when no job of the answer states an amount. */
  currency: string | null;
  fixedBudget: AmountSummary;
  /** Of the middle of each range, or of its only end. */
  hourlyRate: AmountSummary;
}

/** A tier is what callers filter by, a number in the row. */
const TIERS = Object.entries(CONTRACTOR_TIER_LABELS)
  .map(([tier, label]) => `when ${tier} then '${label}'`)
  .join(' ');

const GROUPS: Readonly<Record<TrendGrouping, string>> = {
  category: 'category_path[1]',
  country: 'buyer_country',
  tier: `case contractor_tier ${TIERS} end`,
  skill: 'skill',
};

/** What each job states of a fixed price and of an hourly rate, where its type allows it. */
const AMOUNTS = `
  case when job_type is distinct from 1 then budget_amount::float8 end as fixed,
  case when job_type is distinct from 1 then budget_currency end as fixed_currency,
  case when job_type is distinct from 2
    then ((coalesce(hourly_min, hourly_max) + coalesce(hourly_max, hourly_min)) / 2)::float8 end as hourly,
  case when job_type is distinct from 2 then hourly_currency end as hourly_currency`;
const QUARTILES = [0.25, 0.5, 0.75];

/**
 * Counts and amounts of the jobs that match, interval by interval and group by group: intervals ascending, the largest groups first.
 * Without groups every interval has a row; with groups those that have jobs. All amounts are of one currency: that of most jobs
 * that match.
 * @throws AppError `unavailable` when it takes too long.
 */
export async function readTrends(db: Db, request: TrendsRequest): Promise<TrendRow[]> {
  const { span, groupBy, timeoutMs } = request;
  if (span.starts.length === 0) return [];
  try {
    const rows = await db.transaction(
      async (transaction) => {
        await transaction.raw(`select set_config('statement_timeout', ?, true)`, [String(timeoutMs)]);
        const overview = await readOverview(transaction, request);
        return await readRows(transaction, request, overview);
      },
      { isolationLevel: 'repeatable read', readOnly: true },
    );
    return groupBy === null ? everyInterval(rows, span) : rows;
  } catch (error) {
    if (!isStatementTimeout(error)) throw error;
    throw new AppError(
      'unavailable',
      'Counting the jobs of this span took too long. Narrow it by posted_after, posted_before or a filter.',
      { cause: error },
    );
  }
}

/** What all rows have in common. */
interface Overview {
  /** Groups that have rows of their own, most jobs first. */
  groups: string[];
  /** Of most jobs; null when none states an amount. */
  currency: string | null;
}

async function readOverview(db: Db, request: TrendsRequest): Promise<Overview> {
  const { sql, bindings } = matchingJobs(request);
  const { rows } = await db.raw<{ rows: Overview[] }>(
    `with counted as materialized (
       select value, coalesce(fixed_currency, hourly_currency) as currency, count(*) as jobs
       from (${sql}) as matching group by 1, 2
     )
     select
       array(
         select value from counted where value is not null group by value order by sum(jobs) desc, value limit ?
       ) as groups,
       (
         select currency from counted where currency is not null group by currency order by sum(jobs) desc, currency limit 1
       ) as currency`,
    [...bindings, MAX_GROUPS],
  );
  return rows[0] ?? { groups: [], currency: null };
}

interface SummaryRow {
  slot: number;
  place: number;
  jobs: number;
  fixed_count: number;
  fixed: (number | null)[] | null;
  hourly_count: number;
  hourly: (number | null)[] | null;
}

async function readRows(db: Db, request: TrendsRequest, { groups, currency }: Overview): Promise<TrendRow[]> {
  const { span, groupBy } = request;
  const { sql, bindings } = matchingJobs(request);
  const { rows } = await db.raw<{ rows: SummaryRow[] }>(
    `select slot, place, count(*) as jobs,
            count(fixed) as fixed_count, percentile_cont(?::float8[]) within group (order by fixed) as fixed,
            count(hourly) as hourly_count, percentile_cont(?::float8[]) within group (order by hourly) as hourly
     from (
       select width_bucket(posted_on, ?::timestamptz[]) as slot,
              coalesce(array_position(?::text[], value), case when value is null then ${UNKNOWN_PLACE} else ${OTHER_PLACE} end) as place,
              case when fixed_currency = ?::text then fixed end as fixed,
              case when hourly_currency = ?::text then hourly end as hourly
       from (${sql}) as matching
       -- Kept from being taken apart: each amount would be computed once for every time it is named above.
       offset 0
     ) as placed
     where place <= ?::int
     group by slot, place order by slot, place`,
    [
      QUARTILES,
      QUARTILES,
      span.starts,
      groups,
      currency,
      currency,
      ...bindings,
      // In skills a job counts several times or not at all: what is left of them is no number of jobs.
      groupBy === 'skill' ? MAX_GROUPS : UNKNOWN_PLACE,
    ],
  );
  return rows.map((row) => ({
    start: startOf(span, row.slot),
    group: groupBy === null ? null : toGroup(row.place, groups),
    jobs: row.jobs,
    currency,
    fixedBudget: toSummary(row.fixed_count, row.fixed),
    hourlyRate: toSummary(row.hourly_count, row.hourly),
  }));
}

// Behind those of the groups, which count from 1.
const OTHER_PLACE = MAX_GROUPS + 1;
const UNKNOWN_PLACE = MAX_GROUPS + 2;

/** The jobs that match, with their group and amounts; a job once for each of its skills where these are the groups. */
function matchingJobs({ filter, scope, span, groupBy }: TrendsRequest): Condition {
  const { sql, bindings } = allOf([
    ...filterConditions({ ...filter, postedAfter: span.from }),
    ...readScopeConditions(scope),
  ]);
  const group = groupBy === null ? 'null::text' : GROUPS[groupBy];
  const skills = groupBy === 'skill' ? 'cross join lateral unnest(skill_set) as skill' : '';
  // By its bytes, for the order of a language takes long to compare by.
  const value = `(${group}) collate "C" as value`;
  return { sql: `select posted_on, ${value}, ${AMOUNTS} from jobs ${skills} where ${sql}`, bindings };
}

function toGroup(place: number, groups: readonly string[]): TrendGroup {
  const value = groups[place - 1];
  if (value !== undefined) return { kind: 'value', value };
  return { kind: place === OTHER_PLACE ? 'other' : 'unknown', value: null };
}

function toSummary(count: number, quartiles: readonly (number | null)[] | null): AmountSummary {
  const [p25 = null, median = null, p75 = null] = quartiles ?? [];
  return { count, p25, median, p75 };
}

function everyInterval(rows: readonly TrendRow[], { starts }: TrendSpan): TrendRow[] {
  const rowByStart = new Map(rows.map((row) => [row.start, row]));
  const nothing = toSummary(0, null);
  const currency = rows[0]?.currency ?? null;
  return starts.map(
    (start) =>
      rowByStart.get(start) ?? {
        start,
        group: null,
        jobs: 0,
        currency,
        fixedBudget: nothing,
        hourlyRate: nothing,
      },
  );
}

/** Slots count from 1. */
function startOf({ starts }: TrendSpan, slot: number): Timestamp {
  const start = starts[slot - 1];
  if (start === undefined) throw new Error(`There is no interval ${slot}.`);
  return start;
}
