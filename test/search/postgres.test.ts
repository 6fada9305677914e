import fc from 'fast-check';
import type { Db } from '../../db/connection';
import { AppError } from '../../domain/errors';
import { resolveCategory } from '../../domain/categories';
import { emptyContent, type Job } from '../../domain/job';
import { type JobFilter, type WalkSort, matchesFilter, parseJobQuery } from '../../domain/jobFilter';
import { JOB_FACETS } from '../../domain/jobFilter/filter';
import { isReadable, type ReadScope } from '../../domain/readScope';
import { addMillis, HOUR_MS } from '../../domain/time';
import { createPostgresIndex } from '../../search/postgres';
import { rebuild, type SearchIndex, type SearchRequest } from '../../search/searchIndex';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { arbitraryJobs, arbitraryQuery, GENERATED_FROM } from '../support/generators';
import { storeJobs } from '../support/jobs';

const NOW = '2026-01-20T12:00:00.000Z';
const EVERYTHING: ReadScope = { postedSince: null, samples: 'included' };
const SORTS: WalkSort[] = [
  'posted_on_desc',
  'posted_on_asc',
  'last_visited_desc',
  'last_visited_asc',
  'budget_desc',
  'budget_asc',
  'ingested_asc',
];

let database: TestDatabase;
let db: Db;
let index: SearchIndex;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  index = createPostgresIndex(db);
});
afterAll(() => database.drop());
beforeEach(() => db.raw('truncate jobs cascade'));

function job(id: string, fields: Partial<Job> = {}): Job {
  return {
    ...emptyContent(),
    id,
    title: 'Untitled',
    postedOn: GENERATED_FROM,
    version: 1,
    lastVisitedAt: GENERATED_FROM,
    firstSeenAt: GENERATED_FROM,
    verifiedAt: GENERATED_FROM,
    updatedAt: GENERATED_FROM,
    searchableAt: null,
    flags: [],
    qualityScore: 1,
    isSample: false,
    ...fields,
  };
}

function store(jobs: readonly Job[]): Promise<void> {
  return storeJobs(db, jobs);
}

/**
 * Waits until no transaction as old as the stored jobs is open, which the order of ingestion waits for: those of other
 * tests on the same server count too.
 */
async function settle(): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { rows } = await db.raw<{ rows: unknown[] }>(
      `select 1 from jobs where ingested_transaction >= pg_snapshot_xmin(pg_current_snapshot()) limit 1`,
    );
    if (rows.length === 0) return;
    if (Date.now() > deadline) throw new Error('A transaction stays open.');
    await new Promise(setImmediate);
  }
}

const filterOf = (params: Record<string, string>): JobFilter => parseJobQuery(params, NOW).filter;

async function idsOf(request: Partial<SearchRequest> = {}): Promise<string[]> {
  const { jobs } = await search(request);
  return jobs.map(({ id }) => id);
}

function search(request: Partial<SearchRequest> = {}) {
  return index.search({
    filter: {},
    sort: 'posted_on_desc',
    scope: EVERYTHING,
    limit: 50,
    start: { offset: 0 },
    ...request,
  });
}

/** All ids, page after page by cursor. */
async function walk(request: Partial<SearchRequest>): Promise<string[]> {
  const ids: string[] = [];
  let start: SearchRequest['start'] = { offset: 0 };
  for (;;) {
    const { jobs, nextCursor } = await search({ ...request, start });
    ids.push(...jobs.map(({ id }) => id));
    if (nextCursor === null) return ids;
    start = { cursor: nextCursor };
  }
}

/** What the order of jobs means, without an engine; `jobs` are in order of ingestion. */
function sorted(jobs: readonly Job[], sort: WalkSort): string[] {
  const order: Record<WalkSort, (a: Job, b: Job) => number> = {
    posted_on_desc: (a, b) => compare(b.postedOn, a.postedOn) || compare(b.id, a.id),
    posted_on_asc: (a, b) => compare(a.postedOn, b.postedOn) || compare(a.id, b.id),
    last_visited_desc: (a, b) => compare(b.lastVisitedAt, a.lastVisitedAt) || compare(b.id, a.id),
    last_visited_asc: (a, b) => compare(a.lastVisitedAt, b.lastVisitedAt) || compare(a.id, b.id),
    budget_desc: (a, b) => -compare(budget(a) ?? -1, budget(b) ?? -1) || compare(b.id, a.id),
    budget_asc: (a, b) => compare(budget(a) ?? Infinity, budget(b) ?? Infinity) || compare(a.id, b.id),
    ingested_asc: () => 0,
  };
  return [...jobs].sort(order[sort]).map(({ id }) => id);
}

function budget({ budget: money }: Job): number | null {
  if (!money) return null;
  return money.currency === 'JPY' ? money.amountMinor : money.amountMinor / 100;
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

describe('every filter', () => {
  it('finds what the definition of the filter says, in order, whole and page by page', async () => {
    const queries = fc.array(
      fc.tuple(arbitraryQuery(), fc.constantFrom(...SORTS), fc.integer({ min: 1, max: 7 })),
      {
        minLength: 8,
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(arbitraryJobs(30), queries, async (jobs, asked) => {
        await db.raw('truncate jobs cascade');
        await store(jobs);
        await settle();
        for (const [params, sort, limit] of asked) {
          const filter = filterOf(params);
          const expected = sorted(
            jobs.filter((each) => matchesFilter(each, filter)),
            sort,
          );
          const found = await search({ filter, sort });
          expect({ params, ids: found.jobs.map(({ id }) => id) }).toEqual({ params, ids: expected });
          expect(found).toMatchObject({ total: expected.length, totalIsExact: true, nextCursor: null });
          expect(await walk({ filter, sort, limit })).toEqual(expected);
        }
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('counts by facets what the filters of their values find', async () => {
    const facets = fc.constantFrom(...JOB_FACETS);
    const asked = fc.array(fc.tuple(arbitraryQuery(), facets), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(arbitraryJobs(40), asked, async (jobs, questions) => {
        await db.raw('truncate jobs cascade');
        await store(jobs);
        for (const [params, facet] of questions) {
          const filter = filterOf(params);
          const { counts } = await index.facets({ filter, scope: EVERYTHING, facets: [facet] });
          for (const { value, count } of counts[facet] ?? []) {
            // As the filter of that name alone says.
            const ofValue = filterOf({ [facet]: String(value) });
            const both = jobs.filter((each) => matchesFilter(each, filter) && matchesFilter(each, ofValue));
            expect({ params, facet, value, count }).toEqual({ params, facet, value, count: both.length });
          }
        }
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('hides what the scope hides', async () => {
    const scopes = fc.record({
      postedSince: fc.option(
        fc.integer({ min: 0, max: 12 }).map((hours) => addMillis(GENERATED_FROM, hours * HOUR_MS)),
      ),
      samples: fc.constantFrom('only' as const, 'hidden' as const, 'included' as const),
    });
    await fc.assert(
      fc.asyncProperty(
        arbitraryJobs(15),
        fc.array(scopes, { minLength: 3, maxLength: 3 }),
        async (jobs, asked) => {
          await db.raw('truncate jobs cascade');
          await store(jobs);
          for (const scope of asked) {
            const expected = sorted(
              jobs.filter((each) => isReadable(each, scope)),
              'posted_on_asc',
            );
            expect(await idsOf({ scope, sort: 'posted_on_asc' })).toEqual(expected);
          }
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });

  it('gives a job back as it was stored', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryJobs(10), async (jobs) => {
        await db.raw('truncate jobs cascade');
        await store(jobs);
        await settle();
        const found = await search({ sort: 'ingested_asc' });
        expect(found.jobs).toEqual(jobs);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });
});

it('holds jobs whose values are as long as they get', async () => {
  const longest = '\u{1D11E}'.repeat(500);
  const skills = Array.from({ length: 100 }, (_, number) => `${longest.slice(0, 900)} ${number}`);
  await store([
    job('x'.repeat(100), {
      buyerTimezone: longest,
      buyerCity: longest,
      category: resolveCategory(longest.replace(/../gu, 'é')).category,
      skills,
      jobType: 1,
      hourlyBudget: { minMinor: 1, maxMinor: 99_999_999, currency: 'USD' },
      buyerTotalSpent: { amountMinor: 999_999_999_999, currency: 'USD' },
    }),
  ]);
  expect(await idsOf({ filter: filterOf({ job_type: 'hourly' }) })).toEqual(['x'.repeat(100)]);
});

describe('text', () => {
  it('agrees with the definition where a text is longer than positions reach', async () => {
    const description = `start ${'filler '.repeat(300)} end ${'日本 '.repeat(9_000)} beyond`;
    await store([job('1', { description })]);
    const queries = ['start', 'end', 'beyond', '"filler end"', '"start filler"', '日本', '本日'];
    for (const text of queries) {
      const filter = filterOf({ search: text });
      const expected = matchesFilter(job('1', { description }), filter) ? ['1'] : [];
      expect({ text, ids: await idsOf({ filter }) }).toEqual({ text, ids: expected });
    }
    expect(await idsOf({ filter: filterOf({ search: 'start' }) })).toEqual(['1']);
    expect(await idsOf({ filter: filterOf({ search: 'beyond' }) })).toEqual([]);
  });

  it('takes the signs of query languages for text', async () => {
    await store([job('1', { title: `it's a 'quoted' back\\slash a:1A <-> & |` })]);
    for (const text of [`it's`, `'quoted'`, `back\\slash`, 'a:1A', '"a:1A <->"', `'; drop table jobs; --`]) {
      const filter = filterOf({ search: text });
      const expected = matchesFilter(job('1', { title: `it's a 'quoted' back\\slash a:1A <-> & |` }), filter);
      expect(await idsOf({ filter })).toEqual(expected ? ['1'] : []);
    }
  });

  it('finds words as long as tokens may be', async () => {
    const long = '𐐨'.repeat(400);
    await store([job('1', { title: long })]);
    expect(await idsOf({ filter: filterOf({ search: long }) })).toEqual(['1']);
  });
});

describe('ids', () => {
  beforeEach(async () => {
    await store([
      job('11', { ciphertext: '~0211' }),
      job('22', { ciphertext: '~0182ac23b7a32b6e28' }),
      job('33'),
    ]);
    await db('job_identities').insert([
      { kind: 'uid', value: '11', job_id: '11' },
      { kind: 'ciphertext', value: '~0182ac23b7a32b6e28', job_id: '22' },
      { kind: 'uid', value: '222', job_id: '22' },
    ]);
  });

  it.each([
    ['its id', '33', ['33']],
    ['its ciphertext', '~0182ac23b7a32b6e28', ['22']],
    ['the ciphertext of a uid', '~0211', ['11']],
    ['the uid of a merged job', '222', ['22']],
    ['several at once, each job once', '11,~0211,222,22', ['22', '11']],
    ['nothing known', '44', []],
  ])('finds a job by %s', async (_by, ids, expected) => {
    expect(await idsOf({ filter: filterOf({ ids }) })).toEqual(expected);
  });
});

describe('paging', () => {
  const many = (count: number): Job[] =>
    Array.from({ length: count }, (_, number) => job(String(1000 + number)));

  it('walks by offset', async () => {
    await store(many(25));
    const pages = [0, 10, 20, 30].map((offset) => search({ limit: 10, start: { offset } }));
    const results = await Promise.all(pages);
    expect(results.map(({ jobs }) => jobs.length)).toEqual([10, 10, 5, 0]);
    expect(results.map(({ total }) => total)).toEqual([25, 25, 25, 25]);
    expect(results.map(({ nextCursor }) => nextCursor !== null)).toEqual([true, true, false, false]);
    expect(new Set(results.flatMap(({ jobs }) => jobs.map(({ id }) => id))).size).toBe(25);
  });

  it('tells the total on every page of a walk by cursor', async () => {
    await store(many(5));
    const first = await search({ limit: 4 });
    const second = await search({ limit: 4, start: { cursor: first.nextCursor ?? '' } });
    expect([first.total, second.total]).toEqual([5, 5]);
  });

  it('counts up to 10,000 and then says that there are more', async () => {
    await store(many(10_000));
    expect(await search({ limit: 1 })).toMatchObject({ total: 10_000, totalIsExact: true });
    await store([job('1')]);
    expect(await search({ limit: 1 })).toMatchObject({ total: 10_000, totalIsExact: false });
  });

  it('neither repeats nor misses a job when newer ones arrive during the walk', async () => {
    await store(many(4));
    const first = await search({ limit: 2 });
    await store([job('9', { postedOn: addMillis(GENERATED_FROM, HOUR_MS) })]);
    const second = await idsOf({ limit: 2, start: { cursor: first.nextCursor ?? '' } });
    expect([...first.jobs.map(({ id }) => id), ...second]).toEqual(['1003', '1002', '1001', '1000']);
  });

  it.each([
    ['is no base64', '!!'],
    ['is no JSON', Buffer.from('hello').toString('base64url')],
    ['is of another shape', Buffer.from('{"sort":"posted_on_desc"}').toString('base64url')],
    ['holds no time', Buffer.from('{"sort":"posted_on_desc","after":["x","1"]}').toString('base64url')],
    [
      'holds no such day',
      Buffer.from('{"sort":"posted_on_desc","after":["2026-13-01T00:00:00.000Z","1"]}').toString('base64url'),
    ],
    [
      'holds a NUL',
      Buffer.from('{"sort":"posted_on_desc","after":["2026-01-01T00:00:00.000Z","a\\u0000"]}').toString(
        'base64url',
      ),
    ],
    ['is too long', 'a'.repeat(2000)],
  ])('refuses a cursor that %s', async (_what, cursor) => {
    await expect(search({ start: { cursor } })).rejects.toMatchObject({
      code: 'invalid_parameter',
      faults: [expect.objectContaining({ parameter: 'cursor' })],
    });
  });

  it('refuses the cursor of another order and says which it belongs to', async () => {
    await store(many(3));
    const { nextCursor } = await search({ limit: 1, sort: 'budget_asc' });
    const foreign = search({ sort: 'posted_on_asc', start: { cursor: nextCursor ?? '' } });
    await expect(foreign).rejects.toThrow(AppError);
    await expect(foreign).rejects.toThrow(/sort=budget_asc/);
  });
});

describe('the order of ingestion', () => {
  it('ends before the oldest transaction still open, so that a walk misses nothing', async () => {
    await store([job('1')]);
    await settle();
    const open = await db.transaction();
    try {
      await open.raw('select pg_current_xact_id()');
      await store([job('2')]);
      expect(await idsOf({ sort: 'ingested_asc' })).toEqual(['1']);
      expect((await search({ sort: 'ingested_asc' })).total).toBe(1);
      expect(await idsOf({ sort: 'posted_on_asc' })).toEqual(['1', '2']);
    } finally {
      await open.rollback();
    }
    await settle();
    expect(await idsOf({ sort: 'ingested_asc' })).toEqual(['1', '2']);
  });
});

describe('rebuild', () => {
  it('derives every column anew, changes no version and reports progress', async () => {
    await store(
      Array.from({ length: 1200 }, (_, number) =>
        job(String(number), { title: 'Rare word', skills: ['go'] }),
      ),
    );
    await db.raw(
      `update jobs set search_vector = '', skill_set = '{}', category_path = '{x}', buyer_country = 'XX'`,
    );
    const filter = filterOf({ search: 'rare', skills: 'go' });
    expect(await idsOf({ filter })).toEqual([]);

    const progress: number[] = [];
    expect(await rebuild(index, (done) => progress.push(done))).toBe(1200);
    expect(progress).toEqual([1000, 1200]);
    expect(await search({ filter })).toMatchObject({ total: 1200 });
    const { rows } = await db.raw<{ rows: { changed: number }[] }>(
      `select count(*) as changed from jobs where version <> 1 or buyer_country is not null or category_path <> '{}'`,
    );
    expect(rows[0]?.changed).toBe(0);
  });

  it('leaves rows alone that are right already', async () => {
    await store([job('1', { skills: ['go'], budget: { amountMinor: 5, currency: 'USD' } })]);
    const place = () => db('jobs').first(db.raw('ctid::text as place'));
    const before: unknown = await place();
    await rebuild(index);
    expect(await place()).toEqual(before);
  });
});
