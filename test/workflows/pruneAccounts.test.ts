import { randomUUID } from 'node:crypto';
import { createAccountRetentionActivities } from '../../activities/accountRetention';
import { addMillis, DAY_MS } from '../../domain/time';
import { insertRequests } from '../support/accountRecords';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { createTestWorker, type TestWorker } from '../support/temporal';

const NOW = '2026-06-01T03:00:00.000Z';
const daysAgo = (days: number) => addMillis(NOW, -days * DAY_MS);

describe('pruneAccounts', () => {
  let database: TestDatabase;
  let worker: TestWorker;

  beforeAll(async () => {
    database = await createTestDatabase();
    worker = await createTestWorker({
      activities: createAccountRetentionActivities({ db: database.db, now: () => NOW }),
    });
  });
  afterAll(async () => {
    await worker.stop();
    await database.drop();
  });

  const prune = () =>
    worker.client.workflow.execute('pruneAccounts', {
      taskQueue: worker.taskQueue,
      workflowId: `prune-accounts-${randomUUID()}`,
    });

  it('forgets requests after 90 days, and batches of usage after 30', async () => {
    const { db } = database;
    const request = (requestId: string, requestedAt: string) => ({
      accountId: 'one',
      keyId: 'k',
      requestId,
      requestedAt,
    });
    await insertRequests(db, [
      ...Array.from({ length: 12_000 }, (_, n) => request(`old-${n}`, daysAgo(91 + (n % 5)))),
      request('kept', daysAgo(90)),
    ]);
    await db('usage_batches').insert([
      { id: 'old', received_at: daysAgo(30.1) },
      { id: 'kept', received_at: daysAgo(29.9) },
    ]);

    expect(await prune()).toEqual({ requests: 12_000, usageBatches: 1 });
    expect(await db('request_log').select('request_id')).toEqual([{ request_id: 'kept' }]);
    expect(await db('usage_batches').select('id')).toEqual([{ id: 'kept' }]);
    expect(await prune()).toEqual({ requests: 0, usageBatches: 0 });
  });
});
