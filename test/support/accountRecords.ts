import type { Db } from '../../db/connection';
import { recordAct } from '../../db/auditLog';
import { addMillis, HOUR_MS, type Timestamp } from '../../domain/time';

export interface UsageHour {
  accountId: string;
  keyId: string;
  periodStartsAt: Timestamp;
  hour: Timestamp;
  route: string;
  statusClass: number;
  requests: number;
  calls: number;
}

/** Stores usage as metering does. */
export async function insertUsageHours(db: Db, rows: readonly UsageHour[]): Promise<void> {
  await db.batchInsert(
    'usage_hours',
    rows.map((row) => ({
      account_id: row.accountId,
      key_id: row.keyId,
      period_starts_at: row.periodStartsAt,
      hour: row.hour,
      route: row.route,
      status_class: row.statusClass,
      requests: row.requests,
      calls: row.calls,
    })),
    500,
  );
}

/** Stores requests as metering does. */
export async function insertRequests(
  db: Db,
  rows: readonly { accountId: string; keyId: string; requestedAt: Timestamp; requestId: string }[],
): Promise<void> {
  await db.batchInsert(
    'request_log',
    rows.map(({ accountId, keyId, requestedAt, requestId }) => ({
      requested_at: requestedAt,
      request_id: requestId,
      account_id: accountId,
      key_id: keyId,
      route: 'GET /jobs',
      status: 200,
      duration_ms: 3,
    })),
    500,
  );
}

/** Gives an account something in every table that holds something about accounts. */
export async function fillAccount(
  db: Db,
  {
    accountId,
    keyId,
    requests = 5,
    now,
  }: { accountId: string; keyId: string; requests?: number; now: Timestamp },
): Promise<void> {
  const period = { account_id: accountId, starts_at: now };
  await db('billing_periods').insert({
    ...period,
    ends_at: addMillis(now, 720 * HOUR_MS),
    calls_drawn: 7,
    calls_counted: 6,
  });
  await db('account_minutes').insert({ account_id: accountId, minute: now, drawn: 1 });
  await db('key_limits').insert({
    key_id: keyId,
    minute: now,
    drawn: 1,
    period_starts_at: now,
    calls_drawn: 1,
  });
  await db('api_key_uses').insert({ key_id: keyId, last_used_at: now });
  await insertUsageHours(db, [
    {
      accountId,
      keyId,
      periodStartsAt: now,
      hour: now,
      route: 'GET /jobs',
      statusClass: 2,
      requests: 6,
      calls: 6,
    },
  ]);
  await db('events').insert({
    id: `${accountId}-half`,
    account_id: accountId,
    type: 'usage.threshold',
    occurrence: '50',
    occurred_at: now,
    data: { threshold_percent: 50 },
  });
  // One that came to a code, and one of which it is not known yet whose it is.
  const [email = ''] = (await db('accounts').where({ id: accountId }).pluck('email')) as string[];
  await db('signups').insert([
    {
      id: `${accountId}-1`,
      email,
      requested_at: now,
      account_id: accountId,
      letter: 'recovery_code',
      key_id: null,
      sealed_secret: Buffer.from('sealed'),
    },
    { id: `${accountId}-2`, email: email.toUpperCase(), requested_at: now },
  ]);
  await db('recovery_codes').insert({
    account_id: accountId,
    signup_id: `${accountId}-1`,
    hash: Buffer.from('hash'),
    expires_at: now,
  });
  await db('saved_searches').insert({
    id: `${accountId}-search`,
    account_id: accountId,
    name: 'Python',
    parameters: { search: 'python' },
    filter: { anySkills: ['python'] },
    created_at: now,
    updated_at: now,
  });
  await db('idempotency_keys').insert({
    owner: accountId,
    key: 'mine',
    request_hash: Buffer.from('hash'),
    status: 201,
    answer: '{"secret":"kept to be given again"}',
    created_at: now,
  });
  await insertWebhookRecords(db, { accountId, now });
  await recordAct(db, {
    actor: `key:${keyId}`,
    action: 'key.created',
    accountId,
    subject: keyId,
    details: { kind: 'live' },
    now,
  });
  await insertRequests(
    db,
    Array.from({ length: requests }, (_, n) => ({
      accountId,
      keyId,
      // Several in a moment, and some of one name.
      requestedAt: addMillis(now, Math.floor(n / 3)),
      requestId: `request-${n % 4}`,
    })),
  );
}

/** An endpoint that was told of a job, and of what happened to the account. */
async function insertWebhookRecords(
  db: Db,
  { accountId, now }: { accountId: string; now: Timestamp },
): Promise<void> {
  const endpointId = `${accountId}-endpoint`;
  const owned = { endpoint_id: endpointId, account_id: accountId };
  await db('webhook_endpoints').insert({
    id: endpointId,
    account_id: accountId,
    sealed_url: Buffer.from('sealed address'),
    sealed_secret: Buffer.from('sealed secret'),
    events: ['job.matched', 'usage.threshold'],
    created_at: now,
    updated_at: now,
  });
  await db('webhook_endpoint_states').insert({ endpoint_id: endpointId, last_success_at: now });
  const told = { job_id: 'job-1', matched_at: now, posted_on: now, saved_searches: '[]' };
  await db('webhook_told_jobs').insert({ ...owned, ...told });
  // The job's is for all who are told of it; the other is about the account alone.
  const payloads = await db('webhook_payloads')
    .insert([
      { job_id: 'job-1', job_version: 1, body: '{"id":"job-1"}', created_at: now },
      { job_id: null, body: '{"threshold_percent":50}', created_at: now },
    ])
    .returning(['id', 'job_id']);
  for (const { id, job_id } of payloads) {
    await db('webhook_deliveries').insert({
      ...owned,
      id: `${endpointId}-${id}`,
      event_id: `evt_${id}`,
      type: job_id === null ? 'usage.threshold' : 'job.matched',
      created_at: now,
      payload_id: id,
      job_id,
      due_at: now,
    });
  }
}
