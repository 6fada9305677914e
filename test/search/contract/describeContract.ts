import type { Db } from '../../../db/connection';
import { type JobFilter, parseJobQuery, type WalkSort } from '../../../domain/jobFilter';
import { JOB_FACETS, skillKey } from '../../../domain/jobFilter/filter';
import type { ReadScope } from '../../../domain/readScope';
import { addMillis, DAY_MS } from '../../../domain/time';
import { createPostgresIndex } from '../../../search/postgres';
import type { SearchEngine, SearchIndex, SearchRequest, SearchResult } from '../../../search/searchIndex';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { storeJobs } from '../../support/jobs';
import { FILTER_CASES, TEXT_CASES } from './cases';
import { CONTRACT_JOBS, NOW, TIED } from './jobs';

/** An index under test, holding the jobs of the database. */
export interface ContractIndex {
  index: SearchIndex;
  drop: () => Promise<void>;
}

/** Sees what is posted within the hot window, and no samples. */
const SCOPE: ReadScope = { postedSince: addMillis(NOW, -184 * DAY_MS), samples: 'hidden' };
const VISIBLE = CONTRACT_JOBS.filter(
  ({ isSample, postedOn }) => !isSample && postedOn >= (SCOPE.postedSince ?? ''),
);
const TIED_IDS = ['1000000000000000002', '999', 'abcdef', 'visited', '~01aaaaaaaaaaaaaaaa'];

/** What every search engine of the product must do alike; `engine` is the one that answers what it can. */
export function describeContract(
  engine: SearchEngine,
  createIndex: (db: Db) => Promise<ContractIndex>,
): void {
  let database: TestDatabase;
  let contract: ContractIndex;

  beforeAll(async () => {
    database = await createTestDatabase();
    await storeJobs(database.db, CONTRACT_JOBS);
    contract = await createIndex(database.db);
  });
  afterAll(async () => {
    await contract.drop();
    await database.drop();
  });

  const filterOf = (query: Record<string, string>): JobFilter => parseJobQuery(query, NOW).filter;
  const search = (request: Partial<SearchRequest> = {}): Promise<SearchResult> =>
    contract.index.search({
      filter: {},
      sort: 'posted_on_desc',
      scope: SCOPE,
      limit: 50,
      start: { offset: 0 },
      ...request,
    });
  const idsOf = ({ jobs }: SearchResult): string[] => jobs.map(({ id }) => id);

  async function walk(request: Partial<SearchRequest>): Promise<{ ids: string[]; totals: Set<number> }> {
    const ids: string[] = [];
    const totals = new Set<number>();
    let start: SearchRequest['start'] = { offset: 0 };
    for (;;) {
      const page = await search({ ...request, start });
      ids.push(...idsOf(page));
      totals.add(page.total);
      if (page.nextCursor === null) return { ids, totals };
      start = { cursor: page.nextCursor };
    }
  }

  describe.each([
    ['words', TEXT_CASES],
    ['filters', FILTER_CASES],
  ])('%s', (_kind, cases) => {
    it.each(cases)('finds by $what', async ({ query, ids, byPostgresAlone }) => {
      const found = await search({ filter: filterOf(query) });
      expect(idsOf(found).sort()).toEqual([...ids].sort());
      expect(found).toMatchObject({ total: ids.length, totalIsExact: true, nextCursor: null });
      expect(found.engine).toBe(byPostgresAlone ? 'postgres' : engine);
    });
  });

  it('counts without giving rows', async () => {
    const counted = await search({ filter: filterOf({ search: 'python' }), limit: 0 });
    expect(counted).toMatchObject({ jobs: [], total: 3, totalIsExact: true, nextCursor: null });
    expect(await search({ filter: filterOf({ search: 'nowhere' }), limit: 0 })).toMatchObject({ total: 0 });
  });

  it('finds everything in sight without a filter, and gives each job whole', async () => {
    const { ids } = await walk({ limit: 50 });
    expect([...ids].sort()).toEqual(VISIBLE.map(({ id }) => id).sort());
    const { jobs } = await search({ filter: filterOf({ search: '"machine learning"' }) });
    expect(jobs).toEqual(CONTRACT_JOBS.filter(({ id }) => id === 'ml-phrase'));
  });

  describe('facets', () => {
    it('count, for each value, the jobs that the filter of that value finds', async () => {
      const { counts, isExact } = await contract.index.facets({
        filter: {},
        scope: SCOPE,
        facets: JOB_FACETS,
      });
      expect(isExact).toBe(true);
      const values = JOB_FACETS.flatMap((facet) => (counts[facet] ?? []).map((each) => ({ facet, ...each })));
      expect(new Set(values.map(({ facet }) => facet))).toEqual(new Set(JOB_FACETS));
      for (const { facet, value, count } of values) {
        const { total } = await search({ filter: filterOf({ [facet]: String(value) }), limit: 0 });
        expect({ facet, value, count }).toEqual({ facet, value, count: total });
      }
    });

    it('count what the search finds alone, the most frequent first', async () => {
      const filter = filterOf({ search: 'python' });
      const { counts } = await contract.index.facets({ filter, scope: SCOPE, facets: ['skills'] });
      const frequencies = (counts.skills ?? []).map(({ count }) => count);
      expect(frequencies).toEqual([...frequencies].sort((left, right) => right - left));
      const jobs = (await search({ filter })).jobs;
      const skills = new Set(jobs.flatMap((job) => [...(job.skills ?? []), ...(job.tags ?? [])]));
      expect(new Set(counts.skills?.map(({ value }) => value))).toEqual(new Set([...skills].map(skillKey)));
    });
  });

  it('ranks what a search finds, each job once, whatever the page', async () => {
    const filter = filterOf({ search: 'python OR developer' });
    const all = idsOf(await search({ filter, sort: 'relevance' }));
    expect([...all].sort()).toEqual(idsOf(await search({ filter })).sort());
    const pages = [];
    for (let offset = 0; offset < all.length; offset += 2) {
      pages.push(...idsOf(await search({ filter, sort: 'relevance', limit: 2, start: { offset } })));
    }
    expect(pages).toEqual(all);
  });

  const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
  const budget = new Map(
    VISIBLE.map(({ id, budget: money }) => [
      id,
      money && money.amountMinor / (money.currency === 'JPY' ? 1 : 100),
    ]),
  );
  const inOrder: Record<Exclude<WalkSort, 'ingested_asc'>, string[]> = {
    posted_on_desc: sorted((a, b) => compare(b.postedOn, a.postedOn) || compare(b.id, a.id)),
    posted_on_asc: sorted((a, b) => compare(a.postedOn, b.postedOn) || compare(a.id, b.id)),
    last_visited_desc: sorted((a, b) => compare(b.lastVisitedAt, a.lastVisitedAt) || compare(b.id, a.id)),
    last_visited_asc: sorted((a, b) => compare(a.lastVisitedAt, b.lastVisitedAt) || compare(a.id, b.id)),
    budget_desc: sorted(
      (a, b) => compare(budget.get(b.id) ?? -1, budget.get(a.id) ?? -1) || compare(b.id, a.id),
    ),
    budget_asc: sorted(
      (a, b) => compare(budget.get(a.id) ?? Infinity, budget.get(b.id) ?? Infinity) || compare(a.id, b.id),
    ),
  };
  function sorted(order: (a: (typeof VISIBLE)[number], b: (typeof VISIBLE)[number]) => number): string[] {
    return [...VISIBLE].sort(order).map(({ id }) => id);
  }
  const sorts = Object.keys(inOrder) as (keyof typeof inOrder)[];

  describe('orders', () => {
    it.each(sorts)(
      'walks by cursor through %s, each job once, with the total on every page',
      async (sort) => {
        for (const limit of [1, 7, 50]) {
          const { ids, totals } = await walk({ sort, limit });
          expect(ids).toEqual(inOrder[sort]);
          expect([...totals]).toEqual([VISIBLE.length]);
        }
      },
    );

    it.each(sorts)('walks by offset through %s', async (sort) => {
      const pages: SearchResult[] = [];
      for (let offset = 0; offset < VISIBLE.length + 10; offset += 10) {
        pages.push(await search({ sort, limit: 10, start: { offset } }));
      }
      expect(pages.flatMap(idsOf)).toEqual(inOrder[sort]);
      expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([VISIBLE.length]));
      expect(pages.at(-1)?.nextCursor).toBeNull();
      expect(pages.at(0)?.nextCursor).not.toBeNull();
    });

    it('puts jobs of the same moment in the order of their ids', async () => {
      const filter = filterOf({ posted_after: TIED });
      expect(idsOf(await search({ filter, sort: 'posted_on_asc' }))).toEqual(TIED_IDS);
      expect(idsOf(await search({ filter, sort: 'posted_on_desc' }))).toEqual([...TIED_IDS].reverse());
    });

    it('ends a page with no cursor when it is just full', async () => {
      const filter = filterOf({ posted_after: TIED });
      expect((await search({ filter, limit: 5 })).nextCursor).toBeNull();
      expect((await search({ filter, limit: 4 })).nextCursor).not.toBeNull();
    });

    it('takes a walk on that another engine began', async () => {
      const other = createPostgresIndex(database.db);
      for (const sort of sorts) {
        const request = { filter: {}, sort, scope: SCOPE, limit: 9 };
        const begun = await other.search({ ...request, start: { offset: 0 } });
        const goneOn = await search({ ...request, start: { cursor: begun.nextCursor ?? '' } });
        const ended = await other.search({ ...request, start: { cursor: goneOn.nextCursor ?? '' } });
        expect([begun, goneOn, ended].flatMap(idsOf)).toEqual(inOrder[sort].slice(0, 27));
      }
    });

    it('refuses the cursor of another order, and one that is none', async () => {
      const { nextCursor } = await search({ limit: 1, sort: 'budget_asc' });
      for (const cursor of [nextCursor ?? '', '!!', 'e30']) {
        await expect(search({ sort: 'posted_on_asc', start: { cursor } })).rejects.toMatchObject({
          code: 'invalid_parameter',
          faults: [expect.objectContaining({ parameter: 'cursor' })],
        });
      }
    });
  });

  describe('scopes', () => {
    it.each([
      ['only', ['sample']],
      ['hidden', []],
      ['included', ['sample']],
    ] as const)('with samples %s', async (samples, expected) => {
      const found = await search({
        filter: filterOf({ search: 'sample' }),
        scope: { ...SCOPE, samples },
      });
      expect(idsOf(found)).toEqual(expected);
    });

    it('shows nothing posted before what the plan shows', async () => {
      const all = await search({ scope: { ...SCOPE, postedSince: TIED }, sort: 'posted_on_asc' });
      expect(idsOf(all)).toEqual(TIED_IDS);
    });

    it('reaches jobs of any age for those who may see them, whichever engine holds them', async () => {
      const filter = filterOf({ search: 'vintage' });
      expect(idsOf(await search({ filter }))).toEqual(['inside-the-window']);
      const everything = await search({ filter, scope: { ...SCOPE, postedSince: null } });
      expect(idsOf(everything)).toEqual(['inside-the-window', 'past-the-window']);
      expect(everything.engine).toBe('postgres');
      const recent = filterOf({ search: 'vintage', posted_after: '-183d' });
      const found = await search({ filter: recent, scope: { ...SCOPE, postedSince: null } });
      expect(idsOf(found)).toEqual(['inside-the-window']);
      expect(found.engine).toBe(engine);
    });
  });
}
