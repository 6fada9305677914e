import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create extension if not exists citext;

    create table plans (
      id text not null,
      effective_from timestamptz not null,
      name text not null,
      -- Order of the plans from small to large.
      rank smallint not null,
      -- Null where the contract sets it.
      monthly_price_cents integer,
      annual_discount_percent integer,
      monthly_calls integer,
      overage_cents_per_call integer,
      requests_per_minute integer,
      requests_in_flight integer,
      -- Null: everything.
      retention_days integer,
      saved_searches integer,
      webhook_endpoints integer,
      advanced_filters boolean not null,
      exports boolean not null,
      support_target_hours integer not null,
      primary key (id, effective_from)
    );

    insert into plans values
      ('starter', '2026-01-01Z', 'Starter', 1, 0, null, 1000, null, 10, 5, 7, 0, 0, false, false, 24),
      ('professional', '2026-01-01Z', 'Professional', 2, 9900, 20, 25000, 1, 100, 20, 30, 25, 0, true, false, 12),
      ('business', '2026-01-01Z', 'Business', 3, 29900, 25, 100000, 1, 500, 50, 183, 250, 10, true, true, 4),
      ('enterprise', '2026-01-01Z', 'Enterprise', 4, null, null, null, null, null, null, null, null, null, true, true, 2);

    create table accounts (
      id text primary key,
      email citext not null unique,
      name text,
      company text,
      plan_id text not null,
      -- Terms of a contract that replace the plan's, by the plan's column names.
      plan_overrides jsonb not null default '{}',
      created_at timestamptz not null default now()
    );

    create table api_keys (
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      -- HMAC-SHA-256 under the server's pepper: the key itself is stored nowhere.
      hash bytea not null unique,
      kind text not null check (kind in ('live', 'test')),
      last_four text not null,
      name text,
      scopes text[] not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      revoked_at timestamptz
    );
    create index api_keys_account on api_keys (account_id);
    create index api_keys_last_four on api_keys (last_four);
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table api_keys, accounts, plans;');
}

/** Plans (data, versioned by the day they take effect), accounts and their API keys. */
export const accounts: Knex.Migration = { up, down };
