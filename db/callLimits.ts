import type { BillingPeriod } from '../domain/billingPeriod';
import type { CallLimits } from '../domain/callLimits';
import type { Timestamp } from '../domain/time';
import { AppError } from '../domain/errors';
import type { Db } from './connection';
import { isForeignKeyViolation } from './errors';

export interface UnitsWanted {
  accountId: string;
  /** Null: the key has no limits of its own. */
  keyId: string | null;
  limits: CallLimits;
  period: BillingPeriod;
  /** For what waits. */
  needed: Units;
  /** For what is to come, where there are enough. */
  block: Units;
}

export interface Units {
  requests: number;
  calls: number;
}

/** Fewer than needed only where no more are left. */
export interface UnitsDrawn extends Units {
  /** What nobody has drawn yet; null: without limit. */
  requestsLeft: number | null;
  callsLeft: number | null;
  /** By all processes, these units included. */
  callsDrawnInPeriod: number;
  /** The clock minute, by Postgres's clock, to which the requests belong, and what was left of it. */
  minute: Timestamp;
  minuteMsLeft: number;
  /** API processes that are alive. */
  processes: number;
}

/**
 * Takes units of requests of the current minute and of calls of the period: what is needed, and up to a block for what is to come, of which
 * no process takes more than its share of what is left. Never more than there are.
 * @throws AppError `invalid_api_key` when the account is gone.
 */
export async function drawUnits(
  db: Db,
  { accountId, keyId, limits, period, needed, block }: UnitsWanted,
): Promise<UnitsDrawn> {
  const drawing = db.raw<{ rows: UnitsDrawn[] }>(
    `select requests, calls, requests_left as "requestsLeft", calls_left as "callsLeft",
            drawn_in_period as "callsDrawnInPeriod", in_minute as "minute", minute_ms_left as "minuteMsLeft", processes
     from draw_units(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::timestamptz, ?::timestamptz)`,
    [
      accountId,
      keyId,
      needed.requests,
      block.requests,
      needed.calls,
      block.calls,
      limits.requestsPerMinute,
      limits.keyRequestsPerMinute,
      limits.maxCalls,
      limits.keyMaxCalls,
      period.startsAt,
      period.endsAt,
    ],
  );
  const { rows } = await drawing.catch((error: unknown) => {
    if (!isForeignKeyViolation(error)) throw error;
    throw new AppError('invalid_api_key', 'The account of this key is gone.');
  });
  const [drawn] = rows;
  if (!drawn) throw new Error('The draw gave no row.');
  return drawn;
}

/** Units that a process has drawn and does not need; fewer than none: calls that were made without having been drawn. */
export interface UnitsReturned extends Units {
  accountId: string;
  keyId: string | null;
  minute: Timestamp;
  periodStartsAt: Timestamp;
}

/** Gives units back, all in one statement. Those of a minute that is over are worth nothing. */
export async function returnUnits(db: Db, returned: readonly UnitsReturned[]): Promise<void> {
  if (returned.length === 0) return;
  await db.raw(
    `with returned as materialized (
       select * from jsonb_to_recordset(?::jsonb) as units("accountId" text, "keyId" text, minute timestamptz, requests integer,
         "periodStartsAt" timestamptz, calls bigint)
     ), minutes as (
       update account_minutes m set drawn = greatest(0, m.drawn - units.requests)
       from (select "accountId", minute, sum(requests)::integer as requests from returned group by 1, 2) as units
       where m.account_id = units."accountId" and m.minute = units.minute and units.requests > 0
     ), periods as (
       update billing_periods p set calls_drawn = greatest(0, p.calls_drawn - units.calls)
       from (select "accountId", "periodStartsAt", sum(calls) as calls from returned group by 1, 2) as units
       where p.account_id = units."accountId" and p.starts_at = units."periodStartsAt" and units.calls <> 0
     )
     update key_limits k set
       drawn = case when k.minute = units.minute then greatest(0, k.drawn - units.requests) else k.drawn end,
       calls_drawn = case when k.period_starts_at = units."periodStartsAt" then greatest(0, k.calls_drawn - units.calls)
                     else k.calls_drawn end
     from returned units where k.key_id = units."keyId"`,
    [JSON.stringify(returned)],
  );
}

/** Says that the process lives; it counts among those that share what is left until `aliveForMs` from now. */
export async function reportProcess(
  db: Db,
  { id, aliveForMs }: { id: string; aliveForMs: number },
): Promise<void> {
  await db.raw(
    `with gone as (delete from api_processes where expires_at < clock_timestamp() - interval '1 hour')
     insert into api_processes values (:id, clock_timestamp() + :aliveForMs * interval '1 millisecond')
     on conflict (id) do update set expires_at = excluded.expires_at`,
    { id, aliveForMs },
  );
}

/** Says that the process has ended. */
export async function removeProcess(db: Db, id: string): Promise<void> {
  await db('api_processes').where({ id }).delete();
}
