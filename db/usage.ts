import { randomUUID } from 'node:crypto';
import { toMillis, toTimestamp, type Timestamp, HOUR_MS } from '../domain/time';
import { noticesReached, type Usage } from '../domain/usage';
import type { Db } from './connection';

/** What a process has kept of requests for a moment; it counts once, however often it is brought. */
export interface UsageBatch {
  id: string;
  usages: Usage[];
}

interface HourRow {
  account_id: string;
  period_starts_at: Timestamp;
  hour: Timestamp;
  key_id: string;
  route: string;
  status_class: number;
  requests: number;
  calls: number;
}

interface PeriodRow {
  account_id: string;
  starts_at: Timestamp;
  ends_at: Timestamp;
  calls: number;
  quota: number | null;
  is_blocked: boolean;
}

/**
 * Stores batches of usage, all or nothing: by the hour, request by request, the last use of keys, the calls of periods, and a notice where
 * these reach a share of the quota. What belongs to an account that is gone is dropped.
 * @returns how many requests were new.
 */
export async function storeUsage(db: Db, batches: readonly UsageBatch[], now: Timestamp): Promise<number> {
  return await db.transaction(async (transaction) => {
    const fresh = await claimBatches(transaction, batches);
    const brought = batches.filter(({ id }) => fresh.has(id)).flatMap(({ usages }) => usages);
    const usages = await ofLivingAccounts(transaction, brought);
    if (usages.length === 0) return 0;
    await addHours(transaction, usages);
    await addToRequestLog(transaction, usages);
    await noteKeyUses(transaction, usages);
    await countCalls(transaction, usages, now);
    return usages.length;
  });
}

/** @returns the ids that had not come before. */
async function claimBatches(db: Db, batches: readonly UsageBatch[]): Promise<Set<string>> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `insert into usage_batches (id) select distinct unnest(?::text[]) order by 1 on conflict do nothing returning id`,
    [batches.map(({ id }) => id)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The accounts cannot go before the usage is stored: what removes them waits. */
async function ofLivingAccounts(db: Db, usages: readonly Usage[]): Promise<Usage[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select id from accounts where id = any(?::text[]) order by id for key share`,
    [[...new Set(usages.map(({ accountId }) => accountId))]],
  );
  const living = new Set(rows.map(({ id }) => id));
  return usages.filter(({ accountId }) => living.has(accountId));
}

async function addHours(db: Db, usages: readonly Usage[]): Promise<void> {
  const rows = summed(
    usages,
    hourRowOf,
    (sum, row) => {
      sum.requests += row.requests;
      sum.calls += row.calls;
    },
    (row) => JSON.stringify({ ...row, requests: 0, calls: 0 }),
  );
  await db.raw(
    `insert into usage_hours (account_id, period_starts_at, hour, key_id, route, status_class, requests, calls)
     select account_id, period_starts_at, hour, key_id, route, status_class, requests, calls
     from jsonb_populate_recordset(null::usage_hours, ?::jsonb)
     -- In one order, so that processes never wait for one another in a circle.
     order by account_id, period_starts_at, hour, key_id, route, status_class
     on conflict (account_id, period_starts_at, hour, key_id, route, status_class) do update
       set requests = usage_hours.requests + excluded.requests, calls = usage_hours.calls + excluded.calls`,
    [JSON.stringify(rows)],
  );
}

function hourRowOf({ accountId, periodStartsAt, at, keyId, route, status, calls }: Usage): HourRow {
  return {
    account_id: accountId,
    period_starts_at: periodStartsAt,
    hour: toTimestamp(Math.floor(toMillis(at) / HOUR_MS) * HOUR_MS),
    key_id: keyId,
    route,
    status_class: Math.floor(status / 100),
    requests: 1,
    calls,
  };
}

async function addToRequestLog(db: Db, usages: readonly Usage[]): Promise<void> {
  const rows = usages.map(({ at, requestId, accountId, keyId, route, status, durationMs }) => ({
    requested_at: at,
    request_id: requestId,
    account_id: accountId,
    key_id: keyId,
    route,
    status,
    duration_ms: durationMs,
  }));
  await db.raw(
    `insert into request_log select * from jsonb_populate_recordset(null::request_log, ?::jsonb)`,
    [JSON.stringify(rows)],
  );
}

async function noteKeyUses(db: Db, usages: readonly Usage[]): Promise<void> {
  const rows = summed(
    usages,
    ({ keyId, at }) => ({ key_id: keyId, last_used_at: at }),
    (last, row) => {
      if (row.last_used_at > last.last_used_at) last.last_used_at = row.last_used_at;
    },
    ({ key_id }) => key_id,
  );
  await db.raw(
    `insert into api_key_uses (key_id, last_used_at)
     select uses.key_id, uses.last_used_at from jsonb_populate_recordset(null::api_key_uses, ?::jsonb) as uses
     join api_keys on api_keys.id = uses.key_id
     order by uses.key_id
     on conflict (key_id) do update set last_used_at = greatest(api_key_uses.last_used_at, excluded.last_used_at)`,
    [JSON.stringify(rows)],
  );
}

async function countCalls(db: Db, usages: readonly Usage[], now: Timestamp): Promise<void> {
  const periods = summed(
    usages.filter(({ calls }) => calls > 0),
    periodRowOf,
    (sum, row) => {
      sum.calls += row.calls;
      // The terms of the latest request hold.
      sum.quota = row.quota;
      sum.is_blocked = row.is_blocked;
    },
    ({ account_id, starts_at }) => `${account_id} ${starts_at}`,
  );
  if (periods.length === 0) return;
  const { rows } = await db.raw<{ rows: Pick<PeriodRow, 'account_id' | 'starts_at' | 'calls'>[] }>(
    `insert into billing_periods (account_id, starts_at, ends_at, calls_counted)
     select account_id, starts_at, ends_at, calls
     from jsonb_to_recordset(?::jsonb)
       as brought(account_id text, starts_at timestamptz, ends_at timestamptz, calls bigint)
     order by account_id, starts_at
     on conflict (account_id, starts_at) do update
       set calls_counted = billing_periods.calls_counted + excluded.calls_counted
     returning account_id, starts_at, calls_counted as calls`,
    [JSON.stringify(periods)],
  );
  const after = new Map(rows.map((row) => [`${row.account_id} ${row.starts_at}`, row.calls]));
  const events = periods.flatMap((period) =>
    noticesOf(period, after.get(`${period.account_id} ${period.starts_at}`) ?? 0, now),
  );
  if (events.length > 0) await db('events').insert(events).onConflict().ignore();
}

function periodRowOf(usage: Usage): PeriodRow {
  return {
    account_id: usage.accountId,
    starts_at: usage.periodStartsAt,
    ends_at: usage.periodEndsAt,
    calls: usage.calls,
    quota: usage.quota,
    is_blocked: usage.isBlocked,
  };
}

function noticesOf(period: PeriodRow, after: number, now: Timestamp) {
  const { quota } = period;
  if (quota === null || quota === 0) return [];
  return noticesReached(after - period.calls, after, quota).map((percent) => ({
    id: randomUUID(),
    account_id: period.account_id,
    type: 'usage.threshold',
    occurrence: `${period.starts_at} ${percent}`,
    occurred_at: now,
    data: {
      threshold_percent: percent,
      calls: after,
      quota,
      period_starts_at: period.starts_at,
      period_ends_at: period.ends_at,
      blocked: period.is_blocked && percent === 100,
    },
  }));
}

/** One row for all that are of one name, by which the rows are sorted out. */
function summed<Row extends object>(
  usages: readonly Usage[],
  rowOf: (usage: Usage) => Row,
  add: (sum: Row, row: Row) => void,
  nameOf: (row: Row) => string,
): Row[] {
  const sums = new Map<string, Row>();
  for (const usage of usages) {
    const row = rowOf(usage);
    const name = nameOf(row);
    const sum = sums.get(name);
    if (sum) add(sum, row);
    else sums.set(name, row);
  }
  return [...sums.values()];
}
