import type { Express } from 'express';
import supertest from 'supertest';
import { placeBefore, pruneTombstones, readJobChanges } from '../../db/jobChanges';
import { deleteJob } from '../../db/jobs';
import { unmergeJob } from '../../db/jobUnmerge';
import { addMillis, DAY_MS } from '../../domain/time';
import { createPostgresIndex } from '../../search/postgres';
import { rebuild } from '../../search/searchIndex';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { canonicalRecord, ingestRows } from '../support/ingest';
import { type ChangeEntry, changesAreFinal, Mirror } from '../support/mirror';

const HOUR_AGO = addMillis(NOW, -3_600_000);
const FIRST = '2013625432109875200';
const SECOND = '2013625432109875201';
const CIPHERTEXT = '~0182ac23b7a32b6e28';
/** More than two hundred characters. */
const TEXT =
  'We run a small hotel by the sea and need a booking page with a calendar, card payments by a provider you know well, ' +
  'confirmation mails in three languages and a simple page for our staff to block rooms. The design is ready in Figma.';
const CLIENT = { country: 'PT', city: 'Faro', contract_date: '2021-04-02T00:00:00.000Z', total_spent: 5400 };

const supertestGet = (app: Express, path: string, secret: string) =>
  supertest(app).get(path).set('X-API-KEY', secret);

const posting = (fields: Record<string, unknown> = {}) =>
  canonicalRecord({
    id: FIRST,
    title: 'Booking page for a hotel',
    description: TEXT,
    buyer: CLIENT,
    posted_on: '2026-01-30T09:00:00.000Z',
    ...fields,
  });

describe('following changes', () => {
  let api: TestApi;
  let key: string;

  beforeEach(async () => {
    api = await createTestApi();
    key = (await api.issueKey({ planId: 'enterprise' })).secret;
  });
  afterEach(() => api.drop());

  const mirrorOf = (secret: string, limit?: number, get = api.get) =>
    new Mirror((path) => get(path, secret), HOUR_AGO, limit);
  const told = async (mirror: Mirror): Promise<ChangeEntry[]> => {
    await changesAreFinal(api.db);
    return await mirror.poll();
  };
  const inShort = (entries: ChangeEntry[]) => entries.map(({ change, id }) => `${change} ${id}`);
  const publish = (records: Record<string, unknown>[], now = NOW) =>
    ingestRows(api.db, records, { now, seenAt: now });

  it('tells of a job that it was created, then updated, then closed, each time as it is', async () => {
    const mirror = mirrorOf(key);
    await publish([posting()]);
    expect(await told(mirror)).toEqual([
      {
        change: 'created',
        id: FIRST,
        changed_at: NOW,
        job: expect.objectContaining({ id: FIRST, title: 'Booking page for a hotel', status: 1 }),
        reason: null,
        replaced_by: null,
      },
    ]);
    const later = addMillis(NOW, 60_000);
    await publish([posting({ title: 'Booking page for two hotels' })], later);
    const [updated] = await told(mirror);
    expect(updated).toMatchObject({
      change: 'updated',
      changed_at: later,
      job: { title: 'Booking page for two hotels' },
    });
    await publish([posting({ title: 'Booking page for two hotels', status: 2 })], addMillis(NOW, 120_000));
    expect(await told(mirror)).toMatchObject([{ change: 'closed', id: FIRST, job: { status: 2 } }]);
    await publish([posting({ title: 'Booking page for three hotels', status: 2 })], addMillis(NOW, 180_000));
    expect(await told(mirror)).toMatchObject([{ change: 'updated', id: FIRST, job: { status: 2 } }]);
  });

  it('tells of a job once, however often it changed, and as created when it is new since', async () => {
    const mirror = mirrorOf(key);
    await publish([posting()]);
    await publish([posting({ title: 'Booking page for two hotels', status: 2 })], addMillis(NOW, 60_000));
    const entries = await told(mirror);
    expect(inShort(entries)).toEqual([`created ${FIRST}`]);
    expect(entries[0]?.job?.title).toBe('Booking page for two hotels');
  });

  it('tells nothing of a posting that repeats what is known, or of columns derived anew', async () => {
    const mirror = mirrorOf(key);
    await publish([posting()]);
    await told(mirror);
    await publish([posting()], addMillis(NOW, 60_000));
    await api.db.raw(`update jobs set buyer_country = null`);
    await rebuild(createPostgresIndex(api.db));
    expect(await told(mirror)).toEqual([]);
  });

  it('tells that a job was deleted, and that it came back', async () => {
    const mirror = mirrorOf(key);
    await publish([posting()]);
    await told(mirror);
    await deleteJob(api.db, FIRST);
    expect(await told(mirror)).toEqual([
      {
        change: 'removed',
        id: FIRST,
        changed_at: expect.any(String),
        job: null,
        reason: 'deleted',
        replaced_by: null,
      },
    ]);
    await publish([posting()]);
    expect(inShort(await told(mirror))).toEqual([`created ${FIRST}`]);
    expect(inShort(await told(mirrorOf(key)))).toEqual([`created ${FIRST}`]);
  });

  it('tells that a job was folded into its repost, and shown again when that closed', async () => {
    const mirror = mirrorOf(key);
    await publish([posting()]);
    await told(mirror);
    await publish([posting({ id: SECOND, posted_on: '2026-01-31T09:00:00.000Z' })]);
    const entries = await told(mirror);
    expect(inShort(entries).sort()).toEqual([`created ${SECOND}`, `removed ${FIRST}`]);
    expect(entries).toContainEqual(
      expect.objectContaining({ id: FIRST, reason: 'folded', replaced_by: SECOND }),
    );

    const closed = posting({ id: SECOND, posted_on: '2026-01-31T09:00:00.000Z', status: 2 });
    await publish([closed], addMillis(NOW, 60_000));
    const back = await told(mirror);
    expect(inShort(back).sort()).toEqual([`created ${FIRST}`, `removed ${SECOND}`]);
    expect(back).toContainEqual(
      expect.objectContaining({ id: SECOND, reason: 'folded', replaced_by: FIRST }),
    );
  });

  it('tells nothing of a repost that never was shown', async () => {
    const mirror = mirrorOf(key);
    const newer = posting({ id: SECOND, posted_on: '2026-01-31T09:00:00.000Z' });
    await publish([newer]);
    await publish([posting()]);
    await publish([posting({ id: '2013625432109875202' }), posting({ id: '2013625432109875203' })]);
    expect(inShort(await told(mirror))).toEqual([`created ${SECOND}`]);
  });

  it('tells that a job was merged into another id, and of both when that was taken back', async () => {
    const mirror = mirrorOf(key);
    await publish([posting({ id: undefined, ciphertext: CIPHERTEXT })]);
    await publish([posting({ buyer: {}, skills: ['Go'] })], addMillis(NOW, 1_000));
    await told(mirror);
    expect([...mirror.jobs.keys()].sort()).toEqual([FIRST, CIPHERTEXT]);

    await publish([posting({ ciphertext: CIPHERTEXT })], addMillis(NOW, 60_000));
    const entries = await told(mirror);
    expect(inShort(entries).sort()).toEqual([`removed ${FIRST}`, `updated ${CIPHERTEXT}`]);
    expect(entries).toContainEqual(
      expect.objectContaining({ id: FIRST, reason: 'merged', replaced_by: CIPHERTEXT }),
    );

    await unmergeJob(api.db, FIRST, addMillis(NOW, 120_000));
    expect(inShort(await told(mirror)).sort()).toEqual([`created ${FIRST}`, `updated ${CIPHERTEXT}`]);
  });

  it('gives pages of the size asked for, and goes on where they end', async () => {
    for (let number = 0; number < 7; number += 1) await api.saveJob({ id: `job-${number}` });
    await changesAreFinal(api.db);
    const sizes: number[] = [];
    const get = (path: string, secret?: string) => {
      const request = api.get(path, secret);
      void request.on('response', (response: supertest.Response) => sizes.push(response.body.count));
      return request;
    };
    expect(inShort(await told(mirrorOf(key, 3, get)))).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((number) => `created job-${number}`),
    );
    expect(sizes).toEqual([3, 3, 1]);
  });

  it('takes a page above the largest as the largest, and says so', async () => {
    const { body } = await api.get(`/jobs/changes?since=-1h&limit=500`, key).expect(200);
    expect(body).toMatchObject({ success: true, data: [], count: 0, has_more: false });
    expect(body.warnings).toEqual([expect.stringContaining('limit 500')]);
  });

  it('takes a time to come for now, and gives a cursor to go on with', async () => {
    const { body } = await api.get('/jobs/changes?since=2999-01-01', key).expect(200);
    await api.saveJob({ id: 'job' });
    await changesAreFinal(api.db);
    const next = await api.get(`/jobs/changes?since=${body.next_cursor}`, key).expect(200);
    expect(inShort(next.body.data)).toEqual(['created job']);
  });

  it('answers an idle mirror 304, and renews its cursor after an hour', async () => {
    await api.saveJob({ id: 'job' });
    const mirror = mirrorOf(key);
    await told(mirror);
    const idle = await api.get('/jobs/changes?since=-1h', key).expect(200);
    const path = `/jobs/changes?since=${idle.body.next_cursor}`;
    const first = await api.get(path, key).expect(200);
    expect(first.body).toMatchObject({ data: [], next_cursor: idle.body.next_cursor });
    await api.get(path, key).set('If-None-Match', first.headers['etag']!).expect(304);

    const later = api.appWith({ now: () => addMillis(NOW, 2 * 3_600_000) });
    const renewed = await supertestGet(later, path, key).expect(200);
    expect(renewed.body.next_cursor).not.toBe(idle.body.next_cursor);
    expect(renewed.body.data).toEqual([]);
  });

  it('begins at a time without what was told before, and with all that came after', async () => {
    await api.saveJob({ id: 'before' });
    await changesAreFinal(api.db);
    // Minutes pass.
    await api.db.raw(`update job_change_clock set read_at = read_at - interval '10 minutes'`);
    await api.saveJob({ id: 'after' });
    await changesAreFinal(api.db);
    const idsSince = async (minutes: number) => {
      const after = await placeBefore(api.db, new Date(Date.now() + minutes * 60_000).toISOString());
      const scope = { postedSince: null, samples: 'included' } as const;
      const { changes } = await readJobChanges(api.db, { after, scope, limit: 10 });
      return changes.map(({ id }) => id);
    };
    expect(await idsSince(2)).toEqual(['after']);
    expect(await idsSince(-5)).toEqual(['before', 'after']);
    expect(await idsSince(-60)).toEqual(['before', 'after']);
  });

  describe('of what a key may not read', () => {
    it('tells nothing: neither jobs outside the window nor their removal', async () => {
      const starter = mirrorOf((await api.issueKey()).secret);
      await api.saveJob({ id: 'inside', postedOn: addMillis(NOW, -6 * DAY_MS) });
      await api.saveJob({ id: 'outside', postedOn: addMillis(NOW, -8 * DAY_MS) });
      expect(inShort(await told(starter))).toEqual(['created inside']);
      await deleteJob(api.db, 'inside');
      await deleteJob(api.db, 'outside');
      expect(inShort(await told(starter))).toEqual(['removed inside']);
    });

    it('does not tell that a job has grown too old for the plan', async () => {
      const { secret } = await api.issueKey();
      const starter = mirrorOf(secret);
      await api.saveJob({ id: 'ageing', postedOn: addMillis(NOW, -7 * DAY_MS + 1_000) });
      expect(inShort(await told(starter))).toEqual(['created ageing']);
      const tomorrow = api.appWith({ now: () => addMillis(NOW, DAY_MS) });
      const path = `/jobs/changes?since=${encodeURIComponent(NOW)}`;
      expect((await supertestGet(tomorrow, path, secret).expect(200)).body.data).toEqual([]);
    });

    it('tells that a correction of its time has moved a job out of the window, where it has', async () => {
      const { secret } = await api.issueKey();
      const [starter, enterprise] = [mirrorOf(secret), mirrorOf(key)];
      await publish([posting({ posted_on: addMillis(NOW, -5 * DAY_MS) })]);
      await told(starter);
      await told(enterprise);
      await publish([posting({ posted_on: addMillis(NOW, -9 * DAY_MS) })], addMillis(NOW, 60_000));
      expect(await told(starter)).toMatchObject([{ change: 'removed', id: FIRST, reason: 'out_of_scope' }]);
      expect(inShort(await told(enterprise))).toEqual([`updated ${FIRST}`]);
    });

    it('tells test keys of samples alone, until one turns out to be real', async () => {
      const test = mirrorOf((await api.issueKey({ kind: 'test' })).secret);
      const live = mirrorOf(key);
      await ingestRows(api.db, [posting()], { sourceId: 'samples', isSample: true, now: NOW, seenAt: NOW });
      expect(inShort(await told(test))).toEqual([`created ${FIRST}`]);
      expect(await told(live)).toEqual([]);
      await publish([posting()], addMillis(NOW, 60_000));
      expect(await told(test)).toMatchObject([{ change: 'removed', id: FIRST, reason: 'out_of_scope' }]);
      expect(inShort(await told(live))).toEqual([`created ${FIRST}`]);
    });

    it('names no job that answers for a removed one when the key may not read it', async () => {
      const { secret } = await api.issueKey();
      const starter = mirrorOf(secret);
      const shown = await api.saveJob({ id: 'shown', postedOn: addMillis(NOW, -9 * DAY_MS) });
      await api.saveJob({ id: 'hidden' });
      await told(starter);
      await api.db('jobs').where({ id: 'hidden' }).update({ duplicate_of: shown.id, version: 2 });
      expect(await told(starter)).toMatchObject([
        { change: 'removed', id: 'hidden', reason: 'folded', replaced_by: null },
      ]);
    });

    it('refuses a key without the scope jobs:read', async () => {
      const { secret } = await api.issueKey({ scopes: ['account:read'] });
      const { body } = await api.get('/jobs/changes?since=-1h', secret).expect(403);
      expect(body).toMatchObject({ code: 'insufficient_scope' });
    });
  });

  it('forgets removals a day after nobody can ask for them any more', async () => {
    await api.saveJob({ id: 'one' });
    await api.saveJob({ id: 'two' });
    await deleteJob(api.db, 'one');
    await deleteJob(api.db, 'two');
    const at = new Date().toISOString();
    await api.db.raw(`update job_removals set removed_at = :old where job_id = 'one'`, {
      old: addMillis(at, -91 * DAY_MS - 60_000),
    });
    await api.db.raw(`update job_removals set removed_at = :kept where job_id = 'two'`, {
      kept: addMillis(at, -91 * DAY_MS + 60_000),
    });
    const readings = [-200, -100, -50].map((days) => ({
      read_at: addMillis(at, days * DAY_MS),
      oldest_transaction: '3',
    }));
    await api.db('job_change_clock').insert(readings);
    expect(await pruneTombstones(api.db, addMillis(at, -90 * DAY_MS))).toBe(1);
    expect(await api.db('job_removals').pluck('job_id')).toEqual(['two']);
    const kept: string[] = await api.db('job_change_clock').orderBy('read_at').limit(2).pluck('read_at');
    expect(kept).toEqual([readings[1]!.read_at, readings[2]!.read_at]);
    expect(await pruneTombstones(api.db, addMillis(at, -90 * DAY_MS))).toBe(0);
  });
});

describe('refusals of a request for changes', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey()).secret;
  });
  afterAll(() => api.drop());

  const faultsOf = async (query: string) => {
    const { body } = await api.get(`/jobs/changes${query}`, key).expect(400);
    return body.errors as { parameter: string; message: string; did_you_mean: string | null }[];
  };

  it('asks for since, and says what it is', async () => {
    expect(await faultsOf('')).toMatchObject([
      { parameter: 'since', message: expect.stringContaining('missing') },
    ]);
  });

  it('names every fault at once', async () => {
    const faults = await faultsOf('?since=yesterday&limit=0&sinze=1&fields=id');
    expect(faults.map(({ parameter }) => parameter).sort()).toEqual(['fields', 'limit', 'since', 'sinze']);
    expect(faults).toContainEqual(expect.objectContaining({ parameter: 'sinze', did_you_mean: 'since' }));
  });

  it.each(['c-1-2', 'c-1-2-x', 'c-99999999999999999999-1-1', 'eyJzb3J0IjoiIn0', '2026-02-31'])(
    'refuses the cursor %j, which is not ours',
    async (since) => {
      expect(await faultsOf(`?since=${encodeURIComponent(since)}`)).toMatchObject([{ parameter: 'since' }]);
    },
  );

  it.each(['-91d', addMillis(NOW, -90 * DAY_MS - 1), `c-1-1-${Date.parse(NOW) - 90 * DAY_MS - 1}`])(
    'refuses %s, of which removals are not known any more, and says how to start afresh',
    async (since) => {
      const [fault] = await faultsOf(`?since=${encodeURIComponent(since)}`);
      expect(fault).toMatchObject({ parameter: 'since', message: expect.stringContaining('90 days') });
      expect(fault!.message).toContain('GET /jobs?sort=ingested_asc');
    },
  );

  it('takes a time and a cursor of just 90 days ago', async () => {
    for (const since of ['-90d', `c-1-1-${Date.parse(NOW) - 90 * DAY_MS}`]) {
      await api.get(`/jobs/changes?since=${since}`, key).expect(200);
    }
  });

  it('refuses a cursor of a database that was replaced by an older one', async () => {
    const [fault] = await faultsOf(`?since=c-9999999999999999999-0-${Date.parse(NOW)}`);
    expect(fault).toMatchObject({ parameter: 'since', message: expect.stringContaining('Start afresh') });
  });
});
