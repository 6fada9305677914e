import { randomUUID } from 'node:crypto';
import { createAccountRetentionActivities } from '../../activities/accountRetention';
import { addMillis, DAY_MS } from '../../domain/time';
import { storeRequests, storeUsage } from '../support/accountRecords';
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

  it('forgets requests after 90 days, batches of usage after 30, and what came in late of erased accounts', async () => {
    const { db } = database;
    const usageAt = (accountId: string) => ({
      accountId,
      keyId: 'k',
      periodStartsAt: NOW,
      hour: NOW,
      route: 'GET /jobs',
      statusClass: 2,
      requests: 1,
      calls: 1,
    });
    const request = (accountId: string, requestId: string, requestedAt: string) => ({
      accountId,
      keyId: 'k',
      requestId,
      requestedAt,
    });
    await storeRequests(db, [
      ...Array.from({ length: 12_000 }, (_, n) => request('one', `old-${n}`, daysAgo(91 + (n % 5)))),
      request('one', 'kept', daysAgo(90)),
      request('erased', 'late', daysAgo(1)),
    ]);
    await storeUsage(db, [usageAt('one'), usageAt('erased')]);
    await db('usage_batches').insert([
      { id: 'old', received_at: daysAgo(30.1) },
      { id: 'kept', received_at: daysAgo(29.9) },
    ]);
    await db('erasures').insert([
      { id: '1', account_id: 'erased', requested_at: daysAgo(2), finished_at: daysAgo(2) },
      { id: '2', account_id: 'one', requested_at: daysAgo(1) },
    ]);

    expect(await prune()).toEqual({ requests: 12_000, usageBatches: 1, late: 2 });
    expect(await db('request_log').select('request_id')).toEqual([{ request_id: 'kept' }]);
    expect(await db('usage_hours').select('account_id')).toEqual([{ account_id: 'one' }]);
    expect(await db('usage_batches').select('id')).toEqual([{ id: 'kept' }]);
    expect(await prune()).toEqual({ requests: 0, usageBatches: 0, late: 0 });
  });
});
