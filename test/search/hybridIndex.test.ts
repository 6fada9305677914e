import type { Db } from '../../db/connection';
import type { ReadScope } from '../../domain/readScope';
import { addMillis, DAY_MS } from '../../domain/time';
import type { SearchRequest } from '../../search/searchIndex';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { storeJobs } from '../support/jobs';
import { createTestMeilisearch } from '../support/meilisearch';
import { CONTRACT_JOBS, NOW } from './contract/jobs';

const SCOPE: ReadScope = { postedSince: addMillis(NOW, -30 * DAY_MS), samples: 'hidden' };
const REQUEST: SearchRequest = {
  filter: { jobTypes: [1] },
  sort: 'posted_on_desc',
  scope: SCOPE,
  limit: 10,
  start: { offset: 0 },
};
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';

describe('while Meilisearch is down', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.db;
    await storeJobs(db, CONTRACT_JOBS);
  });
  afterAll(() => database.drop());

  it('Postgres answers, and says so', async () => {
    const { index, fallbacks } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    const found = await index.search(REQUEST);
    expect(found).toMatchObject({ engine: 'postgres', total: 4 });
    expect(found.jobs).toHaveLength(4);
    expect(fallbacks).toEqual([expect.objectContaining({ code: 'unavailable' })]);
  });

  it('it is left alone for a while before it is asked again', async () => {
    const { index, fallbacks, rest } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    await index.search(REQUEST);
    await index.search(REQUEST);
    expect(fallbacks).toHaveLength(1);
    rest(5_000);
    await index.search(REQUEST);
    expect(fallbacks).toHaveLength(2);
  });

  it('a wrong cursor is still the fault of the caller', async () => {
    const { index } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    const wrong = index.search({ ...REQUEST, start: { cursor: '!!' } });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_parameter' });
  });

  it('indexing fails in a way that is tried again', async () => {
    const { index } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    await expect(index.upsert(['fixed-500'])).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(index.check()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('what Meilisearch could not answer anyway is not asked of it', async () => {
    const { index, fallbacks } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    await index.search({ ...REQUEST, sort: 'ingested_asc' });
    await index.search({ ...REQUEST, filter: { ids: ['999'] } });
    await index.search({ ...REQUEST, scope: { ...SCOPE, postedSince: null } });
    await index.search({ ...REQUEST, scope: { ...SCOPE, postedSince: addMillis(NOW, -185 * DAY_MS) } });
    expect(fallbacks).toEqual([]);
  });
});
