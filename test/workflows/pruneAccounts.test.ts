import { addAccount, addDeliveries, addEndpoint } from '../support/webhooks';
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

    expect(await prune()).toMatchObject({ requests: 12_000, usageBatches: 1 });
    expect(await db('request_log').select('request_id')).toEqual([{ request_id: 'kept' }]);
    expect(await db('usage_batches').select('id')).toEqual([{ id: 'kept' }]);
    expect(await prune()).toMatchObject({ requests: 0, usageBatches: 0 });
  });

  it('forgets deliveries and what they told after 30 days, and who was told of a job once the plan shows it no more', async () => {
    const { db } = database;
    const accounts: Record<string, string> = {};
    for (const planId of ['business', 'enterprise']) {
      const accountId = await addAccount(db, planId, NOW);
      accounts[planId] = accountId;
      const { id } = await addEndpoint(db, { accountId, now: daysAgo(400) });
      await addDeliveries(db, id, [`${planId} old`], daysAgo(30.1));
      await addDeliveries(db, id, [`${planId} kept`], daysAgo(29.9));
      const told = (jobId: string, postedOn: string) => ({
        job_id: jobId,
        endpoint_id: id,
        account_id: accountId,
        posted_on: postedOn,
        matched_at: postedOn,
        saved_searches: '[]',
      });
      await db('webhook_told_jobs').insert([told('shown', daysAgo(182)), told('past', daysAgo(184))]);
    }

    expect(await prune()).toMatchObject({ deliveries: 2, payloads: 2, toldJobs: 1 });
    expect(await db('webhook_deliveries').orderBy('job_id').pluck('job_id')).toEqual([
      'business kept',
      'enterprise kept',
    ]);
    expect(await db('webhook_payloads').orderBy('job_id').pluck('job_id')).toEqual([
      'business kept',
      'enterprise kept',
    ]);
    const told = db('webhook_told_jobs').orderBy(['account_id', 'job_id']);
    expect(await told.clone().where({ account_id: accounts.business }).pluck('job_id')).toEqual(['shown']);
    expect(await told.clone().where({ account_id: accounts.enterprise }).pluck('job_id')).toEqual([
      'past',
      'shown',
    ]);
  });
});
