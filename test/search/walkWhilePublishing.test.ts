import { emptyContent, type Job } from '../../domain/job';
import { parseJobQuery, type WalkSort } from '../../domain/jobFilter';
import { addMillis } from '../../domain/time';
import { createPostgresIndex } from '../../search/postgres';
import type { SearchIndex, SearchRequest, SearchResult } from '../../search/searchIndex';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { storeJobs } from '../support/jobs';

const NOW = '2026-03-01T12:00:00.000Z';
const MINUTE_MS = 60_000;
const STABLE = 400;

function jobOf(id: string, minutesAgo: number, title: string): Job {
  const postedOn = addMillis(NOW, -minutesAgo * MINUTE_MS);
  return {
    ...emptyContent(),
    id,
    title,
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

describe('a walk by cursor while jobs are published', () => {
  let database: TestDatabase;
  let index: SearchIndex;

  beforeAll(async () => {
    database = await createTestDatabase();
    const stable = Array.from({ length: STABLE }, (_, number) =>
      jobOf(`stable-${number}`, number * 97, number % 2 === 0 ? 'wanted work' : 'other work'),
    );
    await storeJobs(database.db, stable);
    await database.db.raw('analyze jobs');
    index = createPostgresIndex(database.db, {
      now: () => NOW,
      windows: { minJobs: 100, jobsPerNeeded: 1 },
    });
  });
  afterAll(() => database.drop());

  it.each<WalkSort>(['posted_on_desc', 'posted_on_asc', 'ingested_asc'])(
    'gives each job that matches throughout exactly once: %s',
    async (sort) => {
      const { filter } = parseJobQuery({ search: 'wanted' }, NOW);
      const wanted = Array.from({ length: STABLE / 2 }, (_, number) => `stable-${number * 2}`);
      let published = 0;
      const publish = async () => {
        // All over the time that the walk goes through, before it and behind it.
        const jobs = [7, 1_111, 9_999, 20_001, 33_333].map((minutes) =>
          jobOf(`${sort}-${published}-${minutes}`, minutes + published, 'wanted work'),
        );
        published += 1;
        await storeJobs(database.db, jobs);
      };

      const seen: string[] = [];
      for (let start: SearchRequest['start'] | null = { offset: 0 }; start !== null;) {
        const request = { filter, sort, scope: { postedSince: null, samples: 'hidden' as const }, limit: 7 };
        const [page]: [SearchResult, unknown] = await Promise.all([
          index.search({ ...request, start }),
          publish(),
        ]);
        seen.push(...page.jobs.map(({ id }) => id));
        start = page.nextCursor === null || seen.length > 5_000 ? null : { cursor: page.nextCursor };
      }
      const stable = seen.filter((id) => id.startsWith('stable-'));
      expect([...stable].sort()).toEqual([...wanted].sort());
      expect(new Set(seen).size).toBe(seen.length);
    },
  );
});
