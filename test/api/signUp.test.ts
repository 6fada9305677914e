import { MockActivityEnvironment } from '@temporalio/testing';
import supertest from 'supertest';
import type { ApiServices } from '../../api/app';
import { connect } from '../../db/connection';
import { insertSignUp } from '../../db/signUps';
import { addMillis } from '../../domain/time';
import { createDomainCheck } from '../../mail/refusedDomains';
import { createSmtpMailer } from '../../mail/smtp';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { startMailServer, type TestMailServer } from '../support/mailServer';
import { codeIn, keyIn, signUpActivities } from '../support/signUps';

const MINUTE_MS = 60_000;

describe('sign-up', () => {
  let api: TestApi;
  let mail: TestMailServer;
  let now = NOW;

  beforeAll(async () => {
    api = await createTestApi();
    mail = await startMailServer();
  });
  afterAll(async () => {
    await mail.stop();
    await api.drop();
  });
  beforeEach(async () => {
    now = NOW;
    mail.received.length = 0;
    await api.db.raw('truncate signups, recovery_codes, signup_counts, accounts, audit_log cascade');
  });

  const post = (path: string, body: object, services: Partial<ApiServices> = {}) =>
    supertest(api.appWith({ now: () => now, ...services }))
      .post(path)
      .send(body);
  const signUp = (body: object, services?: Partial<ApiServices>) => post('/signup', body, services);
  const recover = (body: object, services?: Partial<ApiServices>) => post('/signup/recover', body, services);
  const withLimits = (limits: Partial<ApiServices['signUps']['limits']>) => ({
    signUps: { ...api.services.signUps, limits: { ...api.services.signUps.limits, ...limits } },
  });

  /** Does what the workflow does, once for each request that waits. */
  async function deliver() {
    const mailer = createSmtpMailer({ url: mail.url, from: 'API <api@jobs.example>', requiresTls: false });
    const activities = signUpActivities(api.db, mailer, { now: () => now });
    const ids = await api.db('signups').where({ finished_at: null }).orderBy('requested_at').pluck('id');
    for (const id of ids as string[]) {
      await new MockActivityEnvironment().run(activities.prepareSignUp, id);
      await new MockActivityEnvironment().run(activities.mailSecret, id);
    }
    return mail.received.at(-1);
  }
  const codeFor = async (email: string) => {
    await signUp({ email }).expect(202);
    return codeIn(await deliver());
  };

  describe('POST /signup', () => {
    it('answers 202 at once and mails a key that works, of a Starter account', async () => {
      const { body } = await signUp({ email: 'Ada@Example.org', name: 'Ada', company: 'Berg' }).expect(202);
      expect(body).toMatchObject({ success: true, data: { state: 'started' }, count: 1 });
      const letter = await deliver();
      expect(letter!.to).toEqual(['Ada@example.org']);
      await api.get('/health', keyIn(letter)).expect(200);
      expect(await api.db('accounts').select('email', 'name', 'company', 'plan_id')).toEqual([
        { email: 'Ada@Example.org', name: 'Ada', company: 'Berg', plan_id: 'starter' },
      ]);
    });

    it('starts the workflow of what it has stored, and nothing more of it', async () => {
      const started: string[] = [];
      const start = (id: string) => Promise.resolve(started.push(id));
      await signUp({ email: 'a@example.org' }, { signUps: { ...api.services.signUps, start } }).expect(202);
      expect(await api.db('signups').pluck('id')).toEqual(started);
    });

    it('answers a known address, whatever its case, as a new one, and mails it a code instead of a key', async () => {
      const asNew = await signUp({ email: 'ada@example.org' }).expect(202);
      await deliver();
      const asKnown = await signUp({ email: 'ADA@example.ORG' }).expect(202);
      const withoutId = (body: object) => ({ ...body, request_id: '' });
      expect(withoutId(asKnown.body)).toEqual(withoutId(asNew.body));
      const letter = await deliver();
      expect(codeIn(letter)).toMatch(/^\w{5}-\w{5}$/);
      expect(letter!.raw).not.toContain('uj_live');
      expect(await api.db('accounts').pluck('email')).toEqual(['ada@example.org']);
      expect(await api.db('api_keys').pluck('id')).toHaveLength(1);
    });

    it('runs the same statements for a known address as for a new one', async () => {
      await signUp({ email: 'ada@example.org' });
      await deliver();
      const statementsFor = async (email: string) => {
        const statements: string[] = [];
        const note = ({ sql }: { sql: string }) => statements.push(sql);
        api.db.on('query', note);
        await signUp({ email }).expect(202);
        api.db.removeListener('query', note);
        return statements;
      };
      expect(await statementsFor('ada@example.org')).toEqual(await statementsFor('new@example.org'));
    });

    it('makes one account of two requests for a new address, one of which gets a code', async () => {
      const email = 'ada@example.org';
      await Promise.all([1, 2].map((count) => insertSignUp(api.db, { id: `at-once-${count}`, email, now })));
      const mailer = createSmtpMailer({ url: mail.url, from: 'api@jobs.example', requiresTls: false });
      const { prepareSignUp } = signUpActivities(api.db, mailer);
      const [first, second] = await Promise.all([prepareSignUp('at-once-1'), prepareSignUp('at-once-2')]);
      expect(first).toEqual(second);
      expect(await api.db('accounts').pluck('id')).toEqual([first.accountId]);
      expect(await api.db('signups').orderBy('letter').pluck('letter')).toEqual(['recovery_code', 'welcome']);
    });

    it('answers 202 and says that it is queued when Temporal is down', async () => {
      const start = () => Promise.reject(new Error('Temporal is away.'));
      const signUps = { ...api.services.signUps, start };
      const { body } = await signUp({ email: 'ada@example.org' }, { signUps }).expect(202);
      expect(body.data.state).toBe('queued');
      expect(keyIn(await deliver())).toMatch(/^uj_live_/);
    });

    it('answers 503 when Postgres is down, for nothing is stored then', async () => {
      const db = connect({ databaseUrl: 'postgres://127.0.0.1:1/none', poolSize: 1 });
      const { body, headers } = await signUp({ email: 'ada@example.org' }, { db }).expect(503);
      expect(body.code).toBe('unavailable');
      expect(headers['retry-after']).toBe('5');
      await db.destroy();
    });

    it.each([
      [{}, ['email']],
      [{ email: 'nobody' }, ['email']],
      [{ email: `${'a'.repeat(250)}@example.org` }, ['email']],
      [
        { email: 'ada@example.org', name: 'x'.repeat(201), company: 7, phone: 1 },
        ['name', 'company', 'phone'],
      ],
      [{ email: 'ada\0@example.org' }, ['email', 'email']],
      [[], ['body']],
    ])('names every fault of %j', async (body, parameters) => {
      const { body: answer } = await signUp(body).expect(400);
      expect(answer.code).toBe('invalid_parameter');
      expect(answer.errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual(parameters);
      expect(await api.db('signups').pluck('id')).toEqual([]);
    });

    it('suggests the name of a member that was misspelt', async () => {
      const { body } = await signUp({ emal: 'ada@example.org' }).expect(400);
      expect(body.errors).toContainEqual(
        expect.objectContaining({ parameter: 'emal', did_you_mean: 'email' }),
      );
    });

    it('refuses disposable addresses, naming the e-mail', async () => {
      const isRefusedAddress = createDomainCheck({ disposable: true, others: [] });
      const signUps = { ...api.services.signUps, isRefusedAddress };
      const { body } = await signUp({ email: 'ada@mailinator.com' }, { signUps }).expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'email', received: 'ada@mailinator.com' }]);
    });

    it('refuses the third request of a caller where two an hour are allowed, until the next hour', async () => {
      now = addMillis(NOW, 20 * MINUTE_MS);
      const limits = withLimits({ perAddressAndHour: 2 });
      await signUp({ email: 'a@example.org' }, limits).expect(202);
      await signUp({ email: 'b@example.org' }, limits).expect(202);
      const { body, headers } = await signUp({ email: 'c@example.org' }, limits).expect(429);
      expect(body).toMatchObject({ code: 'rate_limited', retry_after: 40 * 60 });
      expect(headers['retry-after']).toBe('2400');
      expect(await api.db('signups').pluck('email')).toHaveLength(2);
      now = addMillis(NOW, 60 * MINUTE_MS);
      await signUp({ email: 'c@example.org' }, limits).expect(202);
    });

    it('lets nobody flood a mailbox, whoever asks and however the address is written', async () => {
      const limits = withLimits({ perEmailAndHour: 2 });
      await signUp({ email: 'ada@example.org' }, limits).expect(202);
      await signUp({ email: 'ADA@example.org' }, limits).expect(202);
      await signUp({ email: 'Ada@Example.org' }, limits).expect(429);
      await signUp({ email: 'b@example.org' }, limits).expect(202);
    });

    it('counts callers without keeping who they are', async () => {
      await signUp({ email: 'ada@example.org' }).expect(202);
      const counts = JSON.stringify(await api.db('signup_counts'));
      expect(counts).not.toContain('127.0.0.1');
      expect(counts).not.toContain('ada');
    });

    it('ignores Idempotency-Key, refuses other methods and larger bodies', async () => {
      await signUp({ email: 'ada@example.org' }).set('Idempotency-Key', 'x').expect(202);
      expect((await api.get('/signup').expect(405)).headers.allow).toBe('POST');
      await signUp({ email: 'ada@example.org', name: 'x'.repeat(5_000) }).expect(413);
      await post('/v1/signup', { email: 'ada@example.org' }).expect(202);
    });
  });

  describe('POST /signup/recover', () => {
    const email = 'ada@example.org';
    let firstKey: string;

    beforeEach(async () => {
      await signUp({ email }).expect(202);
      firstKey = keyIn(await deliver());
    });

    const refusalOf = async (body: { email: string; code: string }) =>
      (await recover(body).expect(400)).body as { errors: { parameter: string }[]; message: string };

    it('mails another key for the right code; those there are stay', async () => {
      const code = await codeFor(email);
      const { body } = await recover({ email: 'ADA@example.org', code }).expect(202);
      expect(body.data.state).toBe('started');
      const second = keyIn(await deliver());
      expect(second).not.toBe(firstKey);
      await api.get('/health', second).expect(200);
      await api.get('/health', firstKey).expect(200);
      const acts = await api.db('audit_log').orderBy('id').select('action', 'details');
      expect(acts.map(({ action }) => action)).toEqual(['account.created', 'key.created', 'key.created']);
    });

    it('takes a code as people type it', async () => {
      const code = await codeFor(email);
      await recover({ email, code: ` ${code.toLowerCase().replace('-', ' ')}` }).expect(202);
    });

    it('takes a code once', async () => {
      const code = await codeFor(email);
      await recover({ email, code }).expect(202);
      expect(await refusalOf({ email, code })).toMatchObject({ errors: [{ parameter: 'code' }] });
    });

    it('takes a code for fifteen minutes from when it was mailed, and not a second longer', async () => {
      const code = await codeFor(email);
      now = addMillis(NOW, 15 * MINUTE_MS);
      await recover({ email, code }).expect(400);
      now = addMillis(NOW, 15 * MINUTE_MS - 1_000);
      await recover({ email, code }).expect(202);
    });

    it('takes the newest code alone', async () => {
      const earlier = await codeFor(email);
      const later = await codeFor(email);
      await recover({ email, code: earlier }).expect(400);
      await recover({ email, code: later }).expect(202);
    });

    it('does not mail a code whose place a newer one has taken', async () => {
      await signUp({ email }).expect(202);
      now = addMillis(now, 1);
      await signUp({ email }).expect(202);
      const ids = (await api
        .db('signups')
        .where({ finished_at: null })
        .orderBy('requested_at')
        .pluck('id')) as string[];
      const mailer = createSmtpMailer({ url: mail.url, from: 'api@jobs.example', requiresTls: false });
      const { prepareSignUp, mailSecret } = signUpActivities(api.db, mailer, { now: () => now });
      for (const id of ids) await prepareSignUp(id);
      expect(await mailSecret(ids[0]!)).toBe('superseded');
      expect(await mailSecret(ids[1]!)).toBe('mailed');
      expect(await api.db('signups').whereNotNull('sealed_secret').pluck('id')).toEqual([]);
    });

    it('takes no code after five wrong ones, not even the right one, also when they come at once', async () => {
      const code = await codeFor(email);
      await Promise.all([1, 2, 3, 4].map(() => recover({ email, code: '22222-22222' }).expect(400)));
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => recover({ email, code: '33333-33333' })),
      );
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
      await recover({ email, code }).expect(400);
    });

    it('says the same of an unknown address, of one without a code, and of a wrong code', async () => {
      const body = ({ errors, message }: { errors: unknown; message: string }) => ({ errors, message });
      const code = '22222-22222';
      const unknown = body(await refusalOf({ email: 'eve@example.org', code }));
      const withoutCode = body(await refusalOf({ email, code }));
      await codeFor(email);
      expect(body(await refusalOf({ email, code }))).toEqual(unknown);
      expect(withoutCode).toEqual(unknown);
      expect(body(await refusalOf({ email, code: 'no code' }))).toEqual(unknown);
    });

    it('never lets the code of one address serve another', async () => {
      await signUp({ email: 'eve@example.org' }).expect(202);
      await deliver();
      const code = await codeFor(email);
      await recover({ email: 'eve@example.org', code }).expect(400);
      await recover({ email, code }).expect(202);
    });

    it('refuses the third attempt of a caller where two an hour are allowed, also with the right code', async () => {
      const code = await codeFor(email);
      const limits = withLimits({ recoveriesPerAddressAndHour: 2 });
      await recover({ email, code: '22222-22222' }, limits).expect(400);
      await recover({ email: 'eve@example.org', code: '22222-22222' }, limits).expect(400);
      expect((await recover({ email, code }, limits).expect(429)).headers['retry-after']).toBe('3600');
      await recover({ email, code }).expect(202);
    });

    it.each([
      [{}, ['email', 'code']],
      [{ email: 'ada@example.org', code: 'x'.repeat(41) }, ['code']],
      [{ email: 'ada@example.org', code: '' }, ['code']],
      [{ email: 'nobody', code: 12345 }, ['email', 'code']],
    ])('names every fault of %j', async (body, parameters) => {
      const { body: answer } = await recover(body).expect(400);
      expect(answer.errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual(parameters);
    });
  });
});
