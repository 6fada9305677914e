import { randomUUID } from 'node:crypto';
import { heartbeatInterceptor } from '../../activities/heartbeat';
import { createIndexingActivities } from '../../activities/indexing';
import { failureInterceptor } from '../../activities/failures';
import { createPostgresIndex } from '../../search/postgres';
import type { SearchIndex } from '../../search/searchIndex';
import type { rebuildIndex, RebuildProgress } from '../../workflows/rebuildIndex';
import type { repairIndex } from '../../workflows/repairIndex';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { storeJobs } from '../support/jobs';
import { createTestMeilisearch, describeWithMeilisearch, type TestMeilisearch } from '../support/meilisearch';
import { createTestWorker, type TestWorker } from '../support/temporal';
import { CONTRACT_JOBS, NOW } from '../search/contract/jobs';

let database: TestDatabase;
let worker: TestWorker | undefined;

beforeEach(async () => {
  database = await createTestDatabase();
  await storeJobs(database.db, CONTRACT_JOBS);
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await database.drop();
});

async function workOn(search: SearchIndex): Promise<TestWorker> {
  worker = await createTestWorker({
    activities: createIndexingActivities({ db: database.db, search, now: () => NOW }),
    interceptors: {
      activity: [() => ({ inbound: failureInterceptor }), () => ({ inbound: heartbeatInterceptor })],
    },
  });
  return worker;
}

function repair({ client, taskQueue }: TestWorker, thorough: boolean) {
  return client.workflow.execute<typeof repairIndex>('repairIndex', {
    workflowId: `repair-${randomUUID()}`,
    taskQueue,
    args: [{ thorough }],
  });
}

async function staleJobs(): Promise<number> {
  const { rows } = await database.db.raw<{ rows: { count: number }[] }>(
    `select count(*) as count from jobs left join job_index_state s on s.job_id = jobs.id
     where s.indexed_version is distinct from jobs.version`,
  );
  return rows[0]?.count ?? 0;
}

describe('the repair of the index', () => {
  it('brings up to date what was published and not indexed, and then finds nothing to do', async () => {
    const running = await workOn(createPostgresIndex(database.db));
    const jobs = CONTRACT_JOBS.length;
    expect(await repair(running, false)).toEqual({ rebuilt: 0, mended: 0, indexed: jobs });
    expect(await staleJobs()).toBe(0);
    await database.db.raw(`update jobs set version = version + 1 where id = '999'`);
    expect(await repair(running, true)).toEqual({ rebuilt: 0, mended: 0, indexed: 1 });
    expect(await repair(running, true)).toEqual({ rebuilt: 0, mended: 0, indexed: 0 });
  });
});

describe('a rebuild', () => {
  it('goes through all jobs and tells how far it has come', async () => {
    const { client, taskQueue } = await workOn(createPostgresIndex(database.db));
    const handle = await client.workflow.start<typeof rebuildIndex>('rebuildIndex', {
      workflowId: `rebuild-${randomUUID()}`,
      taskQueue,
      args: [],
    });
    const jobs = CONTRACT_JOBS.length;
    expect(await handle.result()).toEqual({ jobs, mended: 0 });
    expect(await handle.query<RebuildProgress>('progress')).toEqual({
      phase: 'done',
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      done: jobs,
      total: jobs,
    });
    expect(await staleJobs()).toBe(0);
  });
});

describeWithMeilisearch('in Meilisearch', () => {
  let test: TestMeilisearch;
  const hotJobs = CONTRACT_JOBS.length - 1;

  beforeEach(() => {
    test = createTestMeilisearch(database.db, { now: () => NOW });
  });
  afterEach(() => test.drop());

  /** The seal is a document too. */
  const held = async () => (await test.client.index(test.indexUid).getStats()).numberOfDocuments - 1;

  it('an index that is wiped is built anew, and one that was emptied is filled', async () => {
    const running = await workOn(test.index);
    expect(await repair(running, false)).toMatchObject({ rebuilt: hotJobs });
    expect(await held()).toBe(hotJobs);
    expect(await staleJobs()).toBe(0);

    await test.client.index(test.indexUid).deleteAllDocuments().waitTask();
    expect(await repair(running, true)).toEqual({ rebuilt: 0, mended: hotJobs, indexed: 0 });
    expect(await held()).toBe(hotJobs);

    await test.client.deleteIndex(test.indexUid).waitTask();
    expect(await repair(running, true)).toMatchObject({ rebuilt: hotJobs });
    expect(await held()).toBe(hotJobs);
  });
});
