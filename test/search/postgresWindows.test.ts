import { emptyContent, type Job } from '../../domain/job';
import { type JobFilter, type JobSort, matchesFilter, parseJobQuery } from '../../domain/jobFilter';
import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createPostgresIndex } from '../../search/postgres';
import type { SearchIndex, SearchRequest } from '../../search/searchIndex';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { storeJobs } from '../support/jobs';

const NOW = '2026-03-01T12:00:00.000Z';
const DAYS = 60;
const COUNT = 3_000;

/** Every second job is of one kind, every fortieth of another, and three of a third. */
function jobOf(number: number): Job {
  const words = ['posting'];
  if (number % 2 === 0) words.push('common');
  if (number % 40 === 0) words.push('seldom');
  if (number % 1_000 === 7) words.push('hardly');
  const postedOn = addMillis(NOW, -Math.floor((number / COUNT) * DAYS * DAY_MS));
  return {
    ...emptyContent(),
    id: `job-${number}`,
    title: words.join(' '),
    skills: number % 3 === 0 ? ['python'] : ['php'],
    status: number < COUNT / 2 ? 1 : 2,
    postedOn,
    version: 1,
    lastVisitedAt: postedOn,
    firstSeenAt: postedOn,
    verifiedAt: postedOn,
    updatedAt: postedOn,
    searchableAt: null,
    flags: [],
    qualityScore: 1,
    isSample: false,
  };
}

const JOBS = Array.from({ length: COUNT }, (_, number) => jobOf(number));

describe('a large table, read in windows of time', () => {
  let database: TestDatabase;
  let index: SearchIndex;

  beforeAll(async () => {
    database = await createTestDatabase();
    await storeJobs(database.db, JOBS);
    await database.db.raw('analyze jobs');
    // As small as they get, so that a page reaches over all of them.
    index = createPostgresIndex(database.db, {
      now: () => NOW,
      windows: { minJobs: 1_000, jobsPerNeeded: 0.5 },
    });
  });
  afterAll(() => database.drop());

  const filterOf = (query: Record<string, string>): JobFilter => parseJobQuery(query, NOW).filter;
  const search = (request: Partial<SearchRequest>) =>
    index.search({
      filter: {},
      sort: 'posted_on_desc',
      scope: { postedSince: null, samples: 'hidden' },
      limit: 50,
      start: { offset: 0 },
      ...request,
    });

  function expected(filter: JobFilter, sort: JobSort): string[] {
    const sign = sort === 'posted_on_asc' ? 1 : -1;
    const order = (a: Job, b: Job) =>
      a.postedOn === b.postedOn ? sign * (a.id < b.id ? -1 : 1) : sign * (a.postedOn < b.postedOn ? -1 : 1);
    return JOBS.filter((job) => matchesFilter(job, filter))
      .sort(order)
      .map(({ id }) => id);
  }

  const QUERIES: Record<string, string>[] = [
    { search: 'common' },
    { search: 'seldom' },
    { search: 'hardly' },
    { search: 'nowhere' },
    { search: 'posting -common', skills: 'python' },
    { search: 'seldom', posted_after: '-10d' },
    { search: 'common', posted_after: '2026-01-20T07:30:00Z', posted_before: '2026-02-03T09:15:00Z' },
    { search: 'seldom', posted_before: '-30d' },
    { skills: 'python', posted_after: '-36h' },
    { status: 'closed', posted_after: '-40d' },
  ];

  it.each(QUERIES)('gives each match once, in order, whatever the page: %j', async (query) => {
    const filter = filterOf(query);
    for (const sort of ['posted_on_desc', 'posted_on_asc'] as const) {
      const ids: string[] = [];
      for (let start: SearchRequest['start'] | null = { offset: 0 }; start !== null;) {
        const page = await search({ filter, sort, limit: 49, start });
        ids.push(...page.jobs.map(({ id }) => id));
        start = page.nextCursor === null ? null : { cursor: page.nextCursor };
      }
      expect(ids).toEqual(expected(filter, sort));
      for (const offset of [40, 80, 120]) {
        const page = await search({ filter, sort, limit: 40, start: { offset } });
        expect(page.jobs.map(({ id }) => id)).toEqual(expected(filter, sort).slice(offset, offset + 40));
      }
    }
  });

  it('shows nothing from before the plan’s window', async () => {
    const postedSince = addMillis(NOW, -5 * DAY_MS - 7 * HOUR_MS);
    const filter = filterOf({ search: 'seldom' });
    const page = await search({ filter, scope: { postedSince, samples: 'hidden' } });
    const shown = JOBS.filter(({ postedOn, title }) => postedOn >= postedSince && title.includes('seldom'));
    expect(page.jobs.map(({ id }) => id)).toEqual(shown.map(({ id }) => id));
    expect(page).toMatchObject({ total: shown.length, totalIsExact: true });
  });

  it('counts small totals, and estimates large ones to about a tenth', async () => {
    const totals = async (query: Record<string, string>) => {
      const { total, totalIsExact } = await search({ filter: filterOf(query), limit: 20 });
      return { total, totalIsExact };
    };
    expect(await totals({ search: 'seldom' })).toEqual({ total: 75, totalIsExact: true });
    expect(await totals({ search: 'common', posted_after: '-10d' })).toEqual({
      total: 251,
      totalIsExact: true,
    });
    const common = await totals({ search: 'common' });
    expect(common.totalIsExact).toBe(false);
    expect(Math.abs(common.total - 1_500)).toBeLessThan(200);
  });

  it('does not take the newest jobs for a picture of all', async () => {
    // The newer half are open, the older half closed.
    const { total } = await search({ filter: filterOf({ status: 'open' }), limit: 20 });
    expect(Math.abs(total - 1_500)).toBeLessThan(400);
  });

  it('keeps the total of a walk, and counts exactly where the total alone is asked for', async () => {
    const filter = filterOf({ search: 'common' });
    const first = await search({ filter, limit: 20 });
    const second = await search({ filter, limit: 20, start: { cursor: first.nextCursor ?? '' } });
    expect([second.total, second.totalIsExact]).toEqual([first.total, first.totalIsExact]);
    expect(await search({ filter, limit: 0 })).toMatchObject({ total: 1_500, totalIsExact: true });
  });

  it('ranks each match once, the newest thousand before those older', async () => {
    const filter = filterOf({ search: 'common' });
    const ids: string[] = [];
    for (let offset = 0; offset < 1_500; offset += 50) {
      const page = await search({ filter, sort: 'relevance', limit: 50, start: { offset } });
      ids.push(...page.jobs.map(({ id }) => id));
    }
    const newestFirst = expected(filter, 'posted_on_desc');
    expect(new Set(ids.slice(0, 1_000))).toEqual(new Set(newestFirst.slice(0, 1_000)));
    expect(ids.slice(1_000)).toEqual(newestFirst.slice(1_000));
  });
});
