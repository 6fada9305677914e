import type { Db } from '../../db/connection';
import { insertJobs } from '../../db/jobs';
import { findReadableJob, findReadableJobs } from '../../db/readJobs';
import { emptyContent } from '../../domain/job';
import { firstProvenance } from '../../domain/merge';
import type { ReadScope } from '../../domain/readScope';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { observation } from '../support/jobs';

const POSTED_ON = '2026-01-10T09:00:00.000Z';
const EVERYTHING: ReadScope = { postedSince: null, samples: 'included' };

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  await insertJobs(
    db,
    ['11', '22', '33'].map((id) => ({
      ...emptyContent(),
      id,
      title: 'Untitled',
      postedOn: POSTED_ON,
      version: 2,
      lastVisitedAt: POSTED_ON,
      firstSeenAt: POSTED_ON,
      verifiedAt: POSTED_ON,
      updatedAt: POSTED_ON,
      searchableAt: null,
      flags: [],
      qualityScore: 0.8,
      isSample: id === '33',
      provenance: firstProvenance(observation(POSTED_ON)),
      textBands: [],
      duplicateOf: null,
    })),
  );
  await db('job_identities').insert([
    { kind: 'uid', value: '11', job_id: '11' },
    { kind: 'uid', value: '222', job_id: '22' },
    { kind: 'ciphertext', value: '~0182ac23b7a32b6e28', job_id: '22' },
  ]);
  await db('job_index_state').insert([
    { job_id: '11', indexed_version: 2, searchable_at: '2026-01-10T09:05:00.000Z' },
    { job_id: '22', indexed_version: 1, searchable_at: '2026-01-10T09:05:00.000Z' },
  ]);
});
afterAll(() => database.drop());

const idOf = async (idOrAlias: string, scope = EVERYTHING): Promise<string | undefined> =>
  (await findReadableJob(db, idOrAlias, scope))?.id;

describe('findReadableJob', () => {
  it.each([
    ['its id', '33', '33'],
    ['its ciphertext', '~0182ac23b7a32b6e28', '22'],
    ['the ciphertext of its uid', '~0211', '11'],
    ['the uid of a job merged into it', '222', '22'],
    ['the ciphertext of a job merged into it', '~02222', '22'],
  ])('finds a job by %s', async (_by, idOrAlias, id) => {
    expect(await idOf(idOrAlias)).toBe(id);
  });

  it.each(['44', '', '~', 'a\0b', 'x'.repeat(5000), '%', `'`])('finds nothing for %j', async (idOrAlias) => {
    expect(await findReadableJob(db, idOrAlias, EVERYTHING)).toBeNull();
  });

  it('hides what the scope hides', async () => {
    expect(await idOf('11', { postedSince: POSTED_ON, samples: 'hidden' })).toBe('11');
    expect(await idOf('11', { postedSince: '2026-01-10T09:00:00.001Z', samples: 'hidden' })).toBeUndefined();
    expect(await idOf('33', { postedSince: null, samples: 'hidden' })).toBeUndefined();
    expect(await idOf('33', { postedSince: null, samples: 'only' })).toBe('33');
    expect(await idOf('11', { postedSince: null, samples: 'only' })).toBeUndefined();
  });

  it('tells since when the present version can be found, and nothing while the index is behind', async () => {
    expect((await findReadableJob(db, '11', EVERYTHING))?.searchableAt).toBe('2026-01-10T09:05:00.000Z');
    expect((await findReadableJob(db, '22', EVERYTHING))?.searchableAt).toBeNull();
  });
});

describe('findReadableJobs', () => {
  it('gives the jobs in the order asked for, each once', async () => {
    const jobs = await findReadableJobs(db, ['33', '44', '~0211', '11', '222'], EVERYTHING);
    expect(jobs.map(({ id }) => id)).toEqual(['33', '11', '22']);
  });
});
