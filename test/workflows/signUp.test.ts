import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import supertest from 'supertest';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { ApiServices } from '../../api/app';
import { failureInterceptor } from '../../activities/failures';
import { createSignUpStarter } from '../../bin/signUps';
import { connect } from '../../db/connection';
import { insertSignUp } from '../../db/signUps';
import { addMillis } from '../../domain/time';
import type { Mailer } from '../../mail/mailer';
import { createSmtpMailer } from '../../mail/smtp';
import type { SignUpReport } from '../../workflows/signUp';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { startMailServer, type TestMailServer } from '../support/mailServer';
import { codeIn, keyIn, signUpActivities } from '../support/signUps';
import { createTestWorker, type TestWorker } from '../support/temporal';
import { until } from '../support/until';

const EMAIL = 'ada.lovelace@example.org';

/** Ends the first attempt of an activity, before it begins or when it is through: its worker has died. */
interface Death {
  activity: string;
  when: 'before' | 'after';
}

describe('signUp', () => {
  let api: TestApi;
  let mail: TestMailServer;
  let worker: TestWorker;
  let startSignUp: ReturnType<typeof createSignUpStarter>;
  let deaths: Death[] = [];
  let now = NOW;

  const dying: ActivityInboundCallsInterceptor = {
    execute: async (input, next) => {
      const name = activityInfo().activityType;
      const die = (when: Death['when']) => {
        const place = deaths.findIndex((death) => death.activity === name && death.when === when);
        if (place === -1) return;
        deaths.splice(place, 1);
        throw new Error('The worker has died.');
      };
      die('before');
      const result = await next(input);
      die('after');
      return result;
    },
  };

  beforeAll(async () => {
    api = await createTestApi();
    mail = await startMailServer();
    const mailer: Mailer = createSmtpMailer({
      url: mail.url,
      from: 'API <api@jobs.example>',
      requiresTls: false,
    });
    worker = await createTestWorker({
      activities: signUpActivities(api.db, mailer, {
        startSignUp: (id) => startSignUp(id),
        now: () => now,
      }),
      interceptors: { activity: [() => ({ inbound: dying }), () => ({ inbound: failureInterceptor })] },
    });
    startSignUp = createSignUpStarter(worker);
  });
  afterAll(async () => {
    await worker.stop();
    await mail.stop();
    await api.drop();
  });
  beforeEach(async () => {
    await api.db.raw('truncate signups, accounts, audit_log cascade');
    mail.received.length = 0;
    mail.behave({});
    deaths = [];
    now = NOW;
  });

  const request = async (others: { email?: string; accountId?: string } = {}) => {
    const id = randomUUID();
    await insertSignUp(api.db, { id, email: EMAIL, now, ...others });
    return id;
  };
  const handleOf = (id: string) =>
    worker.client.workflow.getHandle<() => Promise<SignUpReport>>(`signup/${id}`);
  const run = async (id: string) => {
    await startSignUp(id);
    return await handleOf(id).result();
  };
  const rowOf = async (id: string) =>
    (await api.db('signups').where({ id }).first()) as { outcome: string; sealed_secret: Buffer | null };

  it('mails a key that works, wipes it, and lets operators find the workflow by the account', async () => {
    const id = await request();
    expect(await run(id)).toEqual({ outcome: 'mailed' });
    expect(mail.received).toMatchObject([{ to: [EMAIL], messageId: `<signup-${id}@jobs.example>` }]);
    const key = keyIn(mail.received[0]);
    await api.get('/health', key).expect(200);
    expect(await rowOf(id)).toMatchObject({ outcome: 'mailed', sealed_secret: null, letter: 'welcome' });
    const { typedSearchAttributes } = await handleOf(id).describe();
    const [account] = (await api.db('accounts').pluck('id')) as string[];
    expect(typedSearchAttributes.getAll()).toContainEqual(
      expect.objectContaining({ key: expect.objectContaining({ name: 'AccountId' }), value: account }),
    );
  });

  it('mails a known address a code, and another key once the code was used', async () => {
    await run(await request());
    const id = await request({ email: EMAIL.toUpperCase() });
    expect(await run(id)).toEqual({ outcome: 'mailed' });
    expect(codeIn(mail.received[1])).toMatch(/-/);
    const [accountId] = (await api.db('accounts').pluck('id')) as string[];
    await run(await request({ accountId: accountId! }));
    const [first, , second] = mail.received.map(keyIn);
    expect(second).not.toBe(first);
    for (const key of [first, second]) await api.get('/health', key).expect(200);
  });

  describe('killed', () => {
    const DEATHS: [string, Death[], number][] = [
      ['before anything is made', [{ activity: 'prepareSignUp', when: 'before' }], 1],
      ['when account and key are committed', [{ activity: 'prepareSignUp', when: 'after' }], 1],
      ['before the mail is sent', [{ activity: 'mailSecret', when: 'before' }], 1],
      ['when it is noted as sent', [{ activity: 'mailSecret', when: 'after' }], 1],
      [
        'at all of these',
        [
          { activity: 'prepareSignUp', when: 'before' },
          { activity: 'prepareSignUp', when: 'after' },
          { activity: 'mailSecret', when: 'before' },
          { activity: 'mailSecret', when: 'after' },
        ],
        1,
      ],
    ];

    it.each(DEATHS)('%s: one account, one key, one mail', async (_when, steps, mails) => {
      deaths = [...steps];
      const id = await request();
      expect(await run(id)).toEqual({ outcome: 'mailed' });
      expect(deaths).toEqual([]);
      expect(mail.received).toHaveLength(mails);
      await expectOneKey(id);
    });

    it('within the making of account and key: nothing of it is left, and it is made anew', async () => {
      await failCommits('before update on signups', 'new.letter is not null');
      const id = await request();
      expect(await run(id)).toEqual({ outcome: 'mailed' });
      expect(mail.received).toHaveLength(1);
      await expectOneKey(id);
    });

    it('between the acceptance of the mail and our commit: it comes again, with the same key and Message-ID', async () => {
      await failCommits('before update on signups', 'new.finished_at is not null');
      const id = await request();
      expect(await run(id)).toEqual({ outcome: 'mailed' });
      expect(mail.received).toHaveLength(3);
      await expectOneKey(id);
    });

    it('between the acceptance of a code and our commit: the same code comes again, and works', async () => {
      await run(await request());
      mail.received.length = 0;
      await failCommits('before update on signups', 'new.finished_at is not null');
      await run(await request());
      expect(mail.received).toHaveLength(3);
      expect(new Set(mail.received.map(codeIn)).size).toBe(1);
      expect(new Set(mail.received.map(({ messageId }) => messageId)).size).toBe(1);
    });

    /** Lets the first two statements of a kind fail as if Postgres had gone away within them. */
    async function failCommits(event: string, condition: string): Promise<void> {
      await api.db.raw(`
        drop trigger if exists dies on signups;
        drop sequence if exists died;
        create sequence died;
        create or replace function die() returns trigger language plpgsql as $$
        begin
          if nextval('died') <= 2 then
            raise exception 'terminating connection' using errcode = '57P01';
          end if;
          return new;
        end $$;
        create trigger dies ${event} for each row when (${condition}) execute function die();
      `);
    }
    afterEach(() => api.db.raw('drop trigger if exists dies on signups'));

    async function expectOneKey(id: string): Promise<void> {
      const keys = mail.received.map(keyIn);
      expect(new Set(keys).size).toBe(1);
      expect(new Set(mail.received.map(({ messageId }) => messageId))).toEqual(
        new Set([`<signup-${id}@jobs.example>`]),
      );
      await api.get('/health', keys[0]).expect(200);
      expect(await api.db('accounts').pluck('id')).toHaveLength(1);
      expect(await api.db('api_keys').pluck('id')).toHaveLength(1);
      expect(await rowOf(id)).toMatchObject({ sealed_secret: null });
    }
  });

  it('gives up at once what the mail server refuses for good: the key is revoked, and a later sign-up gets a code', async () => {
    mail.behave({ recipient: `550 5.1.1 <${EMAIL}> is unknown` });
    const id = await request();
    expect(await run(id)).toEqual({ outcome: 'refused' });
    expect(await rowOf(id)).toMatchObject({ outcome: 'refused', sealed_secret: null });
    expect(await api.db('api_keys').whereNull('revoked_at').pluck('id')).toEqual([]);
    expect(await api.db('audit_log').where({ action: 'key.revoked' }).pluck('details')).toEqual([
      { because: 'mail_not_delivered' },
    ]);
    mail.behave({});
    expect(await run(await request())).toEqual({ outcome: 'mailed' });
    expect(codeIn(mail.received[0])).toMatch(/-/);
  });

  it('gives up when an operator cancels it', async () => {
    mail.behave({ recipient: '450 4.2.1 Later' });
    const id = await request();
    await startSignUp(id);
    await untilAttempts(id, 2);
    await handleOf(id).cancel();
    await expect(handleOf(id).result()).rejects.toThrow();
    expect(await rowOf(id)).toMatchObject({ outcome: 'given_up', sealed_secret: null });
    expect(await api.db('api_keys').whereNull('revoked_at').pluck('id')).toEqual([]);
    expect(await startWaiting(31_000)).toEqual({ waiting: 0, started: 0 });
  });

  it('ends in peace when the account was erased meanwhile', async () => {
    mail.behave({ recipient: '450 4.2.1 Later' });
    const id = await request();
    await startSignUp(id);
    await untilAttempts(id, 2);
    await api.db('accounts').delete();
    expect(await handleOf(id).result()).toEqual({ outcome: 'gone' });
    expect(mail.received).toEqual([]);
  });

  const startWaiting = (laterMs: number) => {
    now = addMillis(NOW, laterMs);
    return worker.client.workflow.execute('startPendingSignUps', {
      taskQueue: worker.taskQueue,
      workflowId: `start-pending-signups-${randomUUID()}`,
    });
  };

  it('is started by the schedule where the API could not, and not twice', async () => {
    const id = await request();
    expect(await startWaiting(0)).toEqual({ waiting: 0, started: 0 });
    expect(await startWaiting(31_000)).toEqual({ waiting: 1, started: 1 });
    expect(await handleOf(id).result()).toEqual({ outcome: 'mailed' });
    expect(await startWaiting(31_000)).toEqual({ waiting: 0, started: 0 });
    expect(await startSignUp(id)).toBe(false);
    expect(mail.received).toHaveLength(1);
  });

  it('forgets after a month who asked, and counts of hours that are past', async () => {
    await run(await request());
    await api.db('signup_counts').insert({ asker: Buffer.from('x'), hour: NOW, asked: 1 });
    await startWaiting(29 * 86_400_000);
    expect(await api.db('signups').pluck('outcome')).toEqual(['mailed']);
    expect(await api.db('signup_counts').pluck('asked')).toEqual([]);
    await startWaiting(31 * 86_400_000);
    expect(await api.db('signups').pluck('outcome')).toEqual([]);
    expect(await api.db('accounts').pluck('id')).toHaveLength(1);
  });

  it('leaves no key, code or address in histories, and no secret in logs, errors and tables', async () => {
    deaths = [
      { activity: 'prepareSignUp', when: 'after' },
      { activity: 'mailSecret', when: 'before' },
    ];
    const ids: string[] = [];
    // A mail server that names the address in everything it says.
    mail.behave({ recipient: `450 4.2.1 <${EMAIL}> is busy` });
    ids.push(await request());
    await startSignUp(ids[0]!);
    await untilAttempts(ids[0]!, 3);
    const { pendingActivities } = (await handleOf(ids[0]!).describe()).raw;
    const pending = JSON.stringify(pendingActivities);
    const waiting = await wholeDatabase();
    mail.behave({});
    await handleOf(ids[0]!).result();
    ids.push(await request());
    await run(ids[1]!);
    mail.behave({ recipient: `550 5.1.1 <${EMAIL}> is unknown` });
    ids.push(await request({ email: 'grace.hopper@example.org' }));
    await run(ids[2]!);

    // What the API logs when the parts that it needs are away.
    const away = connect({ databaseUrl: 'postgres://127.0.0.1:1/none', poolSize: 1 });
    const start = () => Promise.reject(new Error('Temporal is away.'));
    const signUps = { ...api.services.signUps, start };
    const ask = (services: Partial<ApiServices>) =>
      supertest(api.appWith(services)).post('/signup').send({ email: EMAIL });
    await ask({ signUps }).expect(202);
    await ask({ db: away }).expect(503);
    await away.destroy();
    await api.db('signups').whereNull('finished_at').delete();

    const key = keyIn(mail.received[0]);
    const code = codeIn(mail.received[1]);
    expect([key, code]).toEqual([expect.stringMatching(/^uj_live_/), expect.stringMatching(/-/)]);
    const histories = await Promise.all(ids.map((id) => handleOf(id).fetchHistory()));
    const texts = {
      histories: histories.map((history) => JSON.stringify(decoded(history))).join(),
      pending: pending + decodedText(pendingActivities),
      waiting,
      database: await wholeDatabase(),
      logs: JSON.stringify(api.logged),
    };
    for (const [place, text] of Object.entries(texts)) {
      for (const secret of [key, key.slice(8), code, code.replace('-', '')])
        expect([place, text.includes(secret)]).toEqual([place, false]);
    }
    for (const place of ['histories', 'pending', 'logs'] as const)
      expect(texts[place]).not.toMatch(/lovelace|hopper|example\.org/i);
    // It was there to be found: encrypted while it waited, gone since.
    expect(texts.waiting).toMatch(/"sealed_secret":"\\\\x[0-9a-f]{20}/);
    expect(texts.database).not.toMatch(/"sealed_secret":"/);
  });

  async function wholeDatabase(): Promise<string> {
    const { rows } = await api.db.raw<{ rows: { name: string }[] }>(
      `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    const dumps = await Promise.all(
      rows.map(async ({ name }) => {
        const { rows: content } = await api.db.raw<{ rows: { dump: string | null }[] }>(
          `select json_agg(t)::text as dump from ${name} t`,
        );
        return content[0]?.dump ?? '';
      }),
    );
    return dumps.join('\n');
  }

  async function untilAttempts(id: string, attempts: number): Promise<void> {
    await until(
      async () =>
        (await handleOf(id).describe()).raw.pendingActivities?.some(
          ({ activityType, attempt }) => activityType?.name === 'mailSecret' && (attempt ?? 0) >= attempts,
        ) ?? false,
      { deadlineMs: 30_000 },
    );
  }
});

/** Payloads are bytes: as text, so that what is in them is found. */
function decoded(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, decoded(member)]));
}

function decodedText(value: unknown): string {
  return JSON.stringify(decoded(value));
}
