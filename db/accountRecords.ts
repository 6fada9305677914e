import { readUntilAborted } from './abandonedReads';
import type { Db } from './connection';

/** A table with rows that belong to accounts: what the export shows of them, and what erasure does to them. */
export interface AccountTable {
  table: string;
  /** SQL: which rows are the account's, whose id is `:accountId`. */
  belongs: string;
  /** Null: working state, which says nothing that other tables do not. */
  exported: {
    /** Its member in the export. */
    as: string;
    columns: readonly string[];
    /** Columns that order the rows, each row in a place of its own. */
    order: readonly string[];
  } | null;
  /** Where the rows outlive the account: SQL that takes the person out of them, and which rows still hold it. */
  anonymised?: { set: string; where: string };
}

/** By the endpoint, which these tables are indexed by. */
const OF_ENDPOINTS = 'endpoint_id in (select id from webhook_endpoints where account_id = :accountId)';

/**
 * Every table that holds something about accounts, besides `accounts` itself. Export and erasure both go by this list, and a test
 * fails for a table that is missing here. Erasure goes through it in this order: what refers to keys before the keys.
 */
export const ACCOUNT_TABLES: readonly AccountTable[] = [
  {
    table: 'api_key_uses',
    belongs: 'key_id in (select id from api_keys where account_id = :accountId)',
    exported: { as: 'key_uses', columns: ['key_id', 'last_used_at'], order: ['key_id'] },
  },
  {
    table: 'key_limits',
    belongs: 'key_id in (select id from api_keys where account_id = :accountId)',
    exported: null,
  },
  { table: 'recovery_codes', belongs: 'account_id = :accountId', exported: null },
  {
    table: 'signups',
    // Those of the address as well: one that came while the account was going would keep it.
    belongs: '(account_id = :accountId or email = (select email from accounts where id = :accountId))',
    exported: {
      as: 'signups',
      columns: [
        'id',
        'email',
        'name',
        'company',
        'requested_at',
        'letter',
        'key_id',
        'outcome',
        'finished_at',
      ],
      order: ['requested_at', 'id'],
    },
  },
  {
    table: 'api_keys',
    belongs: 'account_id = :accountId',
    exported: {
      as: 'keys',
      // The hash is left out: it tells nobody anything, and is worth something to whoever guesses keys.
      columns: [
        'id',
        'kind',
        'last_four',
        'name',
        'scopes',
        'created_at',
        'expires_at',
        'revoked_at',
        'allowed_ips::text[] as allowed_ips',
        'requests_per_minute',
        'monthly_calls',
        'replaced_by',
      ],
      order: ['created_at', 'id'],
    },
  },
  {
    table: 'webhook_payloads',
    // Of what is no job: of these, endpoints of other accounts know nothing.
    belongs: `job_id is null and id in (
      select payload_id from webhook_deliveries where ${OF_ENDPOINTS} and job_id is null
    )`,
    // What they tell of an account is exported as its events.
    exported: null,
  },
  {
    table: 'webhook_deliveries',
    belongs: OF_ENDPOINTS,
    exported: {
      as: 'webhook_deliveries',
      columns: [
        'id',
        'sequence',
        'endpoint_id',
        'event_id',
        'type',
        'created_at',
        'job_id',
        'details',
        'status',
        'due_at',
        'tries',
        'attempts',
        'finished_at',
      ],
      order: ['endpoint_id', 'sequence'],
    },
  },
  {
    table: 'webhook_told_jobs',
    belongs: OF_ENDPOINTS,
    exported: {
      as: 'webhook_told_jobs',
      columns: ['job_id', 'endpoint_id', 'posted_on', 'matched_at', 'saved_searches', 'updated_at'],
      order: ['endpoint_id', 'matched_at', 'job_id'],
    },
  },
  {
    table: 'webhook_endpoint_states',
    belongs: OF_ENDPOINTS,
    exported: {
      as: 'webhook_endpoint_states',
      columns: [
        'endpoint_id',
        'failures_in_a_row',
        'failing_since',
        'spaced_failures',
        'spaced_failure_at',
        'last_success_at',
        'last_failure_at',
        'resting_until',
        'held_until',
        'minute',
        'sent_in_minute',
      ],
      order: ['endpoint_id'],
    },
  },
  {
    table: 'webhook_endpoints',
    belongs: 'account_id = :accountId',
    exported: {
      as: 'webhook_endpoints',
      // Address, headers and secrets are left out: they are sealed, and whoever may read them has them from the API.
      columns: [
        'id',
        'previous_secret_until',
        'description',
        'events',
        'saved_search_ids',
        'format',
        'format_options',
        'max_in_flight',
        'rate_limit',
        'disabled_at',
        'disabled_reason',
        'created_at',
        'updated_at',
      ],
      order: ['created_at', 'id'],
    },
  },
  {
    table: 'saved_searches',
    belongs: 'account_id = :accountId',
    exported: {
      as: 'saved_searches',
      columns: ['id', 'name', 'parameters', 'filter', 'moving_bounds', 'created_at', 'updated_at'],
      order: ['created_at', 'id'],
    },
  },
  { table: 'account_minutes', belongs: 'account_id = :accountId', exported: null },
  {
    table: 'billing_periods',
    belongs: 'account_id = :accountId',
    exported: {
      as: 'billing_periods',
      columns: ['starts_at', 'ends_at', 'calls_drawn', 'calls_counted'],
      order: ['starts_at'],
    },
  },
  {
    table: 'usage_hours',
    belongs: 'account_id = :accountId',
    exported: {
      as: 'usage',
      columns: ['hour', 'period_starts_at', 'key_id', 'route', 'status_class', 'requests', 'calls'],
      order: ['hour', 'period_starts_at', 'key_id', 'route', 'status_class'],
    },
  },
  {
    table: 'events',
    belongs: 'account_id = :accountId',
    exported: {
      as: 'events',
      columns: ['id', 'type', 'occurred_at', 'data', 'mailed_at', 'mail_refused_at'],
      order: ['occurred_at', 'id'],
    },
  },
  {
    table: 'idempotency_keys',
    belongs: 'owner = :accountId',
    // An answer may hold a key that was shown once.
    exported: { as: 'idempotency_keys', columns: ['key', 'status', 'created_at'], order: ['key'] },
  },
  {
    table: 'audit_log',
    belongs: 'account_id = :accountId',
    exported: {
      as: 'audit_log',
      columns: ['id', 'occurred_at', 'actor', 'action', 'subject', 'details'],
      order: ['id'],
    },
    anonymised: {
      set: `actor = case when actor like 'key:%' then 'account' else actor end, subject = null, details = '{}'`,
      where: `(actor like 'key:%' or subject is not null or details <> '{}')`,
    },
  },
  {
    table: 'request_log',
    belongs: 'account_id = :accountId',
    exported: {
      as: 'requests',
      columns: ['requested_at', 'request_id', 'key_id', 'route', 'status', 'duration_ms'],
      // Callers name their requests, and may name two alike; rows of the log never change their place.
      order: ['requested_at', 'request_id', 'ctid'],
    },
  },
];

const ROWS_PER_PAGE = 1_000;

/**
 * What a table holds of an account, page by page in a fixed order. Between pages there is neither a connection nor a snapshot that
 * a slow reader would hold.
 * @throws the signal's reason once it is aborted.
 */
export async function* readAccountRecords(
  db: Db,
  { table, belongs, exported }: AccountTable,
  accountId: string,
  signal: AbortSignal,
): AsyncGenerator<object[]> {
  if (!exported) return;
  const order = exported.order.map((column) => `${table}.${column}`).join(', ');
  const place = `array[${exported.order.map((column) => `${table}.${column}::text`).join(', ')}] as place`;
  const readPage = (after: readonly string[]): Promise<PlacedRecord[]> =>
    readUntilAborted(db, signal, async (transaction) => {
      const names = after.map((_, index) => `:after${index}`);
      const behind = names.length > 0 ? `and (${order}) > (${names.join(', ')})` : '';
      const { rows } = await transaction.raw<{ rows: PlacedRecord[] }>(
        `select ${exported.columns.join(', ')}, ${place} from ${table}
         where ${belongs} ${behind} order by ${order} limit :most`,
        {
          accountId,
          most: ROWS_PER_PAGE,
          ...Object.fromEntries(after.map((value, index) => [`after${index}`, value])),
        },
      );
      return rows;
    });
  let after: readonly string[] | undefined = [];
  while (after) {
    const records: PlacedRecord[] = await readPage(after);
    if (records.length > 0) yield records.map(withoutPlace);
    after = records.length < ROWS_PER_PAGE ? undefined : records.at(-1)?.place;
  }
}

/** With where it stands in the order. */
interface PlacedRecord {
  place: string[];
}

function withoutPlace(record: PlacedRecord): object {
  const shown: Partial<PlacedRecord> = { ...record };
  delete shown.place;
  return shown;
}
