import { randomUUID } from 'node:crypto';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { failureInterceptor } from '../../activities/failures';
import { createSignUpStarter } from '../../bin/signUps';
import { anyFreePort } from '../../bin/stack/ports';
import { insertSignUp } from '../../db/signUps';
import { HOUR_MS, toTimestamp } from '../../domain/time';
import { createSmtpMailer } from '../../mail/smtp';
import type { SignUpReport } from '../../workflows/signUp';
import { createTestApi, type TestApi } from '../support/api';
import { startMailServer, type TestMailServer } from '../support/mailServer';
import { codeIn, keyIn, signUpActivities } from '../support/signUps';
import { createTimeSkippingWorker, type TimeSkippingWorker } from '../support/timeSkipping';

/** The first run on a machine fetches the server whose time flies. */
jest.setTimeout(300_000);

describe('sign-up while the mail server is down', () => {
  let api: TestApi;
  let worker: TimeSkippingWorker;
  let startSignUp: ReturnType<typeof createSignUpStarter>;
  let mail: TestMailServer | undefined;
  /** When it is back, by the server's clock. */
  let backAtMs = 0;
  let attempts = 0;

  beforeAll(async () => {
    api = await createTestApi();
    const port = await anyFreePort();
    const mailer = createSmtpMailer({
      url: `smtp://127.0.0.1:${port}`,
      from: 'API <api@jobs.example>',
      requiresTls: false,
    });
    // As of the activity that is at work.
    let nowMs = 0;
    const activities = signUpActivities(
      api.db,
      {
        ...mailer,
        send: async (message) => {
          attempts += 1;
          if (nowMs >= backAtMs) mail ??= await startMailServer({ port });
          return await mailer.send(message);
        },
      },
      { now: () => toTimestamp(nowMs) },
    );
    const clock: ActivityInboundCallsInterceptor = {
      execute: async (input, next) => {
        nowMs = await worker.currentTimeMs();
        return await next(input);
      },
    };
    worker = await createTimeSkippingWorker({
      activities,
      interceptors: { activity: [() => ({ inbound: clock }), () => ({ inbound: failureInterceptor })] },
    });
    startSignUp = createSignUpStarter(worker);
  });
  afterAll(async () => {
    await worker.stop();
    await mail?.stop();
    await api.drop();
  });
  beforeEach(async () => {
    attempts = 0;
    await mail?.stop();
    mail = undefined;
  });

  const run = async (email: string) => {
    const id = randomUUID();
    const startedAt = await worker.currentTimeMs();
    await insertSignUp(api.db, { id, email, now: toTimestamp(startedAt) });
    await startSignUp(id);
    const handle = worker.client.workflow.getHandle<() => Promise<SignUpReport>>(`signup/${id}`);
    const end = await handle.result().catch((error: unknown) => error);
    // The server's clock runs on when nothing is left to do.
    const { startTime, closeTime } = await handle.describe();
    return { id, end, tookMs: Number(closeTime) - Number(startTime) };
  };
  const isDownFor = async (ms: number) => {
    backAtMs = (await worker.currentTimeMs()) + ms;
  };

  it('brings the key once it is back after an hour, within minutes and once', async () => {
    await isDownFor(HOUR_MS);
    const { id, end, tookMs } = await run('ada@example.org');
    expect(end).toEqual({ outcome: 'mailed' });
    expect(tookMs).toBeGreaterThanOrEqual(HOUR_MS);
    expect(tookMs).toBeLessThan(HOUR_MS + 10 * 60_000);
    expect(attempts).toBeGreaterThan(10);
    expect(attempts).toBeLessThan(40);
    expect(mail!.received).toMatchObject([{ messageId: `<signup-${id}@jobs.example>` }]);
    await api.get('/health', keyIn(mail!.received[0])).expect(200);
  });

  it('brings a code that lives fifteen minutes from then, however long it has waited', async () => {
    await isDownFor(5 * HOUR_MS);
    const { id, end } = await run('ada@example.org');
    expect(end).toEqual({ outcome: 'mailed' });
    expect(codeIn(mail!.received[0])).toMatch(/-/);
    const [expiry] = (await api.db('recovery_codes').pluck('expires_at')) as string[];
    const [mailed] = (await api.db('signups').where({ id }).pluck('finished_at')) as string[];
    expect(Date.parse(expiry!) - Date.parse(mailed!)).toBe(15 * 60_000);
  });

  it('gives up after three days: the key is revoked and wiped, and operators see why', async () => {
    await isDownFor(10 * 24 * HOUR_MS);
    const { id, end, tookMs } = await run('grace@example.org');
    expect(end).toMatchObject({
      cause: { message: expect.stringContaining('The mail server does not take mail now') },
    });
    expect(tookMs).toBeGreaterThan(71 * HOUR_MS);
    expect(tookMs).toBeLessThan(73 * HOUR_MS);
    expect(await api.db('signups').where({ id }).first()).toMatchObject({
      outcome: 'given_up',
      sealed_secret: null,
    });
    const keys = api
      .db('api_keys')
      .join('accounts', 'accounts.id', 'account_id')
      .where({ email: 'grace@example.org' });
    expect(await keys.whereNull('revoked_at').select('api_keys.id')).toEqual([]);
  });
});
