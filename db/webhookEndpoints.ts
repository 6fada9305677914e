import type { DisabledReason, EndpointState } from '../domain/webhooks/endpointStatus';
import type { WebhookEventType } from '../domain/webhooks/eventTypes';
import type { FormatOptions, WebhookFormat, WebhookTarget } from '../domain/webhooks/message';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import type { SecretBox } from './secretBox';
import { failWaiting } from './webhookQueue';
import { openTarget, sealEndpointPart, type SealedEndpoint } from './webhookSecrets';

/** What its owner decides about an endpoint. */
export interface EndpointSettings {
  url: string;
  headers: Readonly<Record<string, string>>;
  description: string | null;
  events: readonly WebhookEventType[];
  /** Null: all of the account's. */
  savedSearchIds: readonly string[] | null;
  format: WebhookFormat;
  formatOptions: FormatOptions;
  maxInFlight: number;
  /** Requests a minute; null: as many as there are. */
  rateLimit: number | null;
}

/** An endpoint with how it does, opened: its address, headers and secrets are not for the log. */
export interface WebhookEndpoint extends Omit<EndpointSettings, 'url' | 'headers'>, EndpointState {
  id: string;
  accountId: string;
  target: WebhookTarget;
  /** Until when the secret before the present one signs, too. */
  previousSecretUntil: Timestamp | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  lastSuccessAt: Timestamp | null;
  lastFailureAt: Timestamp | null;
  /** Deliveries on their way; `MAX_COUNTED` where there are more. */
  pending: number;
}

/** Counting goes no further. */
export const MAX_COUNTED = 1_000;
/** However large the plan. */
export const MAX_ENDPOINTS = 1_000;

interface EndpointRow extends SealedEndpoint, Omit<WebhookEndpoint, 'target' | 'previousSecretUntil'> {}

const COLUMNS = `e.id, e.account_id as "accountId", e.sealed_url, e.sealed_headers, e.sealed_secret, e.sealed_previous_secret,
  e.previous_secret_until, e.description, e.events, e.saved_search_ids as "savedSearchIds", e.format,
  e.format_options as "formatOptions", e.max_in_flight as "maxInFlight", e.rate_limit as "rateLimit",
  e.disabled_at as "disabledAt", e.disabled_reason as "disabledReason", e.created_at as "createdAt",
  e.updated_at as "updatedAt", coalesce(s.failures_in_a_row, 0) as "failuresInARow", s.resting_until as "restingUntil",
  s.held_until as "heldUntil", s.last_success_at as "lastSuccessAt", s.last_failure_at as "lastFailureAt",
  (select count(*) from (
     select from webhook_deliveries d where d.endpoint_id = e.id and d.status = 'pending' limit ${MAX_COUNTED}
   ) as counted) as pending`;
const TABLES = 'webhook_endpoints e left join webhook_endpoint_states s on s.endpoint_id = e.id';

/** What opens endpoints, and the time by which a secret before the present one still signs. */
interface Opening {
  secretBox: SecretBox;
  now: Timestamp;
}

function toEndpoint(row: EndpointRow, { secretBox, now }: Opening): WebhookEndpoint {
  const { previous_secret_until: until } = row;
  return {
    id: row.id,
    accountId: row.accountId,
    target: openTarget(secretBox, row, now),
    previousSecretUntil: until !== null && now < until ? until : null,
    description: row.description,
    events: row.events,
    savedSearchIds: row.savedSearchIds,
    format: row.format,
    formatOptions: row.formatOptions,
    maxInFlight: row.maxInFlight,
    rateLimit: row.rateLimit,
    disabledAt: row.disabledAt,
    disabledReason: row.disabledReason,
    failuresInARow: row.failuresInARow,
    restingUntil: row.restingUntil,
    heldUntil: row.heldUntil,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastSuccessAt: row.lastSuccessAt,
    lastFailureAt: row.lastFailureAt,
    pending: row.pending,
  };
}

/** The account's endpoints, the oldest first; at most 1,000. */
export async function listEndpoints(db: Db, accountId: string, opening: Opening): Promise<WebhookEndpoint[]> {
  const { rows } = await db.raw<{ rows: EndpointRow[] }>(
    `select ${COLUMNS} from ${TABLES} where e.account_id = :accountId
     order by e.created_at, e.id limit ${MAX_ENDPOINTS}`,
    { accountId },
  );
  return rows.map((row) => toEndpoint(row, opening));
}

/** An endpoint of the account; null when it has none of this id. */
export async function findEndpoint(
  db: Db,
  { accountId, id }: { accountId: string; id: string },
  opening: Opening,
): Promise<WebhookEndpoint | null> {
  const { rows } = await db.raw<{ rows: EndpointRow[] }>(
    `select ${COLUMNS} from ${TABLES} where e.id = :id and e.account_id = :accountId`,
    { accountId, id },
  );
  return rows[0] ? toEndpoint(rows[0], opening) : null;
}

/** Has other changes to an endpoint wait until the transaction ends; deliveries to it are written on. */
export async function lockEndpoint(db: Db, id: string): Promise<void> {
  await db.raw('select from webhook_endpoints where id = :id for no key update', { id });
}

export async function countEndpoints(db: Db, accountId: string): Promise<number> {
  const { rows } = await db.raw<{ rows: [{ count: number }] }>(
    'select count(*) as count from webhook_endpoints where account_id = :accountId',
    { accountId },
  );
  return rows[0].count;
}

export async function createEndpoint(
  db: Db,
  {
    id,
    accountId,
    secret,
    settings,
    isEnabled,
    secretBox,
    now,
  }: Opening & {
    id: string;
    accountId: string;
    secret: string;
    settings: EndpointSettings;
    isEnabled: boolean;
  },
): Promise<void> {
  await db('webhook_endpoints').insert({
    id,
    account_id: accountId,
    ...columnsOf(id, settings, secretBox),
    sealed_secret: sealEndpointPart(secretBox, { endpointId: id, part: 'secret', text: secret }),
    ...(isEnabled ? {} : { disabled_at: now, disabled_reason: 'owner' satisfies DisabledReason }),
    created_at: now,
    updated_at: now,
  });
  await db('webhook_endpoint_states').insert({ endpoint_id: id });
}

/** Changes what is given; the rest stays. */
export async function changeEndpoint(
  db: Db,
  id: string,
  { settings, secretBox, now }: Opening & { settings: Partial<EndpointSettings> },
): Promise<void> {
  await db('webhook_endpoints')
    .where({ id })
    .update({ ...columnsOf(id, settings, secretBox), updated_at: now });
}

/** As columns; what is not given is undefined, which Knex leaves as it is. */
function columnsOf(endpointId: string, settings: Partial<EndpointSettings>, secretBox: SecretBox) {
  const { url, headers, description, events, savedSearchIds, format, formatOptions } = settings;
  const seal = (part: 'url' | 'headers', text: string) =>
    sealEndpointPart(secretBox, { endpointId, part, text });
  return {
    sealed_url: url === undefined ? undefined : seal('url', url),
    sealed_headers: headers && (isEmpty(headers) ? null : seal('headers', JSON.stringify(headers))),
    description,
    events: events && [...events],
    saved_search_ids: savedSearchIds && [...savedSearchIds],
    format,
    format_options: formatOptions && JSON.stringify(formatOptions),
    max_in_flight: settings.maxInFlight,
    rate_limit: settings.rateLimit,
  };
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

/** For its owner: what waits for it has failed, and nothing new is written for it. */
export async function disableForOwner(db: Db, { id, now }: { id: string; now: Timestamp }): Promise<void> {
  // First, for the change below holds up every other change of what is matched until the commit.
  await failWaiting(db, { endpointId: id, error: 'disabled', now });
  await db.raw(
    `update webhook_endpoints set disabled_at = coalesce(disabled_at, :now), disabled_reason = 'owner' where id = :id`,
    { id, now },
  );
}

/** Whatever it was disabled for, it begins anew. */
export async function enableEndpoint(db: Db, id: string): Promise<void> {
  await db('webhook_endpoints').where({ id }).update({ disabled_at: null, disabled_reason: null });
  await resetEndpointState(db, id);
}

/** Forgets failures, and with them that it rests or is held: the next delivery is sent at once. */
export async function resetEndpointState(db: Db, id: string): Promise<void> {
  await db.raw(
    `insert into webhook_endpoint_states (endpoint_id) values (:id)
     on conflict (endpoint_id) do update
       set failures_in_a_row = 0, failing_since = null, spaced_failures = 0, spaced_failure_at = null,
           resting_until = null, held_until = null`,
    { id },
  );
}

/** Gives an endpoint a new secret; the present one signs beside it until a time, the one before that no more. */
export async function rotateSecret(
  db: Db,
  id: string,
  { secret, previousUntil, secretBox, now }: Opening & { secret: string; previousUntil: Timestamp },
): Promise<void> {
  await db.raw(
    `update webhook_endpoints
     set sealed_previous_secret = sealed_secret, previous_secret_until = :previousUntil, sealed_secret = :sealed,
         updated_at = :now
     where id = :id`,
    {
      id,
      previousUntil,
      now,
      sealed: sealEndpointPart(secretBox, { endpointId: id, part: 'secret', text: secret }),
    },
  );
}

/** Removes an endpoint with its deliveries, and all that was remembered for it. */
export async function deleteEndpoint(db: Db, id: string): Promise<void> {
  await db.raw(
    `delete from webhook_payloads where job_id is null and id in (
       select payload_id from webhook_deliveries where endpoint_id = :id and type = 'webhook.test'
     )`,
    { id },
  );
  await db('webhook_endpoints').where({ id }).delete();
}

/** Those of the ids that are no saved searches of the account. */
export async function missingSavedSearches(
  db: Db,
  { accountId, ids }: { accountId: string; ids: readonly string[] },
): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select id from saved_searches where account_id = :accountId and id = any (cast(:ids as text[]))`,
    { accountId, ids },
  );
  const found = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !found.has(id));
}
