import type { Plan } from '../domain/plan';
import { applyOverrides } from '../domain/plan';
import type { Timestamp } from '../domain/time';
import { type EndpointHealth, NEW_ENDPOINT_HEALTH } from '../domain/webhooks/endpointHealth';
import type { FormatOptions, WebhookAttempt, WebhookFormat } from '../domain/webhooks/message';
import type { Db } from './connection';
import type { SealedEndpoint } from './webhookSecrets';

/** An endpoint as who sends to it needs it. */
export interface QueuedEndpoint extends SealedEndpoint {
  accountId: string;
  format: WebhookFormat;
  formatOptions: FormatOptions;
  maxInFlight: number;
  /** Requests a minute; null: as many as there are. */
  rateLimit: number | null;
  disabledReason: 'owner' | 'gone' | 'failing' | null;
  /** Of its owner's latest change. */
  updatedAt: Timestamp;
  isSuspended: boolean;
  plan: Plan;
  health: EndpointHealth;
  /** Requests sent in the clock minute. */
  minute: Timestamp | null;
  sentInMinute: number;
}

interface EndpointRow extends Omit<QueuedEndpoint, 'plan' | 'health'>, Partial<EndpointHealth> {
  planInForce: Plan;
  planOverrides: unknown;
  hasHealth: boolean;
}

/** Null when it is gone. */
export async function readQueuedEndpoint(
  db: Db,
  endpointId: string,
  now: Timestamp,
): Promise<QueuedEndpoint | null> {
  const { rows } = await db.raw<{ rows: EndpointRow[] }>(
    `select e.id, e.sealed_url, e.sealed_headers, e.sealed_secret, e.sealed_previous_secret, e.previous_secret_until,
       e.account_id as "accountId", e.format, e.format_options as "formatOptions", e.max_in_flight as "maxInFlight",
       e.rate_limit as "rateLimit", e.disabled_reason as "disabledReason", e.updated_at as "updatedAt",
       a.suspended_at is not null as "isSuspended", a.plan_overrides as "planOverrides",
       to_jsonb(p) - 'effective_from' as "planInForce",
       s.endpoint_id is not null as "hasHealth", s.minute, coalesce(s.sent_in_minute, 0) as "sentInMinute",
       ${HEALTH_COLUMNS.map(([column, name]) => `s.${column} as "${name}"`).join(', ')}
     from webhook_endpoints e
     join accounts a on a.id = e.account_id
     left join webhook_endpoint_states s on s.endpoint_id = e.id
     cross join lateral (
       select * from plans where plans.id = a.plan_id and plans.effective_from <= :now
       order by plans.effective_from desc limit 1
     ) p
     where e.id = :endpointId`,
    { endpointId, now },
  );
  const [row] = rows;
  if (!row) return null;
  const { planInForce, planOverrides, hasHealth, ...endpoint } = row;
  return {
    ...endpoint,
    plan: applyOverrides(planInForce, planOverrides),
    health: hasHealth ? healthOf(row) : NEW_ENDPOINT_HEALTH,
  };
}

const HEALTH_COLUMNS = [
  ['failures_in_a_row', 'failuresInARow'],
  ['failing_since', 'failingSince'],
  ['spaced_failures', 'spacedFailures'],
  ['spaced_failure_at', 'spacedFailureAt'],
  ['last_success_at', 'lastSuccessAt'],
  ['last_failure_at', 'lastFailureAt'],
  ['resting_until', 'restingUntil'],
  ['held_until', 'heldUntil'],
] as const satisfies readonly (readonly [string, keyof EndpointHealth])[];

function healthOf(row: Partial<EndpointHealth>): EndpointHealth {
  return {
    failuresInARow: row.failuresInARow ?? 0,
    failingSince: row.failingSince ?? null,
    spacedFailures: row.spacedFailures ?? 0,
    spacedFailureAt: row.spacedFailureAt ?? null,
    lastSuccessAt: row.lastSuccessAt ?? null,
    lastFailureAt: row.lastFailureAt ?? null,
    restingUntil: row.restingUntil ?? null,
    heldUntil: row.heldUntil ?? null,
  };
}

/** What is to be sent, in the order in which it is due. */
export interface QueuedDelivery {
  id: string;
  sequence: number;
  eventId: string;
  type: string;
  createdAt: Timestamp;
  /** Besides the payload. */
  details: object;
  /** Attempts that counted. */
  tries: number;
  dueAt: Timestamp;
  /** JSON text; null when it is gone. */
  payload: string | null;
}

const DELIVERY_COLUMNS = `d.id, d.sequence, d.event_id as "eventId", d.type, d.created_at as "createdAt", d.details, d.tries,
  d.due_at as "dueAt", p.body as payload`;

/** What is due at `now`, the longest due first, behind `after`. */
export async function listDueDeliveries(
  db: Db,
  {
    endpointId,
    now,
    after,
    limit,
  }: {
    endpointId: string;
    now: Timestamp;
    after: Pick<QueuedDelivery, 'dueAt' | 'sequence'> | null;
    limit: number;
  },
): Promise<QueuedDelivery[]> {
  const { rows } = await db.raw<{ rows: QueuedDelivery[] }>(
    `select ${DELIVERY_COLUMNS}
     from (
       select * from webhook_deliveries
       where endpoint_id = :endpointId and status = 'pending' and due_at <= :now
         ${after ? 'and (due_at, sequence) > (:dueAt, :sequence)' : ''}
       order by due_at, sequence limit :limit
     ) d left join webhook_payloads p on p.id = d.payload_id
     order by d.due_at, d.sequence`,
    { endpointId, now, limit, ...after },
  );
  return rows;
}

/** Of what is due the one that was there first, however often it was tried. */
export async function oldestDueDelivery(
  db: Db,
  { endpointId, now }: { endpointId: string; now: Timestamp },
): Promise<QueuedDelivery[]> {
  const { rows } = await db.raw<{ rows: QueuedDelivery[] }>(
    `select ${DELIVERY_COLUMNS}
     from (
       select * from webhook_deliveries where endpoint_id = :endpointId and status = 'pending' and due_at <= :now
       order by sequence limit 1
     ) d left join webhook_payloads p on p.id = d.payload_id`,
    { endpointId, now },
  );
  return rows;
}

/** Those of an endpoint that asks again and again to be left alone are not all kept. */
const MAX_ATTEMPTS_KEPT = 100;

/** What became of a delivery. */
export interface DeliveryOutcome {
  id: string;
  status: 'pending' | 'delivered' | 'failed' | 'expired';
  tries: number;
  /** Of a pending one. */
  dueAt: Timestamp | null;
  finishedAt: Timestamp | null;
  /** Null: nothing was sent. */
  attempt: WebhookAttempt | null;
}

/** How an endpoint stands after some attempts. */
export interface EndpointState {
  /** What is stored is about the endpoint as it was changed last then: one that its owner has changed since begins anew. */
  updatedAt: Timestamp;
  health: EndpointHealth;
  minute: Timestamp | null;
  sentInMinute: number;
}

const STATE_COLUMNS = ['minute', 'sent_in_minute', ...HEALTH_COLUMNS.map(([column]) => column)];

/**
 * Stores what became of deliveries and how their endpoints stand, in one statement. What has been settled meanwhile stays as it
 * is.
 */
export async function recordOutcomes(
  db: Db,
  outcomes: readonly DeliveryOutcome[],
  states: readonly (EndpointState & { endpointId: string })[],
): Promise<void> {
  await db.raw(
    `with settled as (
       update webhook_deliveries d
       set status = r.status, tries = r.tries, due_at = r.due_at, finished_at = r.finished_at,
           attempts = case
             when r.attempt is null then d.attempts
             when jsonb_array_length(d.attempts) >= ${MAX_ATTEMPTS_KEPT} then (d.attempts - 0) || r.attempt
             else d.attempts || r.attempt
           end
       from json_to_recordset(cast(:outcomes as json)) as r (
         id text, status text, tries smallint, due_at timestamptz, finished_at timestamptz, attempt jsonb
       )
       where d.id = r.id and d.status = 'pending'
     )
     insert into webhook_endpoint_states (endpoint_id, ${STATE_COLUMNS.join(', ')})
     select s.endpoint_id, ${STATE_COLUMNS.map((column) => `s.${column}`).join(', ')}
     from json_array_elements(cast(:states as json)) given
     cross join lateral json_populate_record(null::webhook_endpoint_states, given) s
     join webhook_endpoints e
       on e.id = s.endpoint_id and e.updated_at = cast(given ->> 'endpoint_updated_at' as timestamptz)
     order by s.endpoint_id
     on conflict (endpoint_id) do update set
       ${STATE_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    {
      outcomes: JSON.stringify(
        outcomes.map(({ dueAt, finishedAt, ...outcome }) => ({
          ...outcome,
          due_at: dueAt,
          finished_at: finishedAt,
        })),
      ),
      states: JSON.stringify(
        states.map(({ endpointId, updatedAt, health, minute, sentInMinute }) => ({
          endpoint_id: endpointId,
          endpoint_updated_at: updatedAt,
          minute,
          sent_in_minute: sentInMinute,
          ...Object.fromEntries(HEALTH_COLUMNS.map(([column, name]) => [column, health[name]])),
        })),
      ),
    },
  );
}

const FAILED_AT_ONCE = 5_000;

/** Ends what waits as failed, kept for who resends it, saying why. Gives how many there were. */
export async function failWaiting(
  db: Db,
  { endpointId, error, now }: { endpointId: string; error: string; now: Timestamp },
): Promise<number> {
  for (let failed = 0; ;) {
    const { rowCount } = await db.raw<{ rowCount: number }>(
      `update webhook_deliveries set status = 'failed', due_at = null, finished_at = :now,
         attempts = attempts || jsonb_build_array(cast(:attempt as jsonb))
       where id in (
         select id from webhook_deliveries where endpoint_id = :endpointId and status = 'pending' limit :limit
       ) and status = 'pending'`,
      { endpointId, now, limit: FAILED_AT_ONCE, attempt: JSON.stringify(notSent(error, now)) },
    );
    failed += rowCount;
    if (rowCount < FAILED_AT_ONCE) return failed;
  }
}

/** Stands in the log where nothing was sent. */
export function notSent(error: string, at: Timestamp): WebhookAttempt {
  return { at, status_code: null, duration_ms: 0, answer: null, error };
}

/** Disables an endpoint, unless it is disabled or its owner has changed it since, and tells its account so once. Gives whether it did. */
export async function disableEndpoint(
  db: Db,
  {
    endpointId,
    updatedAt,
    reason,
    now,
  }: { endpointId: string; updatedAt: Timestamp; reason: 'gone' | 'failing'; now: Timestamp },
): Promise<boolean> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `with disabled as (
       update webhook_endpoints set disabled_at = :now, disabled_reason = :reason
       where id = :endpointId and disabled_reason is null and updated_at = :updatedAt returning id, account_id
     ), told as (
       insert into events (id, account_id, type, occurrence, occurred_at, data)
       select gen_random_uuid()::text, account_id, 'webhook.disabled', id || ' ' || cast(:now as text), :now,
              jsonb_build_object('endpoint_id', id, 'reason', cast(:reason as text))
       from disabled
     )
     select id from disabled`,
    { endpointId, updatedAt, reason, now },
  );
  return rows.length > 0;
}

export interface WaitingDeliveries {
  /** Up to a bound. */
  pending: number;
  nextDueAt: Timestamp | null;
}

/** More are not counted: an operator knows then. */
const MAX_COUNTED = 10_000;

export async function readWaiting(db: Db, endpointId: string): Promise<WaitingDeliveries> {
  const { rows } = await db.raw<{ rows: WaitingDeliveries[] }>(
    `select
       (select count(*) from (
         select from webhook_deliveries where endpoint_id = :endpointId and status = 'pending' limit :most
       ) as counted) as pending,
       (select min(due_at) from webhook_deliveries where endpoint_id = :endpointId and status = 'pending') as "nextDueAt"`,
    { endpointId, most: MAX_COUNTED },
  );
  return rows[0] ?? { pending: 0, nextDueAt: null };
}

/** Endpoints, behind `after` by id, that have had something due since before `dueBefore` and are not left alone at `now`. */
export async function listForgottenEndpoints(
  db: Db,
  { dueBefore, now, after, limit }: { dueBefore: Timestamp; now: Timestamp; after: string; limit: number },
): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select e.id from webhook_endpoints e left join webhook_endpoint_states s on s.endpoint_id = e.id
     where e.id > :after
       and coalesce(greatest(s.resting_until, s.held_until) <= :now, true)
       and exists (
         select from webhook_deliveries d
         where d.endpoint_id = e.id and d.status = 'pending' and d.due_at <= :dueBefore
       )
     order by e.id limit :limit`,
    { dueBefore, now, after, limit },
  );
  return rows.map(({ id }) => id);
}
