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
    alter table accounts alter column period_anchor set default date_trunc('second', now()), alter column period_anchor set not null;

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

    -- Takes units of an account's, and of a key's own, limits: one call, however many limits there are (db/callLimits.ts).
    create function draw_units(
      account text,
      -- Null: the key has no limits of its own.
      key text,
      -- For requests that wait; more, up to the block, for those to come.
      requests_needed integer, requests_block integer,
      calls_needed integer, calls_block integer,
      -- Null: without limit.
      minute_limit integer, key_minute_limit integer,
      call_limit bigint, key_call_limit bigint,
      period_start timestamptz, period_end timestamptz,
      out requests integer, out requests_left integer,
      out calls integer, out calls_left bigint,
      out drawn_in_period bigint,
      out in_minute timestamptz, out minute_ms_left double precision,
      out processes integer
    ) language plpgsql as $$
    declare
      minutes account_minutes;
      own key_limits;
      drawn bigint;
    begin
      select greatest(1, count(*)) into processes from api_processes where expires_at > clock_timestamp();

      insert into account_minutes values (account, date_trunc('minute', clock_timestamp()), 0) on conflict do nothing;
      select * into minutes from account_minutes where account_id = account for update;
      -- Asked once the row is ours: others may have held it until the minute was over. A clock that goes back opens no minute again.
      in_minute := greatest(minutes.minute, date_trunc('minute', clock_timestamp()));
      minute_ms_left := extract(epoch from in_minute + interval '1 minute' - clock_timestamp()) * 1000;
      if in_minute > minutes.minute then minutes.drawn := 0; end if;

      insert into billing_periods (account_id, starts_at, ends_at) values (account, period_start, period_end) on conflict do nothing;
      select calls_drawn into drawn from billing_periods where account_id = account and starts_at = period_start for update;

      requests_left := minute_limit - minutes.drawn;
      calls_left := call_limit - drawn;
      if key is not null then
        insert into key_limits values (key, in_minute, 0, period_start, 0) on conflict do nothing;
        select * into own from key_limits where key_id = key for update;
        if own.minute < in_minute then own.drawn := 0; end if;
        if own.period_starts_at < period_start then own.calls_drawn := 0; end if;
        requests_left := least(requests_left, key_minute_limit - own.drawn);
        calls_left := least(calls_left, key_call_limit - own.calls_drawn);
      end if;

      requests := greatest(0, least(
        requests_left, greatest(requests_needed, least(requests_block, requests_left / (2 * processes)))));
      calls := case when requests = 0 and requests_needed > 0 then 0 else greatest(0, least(
        calls_left, greatest(calls_needed, least(calls_block, calls_left / (2 * processes))))) end;
      requests_left := requests_left - requests;
      calls_left := calls_left - calls;
      drawn_in_period := drawn + calls;

      update account_minutes set minute = in_minute, drawn = minutes.drawn + requests where account_id = account;
      if calls > 0 then
        update billing_periods set calls_drawn = drawn_in_period where account_id = account and starts_at = period_start;
      end if;
      if key is not null then
        update key_limits set minute = in_minute, drawn = own.drawn + requests,
          period_starts_at = greatest(own.period_starts_at, period_start), calls_drawn = own.calls_drawn + calls
        where key_id = key;
      end if;
    end
    $$;

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
    drop function draw_units;
    drop table audit_log, events, request_log, usage_hours, usage_batches, api_processes, key_limits, account_minutes,
      billing_periods, api_key_uses;
    alter table api_keys drop column monthly_calls, drop column requests_per_minute, drop column allowed_ips;
    alter table accounts drop column monthly_overage_cap_cents, drop column suspended_at, drop column period_anchor;
  `);
}

/** Limits, usage, notices and the audit log. */
export const metering: Knex.Migration = { up, down };
