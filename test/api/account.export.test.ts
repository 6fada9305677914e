import { connect } from 'node:net';
import { fillAccount, insertRequests } from '../support/accountRecords';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { listen } from '../support/server';
import { until } from '../support/until';

describe('GET /account/export', () => {
  let api: TestApi;
  let accountId: string;
  let key: { id: string; secret: string };
  let exported: Record<string, Record<string, unknown>[]>;

  beforeAll(async () => {
    api = await createTestApi();
    key = await api.issueKey({ planId: 'business', scopes: ['account:read'], name: 'export' });
    ({ account_id: accountId } = await api.db('api_keys').where({ id: key.id }).first('account_id'));
    await api.db('accounts').where({ id: accountId }).update({ name: 'Ada Example', company: 'Example Ltd' });
    // Several pages, with many requests that are alike in all but their place.
    await fillAccount(api.db, { accountId, keyId: key.id, requests: 2_345, now: NOW });
    const other = await api.issueKey();
    const { account_id: otherId } = await api.db('api_keys').where({ id: other.id }).first('account_id');
    await fillAccount(api.db, { accountId: otherId, keyId: other.id, now: NOW });
    const { text, headers } = await api.get('/account/export', key.secret).expect(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="account-2026-02-01.json"',
    });
    exported = JSON.parse(text);
  });
  afterAll(() => api.drop());

  it('holds the account and a list of every kind of record', () => {
    expect(exported).toMatchObject({
      exported_at: NOW,
      account: {
        id: accountId,
        email: `${accountId}@example.com`,
        name: 'Ada Example',
        company: 'Example Ltd',
        plan: { id: 'business', monthly_calls: 100_000 },
      },
      keys: [
        {
          id: key.id,
          name: 'export',
          last_four: key.secret.slice(-4),
          scopes: ['account:read'],
          allowed_ips: [],
        },
      ],
      signups: [{ letter: 'recovery_code' }, { letter: null }],
      key_uses: [{ key_id: key.id, last_used_at: NOW }],
      billing_periods: [{ starts_at: NOW, calls_counted: 6 }],
      saved_searches: [{ name: 'Python', parameters: { search: 'python' } }],
      usage: [{ hour: NOW, route: 'GET /jobs', status_class: 2, requests: 6, calls: 6 }],
      events: [{ type: 'usage.threshold', data: { threshold_percent: 50 } }],
      webhook_deliveries: [
        { type: 'job.matched', job_id: 'job-1', status: 'pending' },
        { type: 'usage.threshold', job_id: null },
      ],
      webhook_told_jobs: [{ job_id: 'job-1', matched_at: NOW }],
      webhook_endpoint_states: [{ failures_in_a_row: 0, last_success_at: NOW }],
      webhook_endpoints: [{ events: ['job.matched', 'usage.threshold'], format: 'json' }],
      idempotency_keys: [{ key: 'mine', status: 201 }],
      audit_log: [{ action: 'key.created', subject: key.id, details: { kind: 'live' } }],
    });
  });

  it('holds every request once, in order', async () => {
    const { requests = [] } = exported;
    expect(requests).toHaveLength(2_345);
    const rows = await api
      .db('request_log')
      .where({ account_id: accountId })
      .select('requested_at', 'request_id');
    const shown = requests.map(({ requested_at, request_id }) => ({ requested_at, request_id }));
    expect(sorted(shown)).toEqual(sorted(rows));
    const times = requests.map(({ requested_at }) => requested_at as string);
    expect(times).toEqual([...times].sort());
  });

  it('holds nothing of others, and no secret', async () => {
    const text = JSON.stringify(exported);
    const others = await api.db('accounts').whereNot({ id: accountId }).select('id', 'email');
    for (const { id, email } of others) {
      expect(text).not.toContain(id);
      expect(text).not.toContain(email);
    }
    const { hash } = await api.db('api_keys').where({ id: key.id }).first('hash');
    for (const secret of [
      key.secret,
      hash.toString('hex'),
      hash.toString('base64'),
      'kept to be given again',
    ])
      expect(text).not.toContain(secret);
  });

  it('is whole JSON for an account of which nothing is known yet', async () => {
    const { secret } = await api.issueKey({ scopes: ['account:read'] });
    const { body } = await api.get('/account/export', secret).expect(200);
    expect(body).toMatchObject({ keys: [{}], usage: [], requests: [], audit_log: [] });
  });

  it('answers HEAD with the headers alone', async () => {
    const server = await listen(api.app);
    const response = await fetch(`${server.url}/account/export`, {
      method: 'HEAD',
      headers: { 'X-API-KEY': key.secret },
    });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('content-disposition')).toContain('attachment');
    await server.close();
  });

  it('takes no connection of the database while its reader stands still', async () => {
    const requests = Array.from({ length: 40_000 }, (_, n) => ({
      accountId,
      keyId: key.id,
      requestedAt: NOW,
      requestId: `slow-${n}`.padEnd(120, 'x'),
    }));
    await insertRequests(api.db, requests);
    const server = await listen(api.app);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /account/export HTTP/1.1\r\nHost: test\r\nX-API-KEY: ${key.secret}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    // What was under way when the reader stopped ends of itself; the export as a whole is far from its end.
    await until(async () => {
      const { rows } = await api.db.raw(
        `select count(*) as count from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
      );
      return rows[0].count === 0;
    });
    expect(socket.bytesRead).toBeLessThan(2_000_000);
    socket.destroy();
    await server.close();
  });
});

function sorted(rows: readonly { requested_at?: unknown; request_id?: unknown }[]): string[] {
  return rows.map(({ requested_at, request_id }) => `${String(requested_at)} ${String(request_id)}`).sort();
}
