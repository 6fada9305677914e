import fc from 'fast-check';
import { createListener, type Listener } from '../../db/listener';
import { JOBS_CHANGED } from '../../db/notifications';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { arbitraryJobs } from '../support/generators';
import { storeJobs } from '../support/jobs';
import { startDatabaseProxy } from '../support/databaseProxy';
import { until } from '../support/until';

describe('listening to Postgres', () => {
  let database: TestDatabase;
  let listeners: Listener[];

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => (listeners = []));
  afterEach(() => Promise.all(listeners.map((listener) => listener.close())));

  /** A listener on the channel, with what it was told. */
  async function listenTo(
    channel: string,
    { databaseUrl = database.databaseUrl, applicationName = 'ear' } = {},
  ) {
    const told = { messages: [] as string[], gaps: 0, warnings: [] as string[] };
    const listener = createListener({
      databaseUrl,
      applicationName,
      onWarning: (error) => told.warnings.push(String(error)),
    });
    listeners.push(listener);
    listener.subscribe(channel, {
      onMessage: (payload) => told.messages.push(payload),
      onGap: () => (told.gaps += 1),
    });
    listener.start();
    await until(() => listener.isCurrent());
    return { listener, told };
  }

  const say = (channel: string, message: string) =>
    database.db.raw(`select pg_notify(?, ?)`, [channel, message]);
  const killConnectionOf = (applicationName: string) =>
    database.db.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = ? and datname = current_database()`,
      [applicationName],
    );

  it('hears what its channel is told, in order, and no other channel', async () => {
    const { told } = await listenTo('Ears "1"');
    await say('other', 'not for us');
    await say('Ears "1"', 'first');
    await say('Ears "1"', 'second');
    await until(() => told.messages.length === 2);
    expect(told).toEqual({ messages: ['first', 'second'], gaps: 0, warnings: [] });
  });

  it('tells of the gap when its connection is ended, is not current meanwhile, and hears again on a new one', async () => {
    const { listener, told } = await listenTo('ears', { applicationName: 'ended ear' });
    await killConnectionOf('ended ear');
    await until(() => told.gaps === 1);
    expect(listener.isCurrent()).toBe(false);
    await until(() => listener.isCurrent());
    await say('ears', 'back');
    await until(() => told.messages.includes('back'));
    expect(told.warnings).toHaveLength(1);
  });

  it('is not current a second after its connection went silent, and gives it up for a new one', async () => {
    const proxy = await startDatabaseProxy(database.databaseUrl);
    const { listener, told } = await listenTo('ears', { databaseUrl: proxy.databaseUrl });
    proxy.holdBack();
    const silentForMs = await until(() => !listener.isCurrent());
    expect(silentForMs).toBeLessThan(1_500);
    await until(() => told.gaps >= 1);
    await until(() => listener.isCurrent());
    await proxy.close();
  });

  it('takes no subscriber once it has started, nor a second one of a channel', async () => {
    const { listener } = await listenTo('ears');
    const subscriber = { onMessage: () => undefined, onGap: () => undefined };
    expect(() => listener.subscribe('more', subscriber)).toThrow('too late');
  });

  it('closes while there is no Postgres to be had', async () => {
    const listener = createListener({ databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
    listener.start();
    await listener.close();
    expect(listener.isCurrent()).toBe(false);
  });

  it('hears once of a transaction that writes jobs and what they are known by, when it commits', async () => {
    const { told } = await listenTo(JOBS_CHANGED);
    const [job] = fc.sample(arbitraryJobs(3), { numRuns: 20, seed: 1 }).flat();
    await database.db.transaction(async (transaction) => {
      await storeJobs(transaction, [
        { ...job!, id: 'a' },
        { ...job!, id: 'b' },
      ]);
      await transaction('job_identities').insert({ kind: 'uid', value: '1', job_id: 'a' });
      await transaction('jobs').where({ id: 'a' }).update({ status: 2 });
    });
    await database.db('job_identities').delete();
    await database.db('jobs').delete();
    await say(JOBS_CHANGED, 'end');
    await until(() => told.messages.includes('end'));
    expect(told.messages).toEqual(['', '', '', 'end']);
  });
});
