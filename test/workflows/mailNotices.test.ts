import { randomUUID } from 'node:crypto';
import { addMillis, DAY_MS } from '../../domain/time';
import { createSmtpMailer } from '../../mail/smtp';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { startMailServer, type TestMailServer } from '../support/mailServer';
import { signUpActivities } from '../support/signUps';
import { createTestWorker, type TestWorker } from '../support/temporal';

describe('mailNotices', () => {
  let api: TestApi;
  let mail: TestMailServer;
  let worker: TestWorker;
  let now = NOW;
  let accounts: Record<string, string>;

  beforeAll(async () => {
    api = await createTestApi();
    mail = await startMailServer();
    const mailer = createSmtpMailer({
      url: mail.url,
      from: 'API <api@jobs.example>',
      requiresTls: false,
      timeoutMs: 2_000,
    });
    worker = await createTestWorker({ activities: signUpActivities(api.db, mailer, { now: () => now }) });
  });
  afterAll(async () => {
    await worker.stop();
    await mail.stop();
    await api.drop();
  });
  beforeEach(async () => {
    now = NOW;
    mail.received.length = 0;
    mail.behave({});
    await api.db.raw('truncate accounts cascade');
    accounts = {};
    for (const planId of ['starter', 'professional']) {
      const { id } = await api.issueKey({ planId });
      const [account] = (await api.db('api_keys').where({ id }).pluck('account_id')) as string[];
      accounts[planId] = account!;
    }
  });

  const occur = async (planId: string, data: object = {}, event: object = {}) => {
    const id = randomUUID();
    await api.db('events').insert({
      id,
      account_id: accounts[planId],
      type: 'usage.threshold',
      occurrence: id,
      occurred_at: NOW,
      data: {
        threshold_percent: 100,
        calls: 1_000,
        quota: 1_000,
        period_starts_at: NOW,
        period_ends_at: '2026-03-01T12:00:00.000Z',
        blocked: planId === 'starter',
        ...data,
      },
      ...event,
    });
    return id;
  };
  const run = () =>
    worker.client.workflow.execute('mailNotices', {
      taskQueue: worker.taskQueue,
      workflowId: `mail-notices-${randomUUID()}`,
    });

  it('tells an account that an endpoint of its was disabled, and how to have it back', async () => {
    await occur(
      'professional',
      {},
      {
        type: 'webhook.disabled',
        data: { endpoint_id: 'endpoint-1', reason: 'failing' },
      },
    );
    expect(await run()).toEqual({ mailed: 1, refused: 0, failed: 0 });
    expect(mail.received).toMatchObject([
      {
        subject: 'One of your webhook endpoints is disabled',
        text: expect.stringContaining('the endpoint endpoint-1') as string,
      },
    ]);
  });

  it('mails each notice once, to the address of its account, under a Message-ID of its own', async () => {
    const id = await occur('starter');
    expect(await run()).toEqual({ mailed: 1, refused: 0, failed: 0 });
    expect(await run()).toEqual({ mailed: 0, refused: 0, failed: 0 });
    expect(mail.received).toMatchObject([
      { to: [`${accounts.starter}@example.com`], messageId: `<event-${id}@jobs.example>` },
    ]);
    expect(await api.db('events').pluck('mailed_at')).toEqual([NOW]);
  });

  it('tells Starter that it is blocked, and paid plans the price and their own limit', async () => {
    await api
      .db('accounts')
      .where({ id: accounts.professional })
      .update({ monthly_overage_cap_cents: 5_000 });
    await occur('starter', {}, { occurred_at: addMillis(NOW, -2) });
    await occur('professional', {}, { occurred_at: addMillis(NOW, -1) });
    await run();
    const [starter, professional] = mail.received.map(({ text }) => text.replace(/\n/g, ' '));
    expect(starter).toContain('blocked until 2026-03-01 at 12:00 UTC');
    expect(professional).toContain('go on at $0.01 a call');
    expect(professional).toContain('your own limit of $50.00');
  });

  it('tells the price of a contract where there is one', async () => {
    const terms = JSON.stringify({ overage_cents_per_call: 3 });
    await api.db('accounts').where({ id: accounts.professional }).update({ plan_overrides: terms });
    await occur('professional');
    await run();
    expect(mail.received[0]!.text.replace(/\n/g, ' ')).toContain('$0.03 a call');
  });

  it('mails what could not be mailed a minute later, under the same Message-ID', async () => {
    const id = await occur('starter');
    mail.behave({ recipient: '450 4.2.1 Later' });
    expect(await run()).toEqual({ mailed: 0, refused: 0, failed: 1 });
    mail.behave({});
    expect(await run()).toEqual({ mailed: 1, refused: 0, failed: 0 });
    expect(mail.received).toMatchObject([{ messageId: `<event-${id}@jobs.example>` }]);
  });

  it('mails again, under the same Message-ID, what was taken without our noting it', async () => {
    const id = await occur('starter');
    await run();
    await api.db('events').where({ id }).update({ mailed_at: null });
    await run();
    expect(new Set(mail.received.map(({ messageId }) => messageId))).toEqual(
      new Set([`<event-${id}@jobs.example>`]),
    );
  });

  it('does not mail again what was refused for good', async () => {
    await occur('starter');
    mail.behave({ recipient: '550 5.1.1 Unknown' });
    expect(await run()).toEqual({ mailed: 0, refused: 1, failed: 0 });
    expect(await run()).toEqual({ mailed: 0, refused: 0, failed: 0 });
    expect(await api.db('events').pluck('mailed_at')).toEqual([null]);
  });

  it('is not held up by an event that says nothing it knows, and leaves events of other kinds alone', async () => {
    await occur('starter', { quota: 'many' }, { occurred_at: addMillis(NOW, -1) });
    await occur('starter', {}, { type: 'invoice.paid' });
    await occur('starter');
    expect(await run()).toEqual({ mailed: 1, refused: 0, failed: 1 });
  });

  it('stops after five failures in a row: the mail server is away', async () => {
    for (let count = 0; count < 8; count += 1) await occur('starter');
    mail.behave({ recipient: '450 4.2.1 Later' });
    expect(await run()).toEqual({ mailed: 0, refused: 0, failed: 5 });
  });

  it('keeps news that is older than three days to itself', async () => {
    await occur('starter');
    now = addMillis(NOW, 3 * DAY_MS);
    expect(await run()).toEqual({ mailed: 0, refused: 0, failed: 0 });
  });
});
