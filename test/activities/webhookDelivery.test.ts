import { MockActivityEnvironment } from '@temporalio/testing';
import { createWebhookDeliveryActivities } from '../../activities/webhookDelivery';
import type { Db } from '../../db/connection';
import { addMillis, DAY_MS, HOUR_MS, MINUTE_MS, type Timestamp } from '../../domain/time';
import type { EndpointReport } from '../../domain/webhooks/endpointReport';
import type { WebhookMessage, WebhookSendResult, WebhookTarget } from '../../domain/webhooks/message';
import { DEFAULT_RETRY_SECONDS } from '../../domain/webhooks/retrySchedule';
import { createTestDatabase } from '../support/database';
import { addAccount, addDeliveries, addEndpoint, readDeliveries, SECRET_BOX } from '../support/webhooks';

const START: Timestamp = '2026-02-01T12:00:00.000Z';

let db: Db;
let drop: () => Promise<void>;
let accountId: string;
let now: Timestamp;
/** Titles of what was sent, in order. */
let sent: string[];

beforeAll(async () => {
  ({ db, drop } = await createTestDatabase());
});
afterAll(() => drop());

beforeEach(async () => {
  now = START;
  sent = [];
  accountId = await addAccount(db, 'business', START);
});

type Answer = Partial<Pick<WebhookSendResult, 'status_code' | 'error' | 'retryAfterSeconds'>>;
const OK: Answer = { status_code: 200, error: null };
const FAULT: Answer = { status_code: 500, error: 'status 500' };

/** Looks after an endpoint that gives these answers by the title of the job. */
async function deliver(
  endpointId: string,
  answer: (title: string) => Answer | Promise<Answer>,
): Promise<EndpointReport> {
  const { deliverDue } = createWebhookDeliveryActivities({
    db,
    secretBox: SECRET_BOX,
    retrySeconds: DEFAULT_RETRY_SECONDS,
    chance: () => 0,
    wakeEndpoints: () => Promise.resolve(),
    now: () => now,
    send: async (_target: WebhookTarget, { body }: WebhookMessage) => {
      const { data } = JSON.parse(body) as { data: { job: { title: string } } };
      sent.push(data.job.title);
      const given = await answer(data.job.title);
      return {
        at: now,
        duration_ms: 0,
        status_code: null,
        answer: null,
        error: null,
        retryAfterSeconds: null,
        ...given,
      };
    },
  });
  const environment = new MockActivityEnvironment();
  return await environment.run<[string], EndpointReport, typeof deliverDue>(deliverDue, endpointId);
}

const titles = (count: number) => Array.from({ length: count }, (_, index) => `job ${index + 1}`);

it('sends what is due one after another, in order, and says that nothing waits', async () => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, titles(250), START);
  const report = await deliver(id, () => OK);
  expect(sent).toEqual(titles(250));
  expect(report).toEqual({ state: 'active', nextAt: null, pending: 0, failuresInARow: 0 });
  const deliveries = await readDeliveries(db, id);
  expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set(['delivered']));
  expect(deliveries[0]?.attempts).toEqual([
    { at: START, status_code: 200, duration_ms: 0, answer: null, error: null },
  ]);
});

it('sends up to as many at once as the endpoint takes', async () => {
  const { id } = await addEndpoint(db, { accountId, maxInFlight: 5, now });
  await addDeliveries(db, id, titles(20), START);
  let inFlight = 0;
  let most = 0;
  await deliver(id, async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise(setImmediate);
    inFlight -= 1;
    return OK;
  });
  expect(most).toBe(5);
  expect(sent).toHaveLength(20);
});

it('lets what failed step aside until its retry is due, and goes on with the others', async () => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, ['bad', 'good'], START);
  const report = await deliver(id, (title) => (title === 'bad' && sent.length === 1 ? FAULT : OK));
  expect(sent).toEqual(['bad', 'good']);
  expect(report).toMatchObject({ state: 'active', pending: 1, nextAt: addMillis(START, 5_000) });
  now = addMillis(START, 5_000);
  await deliver(id, () => OK);
  expect(sent).toEqual(['bad', 'good', 'bad']);
  const [bad] = await readDeliveries(db, id);
  expect(bad).toMatchObject({
    status: 'delivered',
    tries: 1,
    attempts: [{ error: 'status 500' }, { error: null }],
  });
});

it('tries eight times in 27 h 35 min, and keeps what failed', async () => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, ['bad'], START);
  const times: number[] = [];
  for (let report: EndpointReport | undefined; report?.nextAt !== null;) {
    now = report?.nextAt ?? START;
    times.push((Date.parse(now) - Date.parse(START)) / MINUTE_MS);
    report = await deliver(id, () => FAULT);
  }
  expect(times.map((minutes) => Math.round(minutes))).toEqual([0, 0, 5, 35, 155, 455, 1_055, 1_655]);
  expect(await readDeliveries(db, id)).toMatchObject([{ status: 'failed', tries: 8, due_at: null }]);
});

it('lets an endpoint rest after five failures: only the oldest is tried, until the first success wakes all in order', async () => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, titles(8), START);
  let report = await deliver(id, () => FAULT);
  expect(sent).toEqual(titles(5));
  expect(report).toEqual({
    state: 'resting',
    pending: 8,
    failuresInARow: 5,
    nextAt: addMillis(START, 5_000),
  });

  sent = [];
  now = addMillis(START, 5_000);
  report = await deliver(id, () => FAULT);
  expect(sent).toEqual(['job 1']);
  expect(report).toMatchObject({ state: 'resting', nextAt: addMillis(now, 5 * MINUTE_MS) });

  sent = [];
  now = addMillis(now, MINUTE_MS);
  await deliver(id, () => FAULT);
  expect(sent).toEqual([]);
  expect((await readDeliveries(db, id)).slice(5)).toMatchObject([{ tries: 0 }, { tries: 0 }, { tries: 0 }]);

  now = addMillis(START, 5_000 + 5 * MINUTE_MS);
  report = await deliver(id, () => OK);
  expect([...sent].sort()).toEqual(titles(8));
  expect(sent[0]).toBe('job 1');
  expect(report).toEqual({ state: 'active', pending: 0, failuresInARow: 0, nextAt: null });
});

it('leaves an endpoint alone for as long as it asks, and counts that as no attempt', async () => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, titles(3), START);
  const report = await deliver(id, () => ({
    status_code: 429,
    error: 'status 429',
    retryAfterSeconds: 3_600,
  }));
  expect(sent).toEqual(['job 1']);
  expect(report).toEqual({ state: 'held', pending: 3, failuresInARow: 0, nextAt: addMillis(START, HOUR_MS) });
  expect(await readDeliveries(db, id)).toMatchObject([
    { tries: 0, attempts: [{ status_code: 429 }] },
    {},
    {},
  ]);
  now = addMillis(START, HOUR_MS);
  await deliver(id, () => OK);
  expect(sent).toEqual(['job 1', ...titles(3)]);
});

it('disables an endpoint that is gone, keeps what waits as failed, and tells the account once', async () => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, titles(3), START);
  const report = await deliver(id, () => ({ status_code: 410, error: 'status 410' }));
  expect(report).toMatchObject({ state: 'disabled', nextAt: null, pending: 0 });
  expect(await readDeliveries(db, id)).toMatchObject([
    { status: 'failed', attempts: [{ error: 'status 410' }, { error: 'disabled' }] },
    { status: 'failed', attempts: [{ error: 'disabled' }] },
    { status: 'failed' },
  ]);
  await deliver(id, () => OK);
  expect(sent).toEqual(['job 1']);
  expect(await db('webhook_endpoints').where({ id }).first('disabled_reason')).toEqual({
    disabled_reason: 'gone',
  });
  expect(await db('events').where({ account_id: accountId }).select('type', 'data')).toEqual([
    { type: 'webhook.disabled', data: { endpoint_id: id, reason: 'gone' } },
  ]);
});

it('disables an endpoint that has failed for five days', async () => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, titles(20), START);
  let report: EndpointReport | undefined;
  while (report?.state !== 'disabled') {
    now = report?.nextAt ?? START;
    report = await deliver(id, () => FAULT);
    if (Date.parse(now) > Date.parse(START) + 7 * DAY_MS) break;
  }
  expect(report).toMatchObject({ state: 'disabled' });
  const days = (Date.parse(now) - Date.parse(START)) / DAY_MS;
  expect(days).toBeGreaterThanOrEqual(5);
  expect(days).toBeLessThan(5.5);
});

it.each([
  ['its plan has no webhooks any more', { plan_id: 'professional' }],
  ['its account is suspended', { suspended_at: START }],
])('sends nothing while %s, and keeps what came due as failed', async (_, terms) => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, titles(2), START);
  await db('accounts').where({ id: accountId }).update(terms);
  expect(await deliver(id, () => OK)).toMatchObject({ state: 'paused', nextAt: null });
  expect(sent).toEqual([]);
  expect(await readDeliveries(db, id)).toMatchObject([
    { status: 'failed', attempts: [{ error: 'paused' }] },
    { status: 'failed' },
  ]);
});

it('shows as expired what has lost its payload', async () => {
  const { id } = await addEndpoint(db, { accountId, now });
  await addDeliveries(db, id, ['erased', 'kept'], START);
  await db('webhook_payloads').where({ job_id: 'erased' }).delete();
  await deliver(id, () => OK);
  expect(sent).toEqual(['kept']);
  expect(await readDeliveries(db, id)).toMatchObject([
    { status: 'expired', attempts: [] },
    { status: 'delivered' },
  ]);
});

it('goes on past an event of which no body can be made', async () => {
  const { id } = await addEndpoint(db, { accountId, format: 'slack', now });
  await addDeliveries(db, id, ['broken'], START);
  await db('webhook_payloads').where({ job_id: 'broken' }).update({ body: 'no JSON' });
  expect(await deliver(id, () => OK)).toMatchObject({ state: 'active', pending: 0 });
  expect(sent).toEqual([]);
  expect(await readDeliveries(db, id)).toMatchObject([
    { status: 'failed', attempts: [{ error: expect.stringContaining('no body') as string }] },
  ]);
});

it('sends no more in a clock minute than the endpoint takes', async () => {
  now = '2026-02-01T12:00:30.000Z';
  const { id } = await addEndpoint(db, { accountId, rateLimit: 3, now });
  await addDeliveries(db, id, titles(5), START);
  const report = await deliver(id, () => OK);
  expect(sent).toEqual(titles(3));
  expect(report).toMatchObject({ nextAt: '2026-02-01T12:01:00.000Z', pending: 2 });
  await deliver(id, () => OK);
  expect(sent).toEqual(titles(3));
  now = '2026-02-01T12:01:00.000Z';
  await deliver(id, () => OK);
  expect(sent).toEqual(titles(5));
});

it.each([
  ['failures', { status_code: 500, error: 'status 500' }],
  ['410', { status_code: 410, error: 'status 410' }],
])(
  'holds %s of before against no endpoint that its owner changes while it is being sent to',
  async (_, answer) => {
    const { id } = await addEndpoint(db, { accountId, now });
    await addDeliveries(db, id, titles(1), START);
    const changed = addMillis(START, 1_000);
    await deliver(id, async () => {
      await db('webhook_endpoints').where({ id }).update({ updated_at: changed });
      return answer;
    });
    expect(await db('webhook_endpoints').where({ id }).first('disabled_reason')).toEqual({
      disabled_reason: null,
    });
    const states = await db('webhook_endpoint_states')
      .where({ endpoint_id: id })
      .pluck<number[]>('failures_in_a_row');
    expect(states.filter((failures) => failures > 0)).toEqual([]);
  },
);

it('has nothing to do for an endpoint that was removed', async () => {
  expect(await deliver('removed', () => OK)).toEqual({
    state: 'removed',
    nextAt: null,
    pending: 0,
    failuresInARow: 0,
  });
});
