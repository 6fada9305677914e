import supertest from 'supertest';
import { createStatusReader } from '../../api/serviceStatus';
import { connect } from '../../db/connection';
import { markIndexed } from '../../db/jobIndexState';
import { noteProbe } from '../../db/probeMinutes';
import { addMillis, DAY_MS, HOUR_MS, MINUTE_MS, type Timestamp } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { startDatabaseProxy } from '../support/databaseProxy';

const at = (ms: number): Timestamp => addMillis(NOW, ms);

describe('GET /status', () => {
  let api: TestApi;
  let now: Timestamp;
  let get: (path?: string) => supertest.Test;

  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());
  beforeEach(async () => {
    await api.db.raw('truncate jobs, probe_minutes cascade');
    now = NOW;
    get = startProcess();
  });

  /** What a process of its own answers, which remembers nothing of others. */
  function startProcess() {
    const readStatus = createStatusReader({ db: api.db, now: () => now });
    const app = api.appWith({ readStatus, now: () => now });
    return (path = '/status') => supertest(app).get(path);
  }

  const status = async () => (await get().expect(200)).body.data;

  /** Every minute of the span has a good probe. */
  const probeAll = (from: Timestamp, until: Timestamp) =>
    api.db.raw(
      `insert into probe_minutes select minute, true
       from generate_series(cast(:from as timestamptz), cast(:until as timestamptz), interval '1 minute') as minute
       where minute < :until`,
      { from, until },
    );

  it('answers without a key, at the root and under /v1, in the envelope', async () => {
    const { body, headers } = await get().expect(200);
    expect(body).toMatchObject({ success: true, count: 1, last_updated: NOW });
    expect(body.request_id).toBe(headers['x-request-id']);
    expect((await get('/v1/status').expect(200)).body.data).toEqual(body.data);
  });

  it('makes up nothing where nothing is stored', async () => {
    const unknown = { share: null, minutes: 0, good_minutes: 0, meets_target: null, since: null };
    const { jobs_per_day: days, ...others } = await status();
    expect(others).toEqual({
      measured_at: NOW,
      uptime: { target: 0.999, last_24h: unknown, last_30d: unknown, last_90d: unknown },
      freshness: {
        n: 0,
        p50_seconds: null,
        p95_seconds: null,
        share_within_15_min: null,
        share_within_30_min: null,
      },
      accuracy: { target: 0.995, share: null, n: 0 },
    });
    expect(days).toHaveLength(30);
    expect(days.every(({ jobs }: { jobs: number }) => jobs === 0)).toBe(true);
  });

  it('refuses parameters', async () => {
    await get('/status?days=7').expect(400);
  });

  describe('of uptime', () => {
    it('takes a minute that was probed in vain for down, and one that nobody probed', async () => {
      await probeAll(at(-100 * DAY_MS), NOW);
      await api
        .db('probe_minutes')
        .where({ minute: at(-HOUR_MS) })
        .update({ is_good: false });
      await api
        .db('probe_minutes')
        .where({ minute: at(-2 * HOUR_MS) })
        .delete();
      await api
        .db('probe_minutes')
        .where({ minute: at(-2 * DAY_MS) })
        .delete();
      const { uptime } = await status();
      expect(uptime).toEqual({
        target: 0.999,
        last_24h: {
          share: 0.99861,
          minutes: 1_440,
          good_minutes: 1_438,
          meets_target: false,
          since: at(-DAY_MS),
        },
        last_30d: {
          share: 0.99993,
          minutes: 43_200,
          good_minutes: 43_197,
          meets_target: true,
          since: at(-30 * DAY_MS),
        },
        last_90d: {
          share: 0.99997,
          minutes: 129_600,
          good_minutes: 129_597,
          meets_target: true,
          since: at(-90 * DAY_MS),
        },
      });
    });

    it('says since when it counts where the first probe came later, and takes no minute before for down', async () => {
      await probeAll(at(-2 * HOUR_MS), NOW);
      const { uptime } = await status();
      const all = {
        share: 1,
        minutes: 120,
        good_minutes: 120,
        meets_target: true,
        since: at(-2 * HOUR_MS),
      };
      expect(uptime).toMatchObject({ last_24h: all, last_30d: all, last_90d: all });
    });

    it('counts the minutes since the last probe as down', async () => {
      await probeAll(at(-20 * MINUTE_MS), at(-10 * MINUTE_MS));
      const { uptime } = await status();
      expect(uptime.last_24h).toMatchObject({ share: 0.5, minutes: 20, good_minutes: 10 });
    });
  });

  describe('of a minute', () => {
    const minutes = () => api.db('probe_minutes').select('minute', 'is_good').orderBy('minute');

    it('holds it good when any process found it so, in whatever order they say it', async () => {
      await noteProbe(api.db, { minute: at(0), isGood: false });
      await noteProbe(api.db, { minute: at(0), isGood: true });
      await noteProbe(api.db, { minute: at(MINUTE_MS), isGood: true });
      await noteProbe(api.db, { minute: at(MINUTE_MS), isGood: false });
      await noteProbe(api.db, { minute: at(2 * MINUTE_MS), isGood: false });
      expect(await minutes()).toEqual([
        { minute: at(0), is_good: true },
        { minute: at(MINUTE_MS), is_good: true },
        { minute: at(2 * MINUTE_MS), is_good: false },
      ]);
    });

    it('is one fact when several processes say it at once', async () => {
      await Promise.all(
        Array.from({ length: 8 }, (_, process) =>
          noteProbe(api.db, { minute: NOW, isGood: process % 2 === 0 }),
        ),
      );
      expect(await minutes()).toEqual([{ minute: NOW, is_good: true }]);
    });

    it('forgets it after a hundred days, but never the first', async () => {
      const [first, old, recent] = [at(-120 * DAY_MS), at(-101 * DAY_MS), at(-99 * DAY_MS)];
      for (const minute of [first, old, recent, NOW]) await noteProbe(api.db, { minute, isGood: true });
      expect((await minutes()).map(({ minute }) => minute)).toEqual([first, recent, NOW]);
    });
  });

  describe('of freshness', () => {
    /** A job that was posted so long before it was first seen, and could be found so long after it was posted. */
    async function saveJob(
      id: string,
      {
        seenAt,
        seenAfterMs,
        foundAfterMs,
        ...job
      }: { seenAt: Timestamp; seenAfterMs: number } & {
        foundAfterMs?: number;
        isSample?: boolean;
      },
    ) {
      const postedOn = addMillis(seenAt, -seenAfterMs);
      await api.saveJob({ id, postedOn, firstSeenAt: seenAt, ...job });
      if (foundAfterMs !== undefined)
        await markIndexed(api.db, [{ id, version: 1 }], addMillis(postedOn, foundAfterMs));
    }
    const recent = { seenAt: at(-HOUR_MS), seenAfterMs: 2 * MINUTE_MS };

    it('tells the same as counting one by one', async () => {
      const seconds = Array.from({ length: 57 }, (_, n) => 60 + ((n * 7_919) % 2_400));
      for (const [n, each] of seconds.entries())
        await saveJob(`job-${n}`, { ...recent, seenAfterMs: 30_000, foundAfterMs: each * 1_000 });
      const sorted = seconds.toSorted((one, other) => one - other);
      const within = (limit: number) =>
        Math.floor((100_000 * seconds.filter((each) => each <= limit).length) / 57) / 100_000;
      expect((await status()).freshness).toEqual({
        n: 57,
        p50_seconds: sorted[Math.ceil(0.5 * 57) - 1],
        p95_seconds: sorted[Math.ceil(0.95 * 57) - 1],
        share_within_15_min: within(900),
        share_within_30_min: within(1_800),
      });
    });

    it('leaves out samples, folded jobs, jobs seen earlier, and those that were fetched more than a day late', async () => {
      await saveJob('counted', { ...recent, foundAfterMs: 3 * MINUTE_MS });
      await saveJob('sample', { ...recent, foundAfterMs: HOUR_MS, isSample: true });
      await saveJob('folded', { ...recent, foundAfterMs: HOUR_MS });
      await api.db('jobs').where({ id: 'folded' }).update({ duplicate_of: 'counted' });
      await saveJob('earlier', { ...recent, seenAt: at(-25 * HOUR_MS), foundAfterMs: HOUR_MS });
      await saveJob('late', { ...recent, seenAfterMs: 25 * HOUR_MS, foundAfterMs: 26 * HOUR_MS });
      expect((await status()).freshness).toMatchObject({ n: 1, p50_seconds: 180, p95_seconds: 180 });
    });

    it('is about the first version of a job, however often it changes later', async () => {
      await saveJob('job', { ...recent, foundAfterMs: 3 * MINUTE_MS });
      for (const version of [2, 3])
        await markIndexed(api.db, [{ id: 'job', version }], at(-version * MINUTE_MS));
      expect((await status()).freshness).toMatchObject({ n: 1, p50_seconds: 180 });
    });

    it('counts what cannot be found yet with the time that has passed', async () => {
      await saveJob('stuck', recent);
      expect((await status()).freshness).toEqual({
        n: 1,
        p50_seconds: 62 * 60,
        p95_seconds: 62 * 60,
        share_within_15_min: 0,
        share_within_30_min: 0,
      });
    });

    it('is never below nothing, whatever the clock of the source', async () => {
      await saveJob('ahead', { ...recent, seenAfterMs: -10 * MINUTE_MS, foundAfterMs: -9 * MINUTE_MS });
      expect((await status()).freshness).toMatchObject({ p50_seconds: 0, share_within_15_min: 1 });
    });
  });

  it('counts jobs by the day in UTC on which they were first seen, without samples and folded ones', async () => {
    const seen = {
      a: '2026-01-03T00:00:00.000Z',
      b: '2026-01-02T23:59:59.999Z',
      c: '2026-01-31T23:59:59.999Z',
      d: '2026-02-01T00:00:00.000Z',
      e: '2026-02-01T11:00:00.000Z',
      sample: '2026-02-01T11:00:00.000Z',
      folded: '2026-02-01T11:00:00.000Z',
    };
    for (const [id, firstSeenAt] of Object.entries(seen))
      await api.saveJob({ id, firstSeenAt, isSample: id === 'sample' });
    await api.db('jobs').where({ id: 'folded' }).update({ duplicate_of: 'a' });
    const days = (await status()).jobs_per_day as { day: string; jobs: number }[];
    expect(days.filter(({ jobs }) => jobs > 0)).toEqual([
      { day: '2026-01-03', jobs: 1 },
      { day: '2026-01-31', jobs: 1 },
      { day: '2026-02-01', jobs: 2 },
    ]);
  });

  it('is measured once a minute, however many ask, and is a 304 for who has it', async () => {
    let statements = 0;
    const count = () => (statements += 1);
    const readStatus = createStatusReader({ db: api.db, now: () => now });
    api.db.on('query', count);
    await Promise.all(Array.from({ length: 20 }, readStatus));
    const once = statements;
    now = at(MINUTE_MS);
    await readStatus();
    expect(statements).toBe(once);
    now = at(MINUTE_MS + 1);
    expect((await readStatus()).measuredAt).toBe(now);
    api.db.removeListener('query', count);
    expect(statements).toBe(2 * once);

    const etag = (await get().expect(200)).headers.etag as string;
    await get().set('If-None-Match', etag).expect(304);
  });

  it('answers 503 while Postgres is away, and is back with it', async () => {
    const proxy = await startDatabaseProxy(api.databaseUrl);
    const db = connect({ databaseUrl: proxy.databaseUrl });
    const app = api.appWith({ readStatus: createStatusReader({ db, now: () => now }) });
    proxy.take(false);
    const { body } = await supertest(app).get('/status').expect(503);
    expect(body).toMatchObject({ success: false, code: 'unavailable' });
    proxy.take(true);
    await supertest(app).get('/status').expect(200);
    await db.destroy();
    await proxy.close();
  });
});
