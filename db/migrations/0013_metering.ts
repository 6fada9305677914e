import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table accounts
      -- Billing periods are counted from here, to the second.
      add column period_anchor timestamptz,
      add column suspended_at timestamptz,
      -- The account's own limit to what it pays beyond its plan.
      add column monthly_overage_cap_cents integer check (monthly_overage_cap_cents >= 0);
    update accounts set period_anchor = date_trunc('second', created_at);
    alter table accounts alter column period_anchor set not null;

    alter table api_keys
      -- Addresses and networks that may use the key; none: all.
      add column allowed_ips cidr[] not null default '{}',
      -- Lower limits of its own.
      add column requests_per_minute integer check (requests_per_minute > 0),
      add column monthly_calls integer check (monthly_calls >= 0);

    -- Apart from the keys, for it changes often, and whoever remembers keys must not forget them for it.
    create table api_key_uses (
      key_id text primary key references api_keys (id) on delete cascade,
      last_used_at timestamptz not null
    );

    create table billing_periods (
      account_id text not null references accounts (id) on delete cascade,
      starts_at timestamptz not null,
      ends_at timestamptz not null check (ends_at > starts_at),
      -- Units drawn from the quota: they block, nothing more.
      calls_drawn bigint not null default 0,
      -- Calls that count, as they came in with the usage: what is billed.
      calls_counted bigint not null default 0,
      primary key (account_id, starts_at)
    );

    -- Units drawn in a clock minute, by account and by key with limits of its own.
    create table account_minutes (
      account_id text primary key references accounts (id) on delete cascade,
      minute timestamptz not null,
      drawn integer not null
    );
    create table key_limits (
      key_id text primary key references api_keys (id) on delete cascade,
      minute timestamptz not null,
      drawn integer not null,
      period_starts_at timestamptz not null,
      calls_drawn bigint not null
    );

    -- API processes that are alive: they share what is left.
    create table api_processes (
      id text primary key,
      expires_at timestamptz not null
    );

    -- A batch of usage counts once, however often it is brought.
    create table usage_batches (
      id text primary key,
      received_at timestamptz not null default now()
    );
    create index usage_batches_received on usage_batches (received_at);

    create table usage_hours (
      account_id text not null,
      period_starts_at timestamptz not null,
      hour timestamptz not null,
      key_id text not null,
      -- Method and declared path.
      route text not null,
      -- 2 for 200 to 299 and so on.
      status_class smallint not null,
      requests bigint not null,
      -- Calls that count against the quota: an export is several, an answer of 304 none.
      calls bigint not null,
      primary key (account_id, period_starts_at, hour, key_id, route, status_class)
    );
    create index usage_hours_hour on usage_hours (account_id, hour);

    -- Who asked what kind of thing when; never addresses, values or answers.
    create table request_log (
      requested_at timestamptz not null,
      request_id text not null,
      account_id text not null,
      key_id text not null,
      route text not null,
      status smallint not null,
      duration_ms integer not null
    );
    create index request_log_requested on request_log (requested_at);
    create index request_log_account on request_log (account_id, requested_at);

    -- What an account is told of, by e-mail and by webhook.
    create table events (
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      type text not null,
      -- What it tells happens once.
      occurrence text not null,
      occurred_at timestamptz not null,
      data jsonb not null,
      mailed_at timestamptz,
      unique (account_id, type, occurrence)
    );
    create index events_to_mail on events (occurred_at) where mailed_at is null;

    create table audit_log (
      id bigint generated always as identity primary key,
      occurred_at timestamptz not null,
      -- Who acted: an operator, or the account by one of its keys.
      actor text not null,
      action text not null,
      account_id text,
      -- What was acted on, where that is not the account itself.
      subject text,
      details jsonb not null default '{}'
    );
    create index audit_log_account on audit_log (account_id, id);
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table audit_log, events, request_log, usage_hours, usage_batches, api_processes, key_limits, account_minutes,
      billing_periods, api_key_uses;
    alter table api_keys drop column monthly_calls, drop column requests_per_minute, drop column allowed_ips;
    alter table accounts drop column monthly_overage_cap_cents, drop column suspended_at, drop column period_anchor;
  `);
}

/** Limits, usage, notices and the audit log. */
export const metering: Knex.Migration = { up, down };
