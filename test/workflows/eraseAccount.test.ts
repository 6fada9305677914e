import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import supertest from 'supertest';
import { createErasureActivities, type ErasureServices } from '../../activities/erasure';
import { failureInterceptor } from '../../activities/failures';
import { createErasureStarter } from '../../bin/erasures';
import { readErasure } from '../../db/erasures';
import { addMillis } from '../../domain/time';
import type { ErasureProgress } from '../../workflows/eraseAccount';
import { fillAccount } from '../support/accountRecords';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { findInDatabase } from '../support/personalData';
import { createTestWorker, type TestWorker } from '../support/temporal';

type Activities = ReturnType<typeof createErasureActivities>;

const REQUESTS = 25;
/** What each table holds of the account that is erased. */
const REMOVED = {
  recovery_codes: 1,
  signups: 2,
  api_key_uses: 1,
  key_limits: 1,
  api_keys: 2,
  webhook_payloads: 1,
  webhook_deliveries: 2,
  webhook_told_jobs: 1,
  webhook_endpoint_states: 1,
  webhook_endpoints: 1,
  saved_searches: 1,
  account_minutes: 1,
  billing_periods: 1,
  usage_hours: 1,
  events: 1,
  idempotency_keys: 1,
  // That a key was made, and that the erasure was asked for.
  audit_log: 2,
  request_log: REQUESTS,
  accounts: 1,
};

describe('eraseAccount', () => {
  let api: TestApi;
  let worker: TestWorker | undefined;
  let told: object[];
  let now = NOW;

  beforeEach(async () => {
    api = await createTestApi();
    told = [];
    now = NOW;
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
    await api.drop();
  });

  /** @param wrap puts something around activities. */
  async function work(
    services: Partial<ErasureServices> = {},
    wrap: (activities: Activities) => Partial<Activities> = () => ({}),
  ): Promise<TestWorker> {
    const activities = createErasureActivities({
      db: api.db,
      tell: (notice) => {
        told.push(notice);
        return Promise.resolve(true);
      },
      startErasure: (id) => createErasureStarter(worker!)(id),
      now: () => now,
      ...services,
    });
    worker = await createTestWorker({
      activities: { ...activities, ...wrap(activities) },
      interceptors: { activity: [() => ({ inbound: failureInterceptor })] },
    });
    return worker;
  }

  /** Has an account with something in every table deleted by its holder. */
  async function deletedAccount() {
    const key = await api.issueKey({ scopes: ['account:write'], name: 'Erasmus key' });
    const { account_id: accountId } = await api.db('api_keys').where({ id: key.id }).first('account_id');
    const email = `erasmus.${randomUUID()}@example.com`;
    await api
      .db('accounts')
      .where({ id: accountId })
      .update({ email, name: 'Erasmus Holder', company: 'Erasmus Ltd' });
    const { id: secondKeyId } = await api.issueKey({ accountId });
    await fillAccount(api.db, { accountId, keyId: key.id, requests: REQUESTS, now: NOW });
    const { body } = await supertest(api.app)
      .delete('/account')
      .set('X-API-KEY', key.secret)
      .send({ confirm: email })
      .expect(202);
    return {
      erasureId: body.data.id as string,
      accountId: accountId as string,
      email,
      personal: [email, 'Erasmus', key.id, secondKeyId],
    };
  }

  const handleOf = (erasureId: string) => worker!.client.workflow.getHandle(`erase-account/${erasureId}`);
  const erase = async (erasureId: string) => {
    expect(await createErasureStarter(worker!)(erasureId)).toBe(true);
    return await handleOf(erasureId).result();
  };

  it('leaves nothing of the account in any table, and says what it removed', async () => {
    await work();
    const { erasureId, accountId, email, personal } = await deletedAccount();
    const bystander = await api.issueKey({ scopes: ['account:read'] });
    const { account_id: bystanderId } = await api
      .db('api_keys')
      .where({ id: bystander.id })
      .first('account_id');
    await fillAccount(api.db, { accountId: bystanderId, keyId: bystander.id, now: NOW });
    expect(await findInDatabase(api.db, personal)).not.toEqual([]);

    const report = await erase(erasureId);
    expect(report).toEqual({ requestedAt: NOW, finishedAt: NOW, removed: REMOVED, told: true });
    expect(await findInDatabase(api.db, personal)).toEqual([]);
    expect(told).toEqual([{ erasureId, email, name: 'Erasmus Holder' }]);
    // Of the account there is its bare id: in the proof, in what happened to it, and for those who remember its endpoints.
    expect(await findInDatabase(api.db, [accountId])).toEqual([
      `audit_log: ${accountId}`,
      `erasures: ${accountId}`,
      `matching_changes: ${accountId}`,
    ]);
    expect(await api.db('audit_log').where({ account_id: accountId }).orderBy('id')).toMatchObject([
      { actor: 'account', action: 'key.created', subject: null, details: {} },
      { actor: 'account', action: 'account.erasure_requested' },
      { actor: 'system', action: 'account.erased' },
    ]);
    const { body } = await api.get('/account/export', bystander.secret).expect(200);
    expect(body).toMatchObject({
      usage: [{}],
      events: [{}],
      requests: [{}, {}, {}, {}, {}],
      audit_log: [{ subject: bystander.id }],
    });
  });

  it('writes nothing of the person into its history', async () => {
    let attempts = 0;
    await work({
      tell: ({ email }) => {
        attempts += 1;
        return attempts === 1 ? Promise.reject(new Error(`451 <${email}> is busy.`)) : Promise.resolve(true);
      },
    });
    const { erasureId, personal } = await deletedAccount();
    expect(await erase(erasureId)).toMatchObject({ told: true });
    expect(attempts).toBe(2);
    const history = JSON.stringify(await handleOf(erasureId).fetchHistory(), (_name, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : value,
    );
    expect(history).toContain(erasureId);
    for (const text of personal) expect(history).not.toContain(text);
  });

  it('tells how far it has come', async () => {
    await work();
    const { erasureId } = await deletedAccount();
    await erase(erasureId);
    expect(await handleOf(erasureId).query<ErasureProgress>('progress')).toEqual({
      phase: 'done',
      removed: REMOVED,
    });
  });

  it.each(['revokeKeysOfErased', 'eraseNextTable', 'tellHolder', 'removeErasedAccount'] as const)(
    'ends the same when it dies after %s was done and before that was known',
    async (name) => {
      let deaths = 0;
      await work({}, (activities) => ({
        [name]: async (...given: [string, string | null]) => {
          const result = await (activities[name] as (...all: unknown[]) => Promise<unknown>)(...given);
          deaths += 1;
          // Once, or once for every second table.
          if (deaths % 2 === 1) throw new Error('The process has died.');
          return result;
        },
      }));
      const { erasureId, personal } = await deletedAccount();
      expect(await erase(erasureId)).toEqual({
        requestedAt: NOW,
        finishedAt: NOW,
        removed: REMOVED,
        told: true,
      });
      expect(deaths).toBeGreaterThan(1);
      expect(told).toHaveLength(1);
      expect(await findInDatabase(api.db, personal)).toEqual([]);
    },
  );

  it('removes what comes in while it is under way', async () => {
    await work({}, ({ removeErasedAccount }) => ({
      removeErasedAccount: async (erasureId) => {
        const { accountId } = await readErasure(api.db, { id: erasureId });
        if ((await api.db('accounts').where({ id: accountId })).length > 0)
          await api.db('request_log').insert({
            requested_at: NOW,
            request_id: 'late',
            account_id: accountId,
            key_id: 'k',
            route: 'GET /jobs',
            status: 200,
            duration_ms: 1,
          });
        return removeErasedAccount(erasureId);
      },
    }));
    const { erasureId, accountId } = await deletedAccount();
    const { removed } = await erase(erasureId);
    expect(removed).toEqual({ ...REMOVED, request_log: REQUESTS + 1 });
    expect(await api.db('request_log').where({ account_id: accountId })).toEqual([]);
  });

  it('claims nothing while a table that nobody thought of holds something of the account', async () => {
    await api.db.raw('create table forgotten (account_id text not null)');
    let attempts = 0;
    await work({}, ({ removeErasedAccount }) => ({
      removeErasedAccount: async (erasureId) => {
        attempts += 1;
        if (attempts === 3) await api.db.raw('truncate forgotten');
        try {
          return await removeErasedAccount(erasureId);
        } catch (error) {
          expect(String(error)).toContain('left in forgotten');
          const { finishedAt, accountId } = await readErasure(api.db, { id: erasureId });
          expect(finishedAt).toBeNull();
          expect(await api.db('accounts').where({ id: accountId })).toHaveLength(1);
          throw error;
        }
      },
    }));
    const { erasureId, accountId } = await deletedAccount();
    await api.db('forgotten').insert({ account_id: accountId });
    expect(await erase(erasureId)).toMatchObject({ removed: REMOVED });
    expect(attempts).toBe(3);
  });

  it('goes on without telling a holder whose mail is refused for good', async () => {
    await work({ tell: () => Promise.resolve(false) });
    const { erasureId, personal } = await deletedAccount();
    expect(await erase(erasureId)).toMatchObject({ removed: REMOVED, told: false });
    expect(await findInDatabase(api.db, personal)).toEqual([]);
  });

  it('goes on without telling when mail was away for as long as telling may take', async () => {
    await work({}, () => ({
      tellHolder: () => Promise.reject(ApplicationFailure.nonRetryable('In the place of the time-out.')),
    }));
    const { erasureId } = await deletedAccount();
    expect(await erase(erasureId)).toMatchObject({ removed: REMOVED, told: false });
  });

  it('is started by the schedule when it could not be started at once, and once only', async () => {
    await work();
    const { erasureId } = await deletedAccount();
    const startPending = () =>
      worker!.client.workflow.execute('startPendingErasures', {
        taskQueue: worker!.taskQueue,
        workflowId: `start-pending-erasures-${randomUUID()}`,
      });
    expect(await startPending()).toEqual({ waiting: 0, started: 0 });
    now = addMillis(NOW, 31_000);
    expect(await startPending()).toEqual({ waiting: 1, started: 1 });
    expect(await handleOf(erasureId).result()).toMatchObject({ removed: REMOVED });
    expect(await startPending()).toEqual({ waiting: 0, started: 0 });
    expect(await createErasureStarter(worker!)(erasureId)).toBe(false);
  });
});
