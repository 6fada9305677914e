import fc from 'fast-check';
import { createMatcher } from '../../activities/matcher';
import { learnWords } from '../../db/searchWords';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { arbitraryJobs, arbitraryQuery } from '../support/generators';
import { storeJobs } from '../support/jobs';
import { type KeyHolder, keyHolder } from '../support/keys';
import { askSearches } from '../support/savedSearches';
import { addEndpoint } from '../support/webhooks';

/** Now and then. */
const RELATIVE_TIMES = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Record<string, string>>({}) },
  fc.record(
    {
      posted_after: fc.constantFrom('-10d', '-28d', '-40d'),
      last_visited_after: fc.constantFrom('-5d', '-28d', '-40d'),
    },
    { requiredKeys: [] },
  ),
);

describe('the matcher and the jobs of a saved search', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
    holder = await keyHolder(api, 'business');
    await addEndpoint(api.db, { accountId: holder.accountId, now: NOW });
  });
  afterAll(() => api.drop());

  it('agree for whatever jobs and filters there are', async () => {
    const matcher = createMatcher({ samplesForLiveKeys: false });
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(
        arbitraryJobs(30),
        fc.array(fc.tuple(arbitraryQuery(), RELATIVE_TIMES), { minLength: 6, maxLength: 6 }),
        async (jobs, queries) => {
          await storeJobs(api.db, jobs);
          await learnWords(
            api.db,
            jobs.map(({ id }) => id),
          );
          try {
            const saved = new Map<string, object>();
            for (const [query, times] of queries) {
              const { posted_before } = query;
              const filter = posted_before === undefined ? { ...query, ...times } : query;
              if (Object.keys(filter).join() === 'search_in') continue;
              const { status, body } = await askSearches(api, holder, 'post', '', { name: 'x', filter });
              expect([filter, status]).toEqual([filter, 201]);
              saved.set(body.data.id as string, filter);
            }
            const matches = await matcher.match(api.db, jobs, NOW);
            const matchedBy = new Map<string, string[]>();
            for (const { id } of jobs) {
              for (const { savedSearches } of matches.get(id)?.values() ?? []) {
                for (const search of savedSearches) {
                  matchedBy.set(search.id, [...(matchedBy.get(search.id) ?? []), id].sort());
                  matched += 1;
                }
              }
            }
            for (const [id, filter] of saved) {
              const { body } = await askSearches(api, holder, 'get', `/${id}/jobs?limit=50`).expect(200);
              const found = (body as { data: { id: string }[] }).data.map((job) => job.id).sort();
              expect([filter, matchedBy.get(id) ?? []]).toEqual([filter, found]);
            }
          } finally {
            await api.db('saved_searches').delete();
            await api.db.raw('truncate jobs, job_identities cascade');
          }
        },
      ),
      { numRuns: 100 },
    );
    // Filters that match nothing would agree, too.
    expect(matched).toBeGreaterThan(50);
  });
});
