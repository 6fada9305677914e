import { addMillis, DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type KeyHolder, keyHolder } from '../support/keys';
import { askWebhooks, type DeliveryTerms, insertDelivery } from '../support/webhookCalls';

const ATTEMPT = { at: NOW, status_code: 500, duration_ms: 12, answer: 'no', error: 'status 500' };

describe('webhook deliveries', () => {
  let api: TestApi;
  let holder: KeyHolder;
  let endpointId: string;
  let woken: string[];
  let app: TestApi['app'];

  beforeAll(async () => {
    api = await createTestApi();
    app = api.appWith({
      webhooks: {
        ...api.services.webhooks,
        wake: (id) => {
          woken.push(id);
          return Promise.resolve();
        },
      },
    });
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'business');
    endpointId = await makeEndpoint();
    woken = [];
  });
  afterAll(() => api.drop());

  const makeEndpoint = async () =>
    (
      await askWebhooks(api, holder, 'post', '/endpoints', {
        body: { url: 'https://hooks.example.com/', events: ['job.matched'] },
      }).expect(201)
    ).body.data.id as string;
  const insert = (terms: Partial<DeliveryTerms> = {}, endpoint = endpointId) =>
    insertDelivery(api, { accountId: holder.accountId, endpointId: endpoint }, terms);
  const list = async (query = '') =>
    (await askWebhooks(api, holder, 'get', `/endpoints/${endpointId}/deliveries${query}`).expect(200)).body;
  const read = async (id: string) =>
    (await askWebhooks(api, holder, 'get', `/deliveries/${id}`).expect(200)).body.data;
  const row = async (id: string) => await api.db('webhook_deliveries').where({ id }).first();
  const post = (path: string, body?: object, headers = {}) =>
    askWebhooks(api, holder, 'post', path, { app, body, headers });
  const idsOf = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);

  describe('in the log', () => {
    it('stand with every attempt, the newest first, page by page', async () => {
      const made: string[] = [];
      for (let n = 0; n < 5; n += 1) made.unshift((await insert()).id);
      await insert({}, await makeEndpoint());
      const first = await list('?limit=2');
      const second = await list(`?limit=2&cursor=${first.next_cursor}`);
      const third = await list(`?limit=2&cursor=${second.next_cursor}`);
      expect([first, second, third].flatMap(idsOf)).toEqual(made);
      expect(third).toMatchObject({ count: 1, next_cursor: null });
      expect(idsOf(await list())).toEqual(made);
    });

    it('are chosen by how they stand', async () => {
      const pending = await insert();
      const failed = await insert({ status: 'failed', attempts: [ATTEMPT] });
      const expired = await insert({ status: 'expired', payload: null });
      await insert({ status: 'delivered' });
      expect(idsOf(await list('?status=failed,expired'))).toEqual([expired.id, failed.id]);
      expect(idsOf(await list('?status=pending'))).toEqual([pending.id]);
      expect((await list('?status=FAILED')).data).toMatchObject([{ attempts: [ATTEMPT], status: 'failed' }]);
    });

    it('show the job and the searches that it matched', async () => {
      const dueAt = addMillis(NOW, 5_000);
      const { id, eventId } = await insert({ dueAt, attempts: [ATTEMPT], tries: 1 });
      expect(await read(id)).toEqual({
        id,
        endpoint_id: endpointId,
        event_id: eventId,
        event_type: 'job.matched',
        job_id: 'job-1',
        replayed: false,
        status: 'pending',
        created_at: NOW,
        next_attempt_at: dueAt,
        finished_at: null,
        attempts: [ATTEMPT],
        event: {
          id: eventId,
          type: 'job.matched',
          created_at: NOW,
          data: { job: { id: 'job-1', title: 'A job' }, saved_searches: [{ id: 'search-1', name: 'mine' }] },
        },
      });
    });

    it('show what is about no job, and what was replayed, as they are sent', async () => {
      const usage = await insert({
        type: 'usage.threshold',
        jobId: null,
        payload: { threshold_percent: 50 },
        details: {},
      });
      expect((await read(usage.id)).event).toMatchObject({ data: { threshold_percent: 50 } });
      const again = await insert({ details: { saved_searches: [], replayed: true } });
      expect(await read(again.id)).toMatchObject({
        replayed: true,
        event: { replayed: true, data: { job: { id: 'job-1' }, saved_searches: [] } },
      });
    });

    it('say that what they told is not kept any more', async () => {
      const { id } = await insert({ status: 'expired', payload: null });
      expect(await read(id)).toMatchObject({ status: 'expired', event: null });
    });

    it('are open to keys that read the account', async () => {
      const { id } = await insert();
      const reader = await api.issueKey({ accountId: holder.accountId, scopes: ['account:read'] });
      await askWebhooks(api, reader, 'get', `/endpoints/${endpointId}/deliveries`).expect(200);
      await askWebhooks(api, reader, 'get', `/deliveries/${id}`).expect(200);
    });

    it('are taken out by their account', async () => {
      const [gone, kept] = [await insert(), await insert()];
      await askWebhooks(api, holder, 'delete', `/deliveries/${gone.id}`).expect(200);
      await askWebhooks(api, holder, 'delete', `/deliveries/${gone.id}`).expect(404);
      expect(idsOf(await list())).toEqual([kept.id]);
    });
  });

  describe('sent again', () => {
    it.each(['failed', 'delivered', 'expired'])('are on their way under the same id: %s', async (status) => {
      const { id, eventId } = await insert({ status, attempts: [ATTEMPT], tries: 8 });
      const { body } = await post(`/deliveries/${id}/resend`).expect(202);
      expect(body.data).toMatchObject({
        id,
        event_id: eventId,
        status: 'pending',
        next_attempt_at: NOW,
        finished_at: null,
        attempts: [ATTEMPT],
      });
      expect(await row(id)).toMatchObject({ tries: 0, due_at: NOW, event_id: eventId });
      expect(woken).toEqual([endpointId]);
    });

    it('are sent at once when they wait for a retry, which counts as before', async () => {
      const { id } = await insert({ dueAt: addMillis(NOW, HOUR_MS), tries: 3 });
      await post(`/deliveries/${id}/resend`).expect(202);
      expect(await row(id)).toMatchObject({ status: 'pending', due_at: NOW, tries: 3 });
      const due = addMillis(NOW, -MINUTE_MS);
      const overdue = await insert({ dueAt: due });
      await post(`/deliveries/${overdue.id}/resend`).expect(202);
      expect(await row(overdue.id)).toMatchObject({ due_at: due });
    });

    it('are sent again once under an Idempotency-Key', async () => {
      const { id } = await insert({ status: 'failed' });
      const headers = { 'Idempotency-Key': 'once' };
      const first = await post(`/deliveries/${id}/resend`, undefined, headers).expect(202);
      await api.db('webhook_deliveries').where({ id }).update({ status: 'delivered', due_at: null });
      const second = await post(`/deliveries/${id}/resend`, undefined, headers).expect(202);
      expect(second.body.data).toEqual(first.body.data);
      expect(second.headers['idempotent-replayed']).toBe('true');
      expect(await row(id)).toMatchObject({ status: 'delivered' });
      expect(woken).toEqual([endpointId]);
    });
  });

  describe('recovered', () => {
    const hoursAgo = (hours: number) => addMillis(NOW, -hours * HOUR_MS);

    it('are all that failed since, in their order, and nothing else', async () => {
      const old = await insert({ status: 'failed', createdAt: hoursAgo(9) });
      const failed = [
        await insert({ status: 'failed', createdAt: hoursAgo(8), tries: 8, attempts: [ATTEMPT] }),
        await insert({ status: 'failed', createdAt: hoursAgo(2) }),
      ];
      const others = [
        await insert({ status: 'delivered', createdAt: hoursAgo(3) }),
        await insert({ status: 'failed', createdAt: hoursAgo(3), payload: null }),
        await insert({ status: 'expired', createdAt: hoursAgo(3), payload: null }),
        await insert({ status: 'failed', createdAt: hoursAgo(3) }, await makeEndpoint()),
        old,
      ];
      const { body } = await post(`/endpoints/${endpointId}/recover`, { since: hoursAgo(8) }).expect(202);
      expect(body.data).toEqual({ endpoint_id: endpointId, since: hoursAgo(8), recovered: 2 });
      for (const { id, eventId } of failed) {
        expect(await row(id)).toMatchObject({
          status: 'pending',
          due_at: NOW,
          tries: 0,
          finished_at: null,
          event_id: eventId,
        });
      }
      for (const { id, status } of others) expect(await row(id)).toMatchObject({ status, due_at: null });
      const queue = await api
        .db('webhook_deliveries')
        .where({ endpoint_id: endpointId, status: 'pending' })
        .orderBy(['due_at', 'sequence'])
        .pluck('id');
      expect(queue).toEqual(failed.map(({ id }) => id));
      expect(woken).toEqual([endpointId]);
    });

    it('are recovered once under an Idempotency-Key', async () => {
      await insert({ status: 'failed', createdAt: hoursAgo(1) });
      const recover = () =>
        post(`/endpoints/${endpointId}/recover`, { since: hoursAgo(2) }, { 'Idempotency-Key': 'r' }).expect(
          202,
        );
      const [first, second] = [await recover(), await recover()];
      expect(first.body.data).toMatchObject({ recovered: 1 });
      expect(second.body.data).toEqual(first.body.data);
    });

    it('take a time with any zone', async () => {
      const since = '2026-02-01T12:30:00+01:00';
      const { body } = await post(`/endpoints/${endpointId}/recover`, { since }).expect(202);
      expect(body.data).toMatchObject({ since: '2026-02-01T11:30:00.000Z', recovered: 0 });
    });
  });

  describe('replayed', () => {
    const from = addMillis(NOW, -DAY_MS);
    const searches = [{ id: 'search-1', name: 'mine' }];
    const tell = async (jobId: string, matchedAt = addMillis(NOW, -HOUR_MS), endpoint = endpointId) => {
      await api.db('webhook_told_jobs').insert({
        job_id: jobId,
        endpoint_id: endpoint,
        account_id: holder.accountId,
        posted_on: matchedAt,
        matched_at: matchedAt,
        saved_searches: JSON.stringify(searches),
      });
    };
    const replay = (body: object = { from, to: NOW }, headers = {}) =>
      post(`/endpoints/${endpointId}/replay`, body, headers);
    const queue = async () =>
      await api
        .db('webhook_deliveries as d')
        .join('webhook_payloads as p', 'p.id', 'd.payload_id')
        .where({ endpoint_id: endpointId })
        .orderBy('sequence')
        .select('d.*', 'p.body', 'p.job_version', 'p.job_id as payload_job_id');
    let run = 0;
    let name: (id: string) => string;
    beforeEach(() => {
      run += 1;
      name = (id) => `run-${run}-${id}`;
    });

    it('are the jobs of the span as they are now, in the order of then, under new ids', async () => {
      for (const [id, hours] of [
        ['a', 1],
        ['b', 3],
        ['c', 2],
      ] as const) {
        await api.saveJob({ id: name(id), title: `Now ${id}`, version: 4 });
        await tell(name(id), addMillis(NOW, -hours * HOUR_MS));
      }
      const { body } = await replay().expect(202);
      expect(body.data).toEqual({ endpoint_id: endpointId, from, to: NOW, replayed: 3 });
      const rows = await queue();
      expect(rows.map(({ job_id }) => job_id)).toEqual(['b', 'c', 'a'].map(name));
      for (const each of rows) {
        expect(each).toMatchObject({
          type: 'job.matched',
          status: 'pending',
          due_at: NOW,
          created_at: NOW,
          details: { saved_searches: searches, replayed: true },
          account_id: holder.accountId,
          event_id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
          job_version: 4,
        });
        expect(JSON.parse(each.body)).toMatchObject({
          id: each.job_id,
          title: `Now ${each.job_id.at(-1)}`,
        });
        expect(each.payload_job_id).toBe(each.job_id);
      }
      expect(new Set(rows.map(({ event_id }) => event_id)).size).toBe(3);
      expect(woken).toEqual([endpointId]);
      expect((await read(rows[0].id)).event).toMatchObject({
        replayed: true,
        data: { job: { id: name('b') } },
      });
    });

    it('leave out what is outside the span, of others, gone, folded or beyond the window of the plan', async () => {
      const inside = name('inside');
      await api.saveJob({ id: inside });
      await tell(inside, from);
      await api.saveJob({ id: name('before') });
      await tell(name('before'), addMillis(from, -1));
      await api.saveJob({ id: name('at-the-end') });
      await tell(name('at-the-end'), NOW);
      await api.saveJob({ id: name('elsewhere') });
      await tell(name('elsewhere'), from, await makeEndpoint());
      await tell(name('gone'), from);
      await api.saveJob({ id: name('old'), postedOn: addMillis(NOW, -184 * DAY_MS) });
      await tell(name('old'), from);
      await api.saveJob({ id: name('sample'), isSample: true });
      await tell(name('sample'), from);
      await api.saveJob({ id: name('folded') });
      await api
        .db('jobs')
        .where({ id: name('folded') })
        .update({ duplicate_of: inside });
      await tell(name('folded'), from);
      const { body } = await replay().expect(202);
      expect(body.data).toMatchObject({ replayed: 1 });
      expect((await queue()).map(({ job_id }) => job_id)).toEqual([inside]);
    });

    it('are replayed once under an Idempotency-Key', async () => {
      await api.saveJob({ id: name('one') });
      await tell(name('one'));
      const headers = { 'Idempotency-Key': 'once' };
      const span = { from, to: NOW };
      const [first, second] = [
        await replay(span, headers).expect(202),
        await replay(span, headers).expect(202),
      ];
      expect(second.body.data).toEqual(first.body.data);
      expect(await queue()).toHaveLength(1);
      await replay(span).expect(202);
      expect(await queue()).toHaveLength(2);
    });

    it('are up to ten thousand; of more it is said how many and where to cut', async () => {
      await api.saveJob({ id: name('template') });
      const columns = Object.keys(await api.db('jobs').columnInfo()).filter(
        (column) => column !== 'id' && !/_(?:transaction|number)$/.test(column),
      );
      await api.db.raw(
        `insert into jobs (id, ${columns.join(', ')})
         select :prefix || lpad(n::text, 5, '0'), ${columns.join(', ')} from jobs, generate_series(1, 10001) n where id = :id`,
        { prefix: name('many-'), id: name('template') },
      );
      await api.db.raw(
        `insert into webhook_told_jobs (job_id, endpoint_id, account_id, posted_on, matched_at, saved_searches)
         select :prefix || lpad(n::text, 5, '0'), :endpointId, :accountId, :now,
                cast(:now as timestamptz) - (10002 - n) * interval '1 second', '[]'
         from generate_series(1, 10001) n`,
        { prefix: name('many-'), endpointId, accountId: holder.accountId, now: NOW },
      );
      const cut = addMillis(NOW, -1_000);
      const { body } = await replay().expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'to' }]);
      expect(body.message).toContain('10001 jobs');
      expect(body.message).toContain(cut);
      expect(await queue()).toEqual([]);
      const most = await replay({ from, to: cut }).expect(202);
      expect(most.body.data).toMatchObject({ replayed: 10_000 });
      const order = (await queue()).map(({ job_id }) => job_id as string);
      expect(order).toHaveLength(10_000);
      expect(order).toEqual([...order].sort());
    });
  });
});
