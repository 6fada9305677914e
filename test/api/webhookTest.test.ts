import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { addMillis, MINUTE_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type KeyHolder, keyHolder } from '../support/keys';
import { until } from '../support/until';
import { askWebhooks } from '../support/webhookCalls';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

describe('POST /webhooks/endpoints/{id}/test', () => {
  let api: TestApi;
  let holder: KeyHolder;
  let url: string;
  let received: Received[];
  let answer: (response: ServerResponse) => void;
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response);
    });
  });

  beforeAll(async () => {
    api = await createTestApi();
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'business');
    received = [];
    answer = (response) => response.end('thanks');
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await api.drop();
  });

  const make = async (body: object = {}) =>
    (
      await askWebhooks(api, holder, 'post', '/endpoints', {
        body: { url, events: ['job.closed'], ...body },
      }).expect(201)
    ).body.data as { id: string; secret: string };
  const test = (id: string, { app = api.app, key }: { app?: TestApi['app']; key?: string } = {}) =>
    askWebhooks(api, holder, 'post', `/endpoints/${id}/test`, {
      app,
      headers: key === undefined ? {} : { 'Idempotency-Key': key },
    });
  const log = async (id: string) =>
    await api.db('webhook_deliveries').where({ endpoint_id: id }).orderBy('sequence').select();

  it('sends a signed event with the headers of the endpoint, and says what came of it', async () => {
    const { id, secret } = await make({ headers: { Authorization: 'Bearer of mine' } });
    const { body } = await test(id).expect(200);
    expect(body.data).toEqual({
      delivered: true,
      status_code: 200,
      duration_ms: expect.any(Number),
      error: null,
      answer: 'thanks',
      event_id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
      delivery_id: expect.any(String),
    });
    expect(received).toHaveLength(1);
    const [{ headers, body: sent }] = received as [Received];
    expect(headers).toMatchObject({ authorization: 'Bearer of mine', 'webhook-id': body.data.event_id });
    new Webhook(secret).verify(sent, headers as Record<string, string>);
    expect(JSON.parse(sent)).toEqual({
      id: body.data.event_id,
      type: 'webhook.test',
      created_at: NOW,
      data: { message: expect.any(String), endpoint_id: id },
    });
  });

  it('is signed with both secrets while a rotation runs', async () => {
    const { id, secret: old } = await make();
    const rotated = await askWebhooks(api, holder, 'post', `/endpoints/${id}/rotate-secret`).expect(200);
    await test(id).expect(200);
    const [{ headers, body }] = received as [Received];
    expect((headers['webhook-signature'] as string).split(' ')).toHaveLength(2);
    for (const secret of [old, rotated.body.data.secret as string])
      new Webhook(secret).verify(body, headers as Record<string, string>);
  });

  it('stands in the log with its attempt, and leaves the endpoint as it was', async () => {
    const { id } = await make();
    answer = (response) => response.writeHead(500).end('out of order');
    const { body } = await test(id).expect(200);
    expect(body.data).toMatchObject({
      delivered: false,
      status_code: 500,
      error: 'status 500',
      answer: 'out of order',
    });
    const { delivery_id: deliveryId, event_id: eventId } = body.data;
    const shown = await askWebhooks(api, holder, 'get', `/deliveries/${deliveryId}`).expect(200);
    expect(shown.body.data).toMatchObject({
      event_id: eventId,
      event_type: 'webhook.test',
      status: 'failed',
      next_attempt_at: null,
      attempts: [{ status_code: 500, error: 'status 500', answer: 'out of order' }],
      event: { id: eventId, type: 'webhook.test', data: { endpoint_id: id } },
    });
    const endpoint = await askWebhooks(api, holder, 'get', `/endpoints/${id}`).expect(200);
    expect(endpoint.body.data).toMatchObject({ status: 'active', failures_in_a_row: 0, pending: 0 });
  });

  it('says so where nobody answers', async () => {
    const { id } = await make({ url: 'http://127.0.0.1:9/hook' });
    const { body } = await test(id).expect(200);
    expect(body.data).toMatchObject({
      delivered: false,
      status_code: null,
      answer: null,
      error: expect.any(String),
    });
  });

  it('reaches an endpoint that is disabled', async () => {
    const { id } = await make({ enabled: false });
    expect((await test(id).expect(200)).body.data).toMatchObject({ delivered: true });
  });

  it('is neither sent again nor recovered', async () => {
    const { id } = await make();
    answer = (response) => response.writeHead(500).end();
    const { body } = await test(id).expect(200);
    const resend = await askWebhooks(api, holder, 'post', `/deliveries/${body.data.delivery_id}/resend`);
    expect([resend.status, resend.body.code]).toEqual([409, 'conflict']);
    const since = addMillis(NOW, -MINUTE_MS);
    const recover = await askWebhooks(api, holder, 'post', `/endpoints/${id}/recover`, { body: { since } });
    expect(recover.body.data).toMatchObject({ recovered: 0 });
    expect(received).toHaveLength(1);
  });

  it('holds no transaction while it is sent', async () => {
    const { id } = await make();
    let respond: (() => void) | undefined;
    answer = (response) => (respond = () => response.end());
    const pending = test(id).then(({ body }) => body.data as object);
    await until(() => respond !== undefined);
    const { rows } = await api.db.raw(
      `select count(*) as count from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`,
    );
    expect(rows[0].count).toBe(0);
    expect(await log(id)).toMatchObject([{ status: 'failed', attempts: [], finished_at: null }]);
    respond!();
    expect(await pending).toMatchObject({ delivered: true });
    expect(await log(id)).toMatchObject([{ status: 'delivered', finished_at: NOW }]);
  });

  it('is refused the eleventh time in a minute, however many are asked for at once', async () => {
    const [{ id }, other] = [await make(), await make()];
    const answers = await Promise.all(Array.from({ length: 13 }, () => test(id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(3);
    expect(refused[0]!.body).toMatchObject({ code: 'rate_limited', retry_after: 60 });
    expect(received).toHaveLength(10);
    await test(other.id).expect(200);
    const later = api.appWith({ now: () => addMillis(NOW, MINUTE_MS) });
    await test(id, { app: later }).expect(200);
  });

  it('is sent once under an Idempotency-Key, and answered the same', async () => {
    const { id } = await make();
    const first = await test(id, { key: 'once' }).expect(200);
    const second = await test(id, { key: 'once' }).expect(200);
    expect(second.body.data).toEqual(first.body.data);
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(received).toHaveLength(1);
  });

  it('is not sent a second time under an Idempotency-Key that has no answer yet', async () => {
    const { id } = await make();
    let respond: (() => void) | undefined;
    answer = (response) => (respond = () => response.end());
    const pending = test(id, { key: 'once' }).then(({ status }) => status);
    await until(() => respond !== undefined);
    const { body } = await test(id, { key: 'once' }).expect(409);
    expect(body.message).toContain('under way, or was cut short');
    respond!();
    expect(await pending).toBe(200);
    expect(received).toHaveLength(1);
    await test(id, { key: 'once' }).expect(200);
  });

  it('of an endpoint that is deleted meanwhile says what came of it', async () => {
    const { id } = await make();
    let respond: (() => void) | undefined;
    answer = (response) => (respond = () => response.end());
    const pending = test(id).then(({ status }) => status);
    await until(() => respond !== undefined);
    await askWebhooks(api, holder, 'delete', `/endpoints/${id}`).expect(200);
    respond!();
    expect(await pending).toBe(200);
    expect(await log(id)).toEqual([]);
    expect(await api.db('webhook_payloads').whereLike('body', `%${id}%`)).toEqual([]);
  });
});
