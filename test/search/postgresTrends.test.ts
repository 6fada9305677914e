import fc from 'fast-check';
import { AppError } from '../../domain/errors';
import { CONTRACTOR_TIER_LABELS, type Job } from '../../domain/job';
import { jobFacts, matchesFilter, TRENDS_QUERY_GRAMMAR } from '../../domain/jobFilter';
import { isReadable, type ReadScope } from '../../domain/readScope';
import { addMillis, DAY_MS } from '../../domain/time';
import { MAX_GROUPS, TREND_GROUPINGS, type TrendGrouping, trendSpan } from '../../domain/trends';
import { createPostgresIndex } from '../../search/postgres';
import { readTrends, type TrendRow } from '../../search/postgresTrends';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { arbitraryJobs, arbitraryQuery, GENERATED_FROM } from '../support/generators';
import { storeJobs } from '../support/jobs';

/** After the last generated posting. */
const NOW = addMillis(GENERATED_FROM, DAY_MS);
const TIMEOUT_MS = 10_000;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.db.raw('truncate jobs cascade'));

function ask(params: Record<string, string>, scope: ReadScope) {
  const { filter, interval, groupBy } = TRENDS_QUERY_GRAMMAR.parse(
    { posted_after: GENERATED_FROM, ...params },
    NOW,
  );
  const span = trendSpan(
    {
      postedAfter: filter.postedAfter,
      postedBefore: filter.postedBefore,
      interval,
      isGrouped: groupBy !== null,
    },
    { postedSince: scope.postedSince, now: NOW },
  );
  return { filter, scope, span, groupBy };
}

/** The groups of a job; null where it does not say. */
function groupsOf(job: Job, groupBy: TrendGrouping | null): (string | null)[] {
  const facts = jobFacts(job);
  switch (groupBy) {
    case null:
      return [null];
    case 'category':
      return [facts.categoryPath[0] ?? null];
    case 'country':
      return [facts.buyerCountry];
    case 'tier':
      return [facts.contractorTier && CONTRACTOR_TIER_LABELS[facts.contractorTier]];
    case 'skill':
      return facts.skillSet;
  }
}

interface Amounts {
  currency: string;
  amount: number;
}

function fixedOf(job: Job): Amounts | null {
  const { jobType, budgetAmount, budgetCurrency } = jobFacts(job);
  if (jobType === 1 || budgetAmount === null || budgetCurrency === null) return null;
  return { currency: budgetCurrency, amount: budgetAmount };
}

function hourlyOf(job: Job): Amounts | null {
  const { jobType, hourlyMin, hourlyMax, hourlyCurrency } = jobFacts(job);
  const [low, high] = [hourlyMin ?? hourlyMax, hourlyMax ?? hourlyMin];
  if (jobType === 2 || hourlyCurrency === null || low === null || high === null) return null;
  return { currency: hourlyCurrency, amount: (low + high) / 2 };
}

/** Linear between neighbours. */
function quantile(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}

function summaryOf(amounts: readonly (Amounts | null)[], currency: string | null) {
  const sorted = amounts.flatMap((each) => (each && each.currency === currency ? [each.amount] : []));
  sorted.sort((a, b) => a - b);
  return {
    count: sorted.length,
    p25: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    p75: quantile(sorted, 0.75),
  };
}

/** The values, from the most frequent on, of equals the first by its letters first. */
function mostFrequent(values: readonly (string | null)[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([value]) => value);
}

/** Rows worked out job by job. */
function bruteForce(jobs: readonly Job[], { filter, scope, span, groupBy }: ReturnType<typeof ask>) {
  const entries = jobs
    .filter((job) => matchesFilter(job, { ...filter, postedAfter: span.from }) && isReadable(job, scope))
    .flatMap((job) => groupsOf(job, groupBy).map((group) => ({ job, group })));
  // Postgres weighs a currency by the rows that have it, and a job has one row a skill.
  const currency = mostFrequent(entries.map(({ job }) => currencyOf(job)))[0] ?? null;
  return span.starts.flatMap((start, place) => {
    const end = span.starts[place + 1] ?? '9999';
    const inside = entries.filter(({ job }) => job.postedOn >= start && job.postedOn < end);
    const groups = new Set(inside.map(({ group }) => group));
    if (groupBy === null) groups.add(null);
    return [...groups].map((group) => {
      const own = inside.filter((entry) => entry.group === group).map(({ job }) => job);
      return {
        start,
        group:
          groupBy === null
            ? null
            : group === null
              ? { kind: 'unknown', value: null }
              : { kind: 'value', value: group },
        jobs: own.length,
        currency,
        fixedBudget: summaryOf(own.map(fixedOf), currency),
        hourlyRate: summaryOf(own.map(hourlyOf), currency),
      };
    });
  });
}

function currencyOf(job: Job): string | null {
  const { jobType, budgetCurrency, hourlyCurrency } = jobFacts(job);
  return (jobType === 1 ? null : budgetCurrency) ?? (jobType === 2 ? null : hourlyCurrency);
}

const inOneOrder = (rows: readonly { start: string; group: unknown }[]) =>
  [...rows].sort((a, b) =>
    `${a.start}${JSON.stringify(a.group)}` < `${b.start}${JSON.stringify(b.group)}` ? -1 : 1,
  );

describe('trends', () => {
  it('are what comes of looking at every job', async () => {
    const queries = fc.tuple(
      arbitraryQuery(),
      fc.constantFrom('hour', 'day', 'week', 'month', ''),
      fc.constantFrom(...TREND_GROUPINGS, ''),
    );
    const scopes = fc.record({
      postedSince: fc.constantFrom(null, addMillis(GENERATED_FROM, 5 * 3_600_000)),
      samples: fc.constantFrom('only' as const, 'hidden' as const, 'included' as const),
    });
    await fc.assert(
      fc.asyncProperty(
        arbitraryJobs(30),
        fc.array(fc.tuple(queries, scopes), { minLength: 5, maxLength: 5 }),
        async (jobs, asked) => {
          await database.db.raw('truncate jobs cascade');
          await storeJobs(database.db, jobs);
          for (const [[query, interval, group_by], scope] of asked) {
            const request = ask({ ...query, interval, group_by }, scope);
            const rows = await readTrends(database.db, { ...request, timeoutMs: TIMEOUT_MS });
            expect(inOneOrder(rows)).toEqual(inOneOrder(bruteForce(jobs, request)));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('add up to the total of the same filter, but for skills', async () => {
    const search = createPostgresIndex(database.db);
    const scope: ReadScope = { postedSince: null, samples: 'included' };
    const groupings = fc.constantFrom('category', 'country', 'tier', '');
    await fc.assert(
      fc.asyncProperty(arbitraryJobs(40), arbitraryQuery(), groupings, async (jobs, query, group_by) => {
        await database.db.raw('truncate jobs cascade');
        await storeJobs(database.db, jobs);
        const request = ask({ ...query, group_by }, scope);
        const rows = await readTrends(database.db, { ...request, timeoutMs: TIMEOUT_MS });
        const { total } = await search.search({
          filter: request.filter,
          sort: 'posted_on_desc',
          scope,
          limit: 1,
          start: { offset: 0 },
        });
        expect(sumOfJobs(rows)).toBe(total);
      }),
      { numRuns: 25 },
    );
  });

  it('put all but the twenty largest groups together, and leave none out', async () => {
    const [template] = fc.sample(
      arbitraryJobs(1).filter(({ length }) => length === 1),
      { numRuns: 1, seed: 1 },
    )[0]!;
    const countries = Array.from(
      { length: MAX_GROUPS + 3 },
      (_, place) => `A${String.fromCharCode(65 + place)}`,
    );
    // The first country has most jobs, the last one.
    const jobs = countries.flatMap((buyerCountry, place) =>
      Array.from({ length: countries.length - place }, (_, number) => ({
        ...template!,
        id: `${buyerCountry}-${number}`,
        buyerCountry,
      })),
    );
    await storeJobs(database.db, jobs);
    const request = ask({ group_by: 'country', interval: 'day' }, { postedSince: null, samples: 'included' });
    const rows = await readTrends(database.db, { ...request, timeoutMs: TIMEOUT_MS });
    expect(rows.map(({ group }) => group?.value)).toEqual([...countries.slice(0, MAX_GROUPS), null]);
    expect(rows.at(-1)).toMatchObject({ group: { kind: 'other' }, jobs: 3 + 2 + 1 });
    expect(sumOfJobs(rows)).toBe(jobs.length);
  });

  it('leave out jobs that are folded into others', async () => {
    const [jobs] = fc.sample(
      arbitraryJobs(3).filter(({ length }) => length === 3),
      { numRuns: 1, seed: 1 },
    );
    await storeJobs(database.db, jobs!);
    await database.db('jobs').where({ id: jobs![1]!.id }).update({ duplicate_of: jobs![0]!.id });
    const request = ask({}, { postedSince: null, samples: 'included' });
    expect(sumOfJobs(await readTrends(database.db, { ...request, timeoutMs: TIMEOUT_MS }))).toBe(2);
  });

  it('give up after the time they may take, with the way out', async () => {
    const holder = await database.db.transaction();
    try {
      await holder.raw('lock table jobs in access exclusive mode');
      const request = ask({}, { postedSince: null, samples: 'included' });
      const refusal = await readTrends(database.db, { ...request, timeoutMs: 50 }).catch(
        (error: unknown) => error,
      );
      expect(refusal).toBeInstanceOf(AppError);
      expect(refusal).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('posted_after'),
      });
    } finally {
      await holder.rollback();
    }
  });
});

function sumOfJobs(rows: readonly TrendRow[]): number {
  return rows.reduce((sum, { jobs }) => sum + jobs, 0);
}
