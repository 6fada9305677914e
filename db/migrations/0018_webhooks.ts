import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table saved_searches (
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      name text not null,
      -- Parameters of GET /jobs by name, as the account has given them.
      parameters jsonb not null,
      -- What they say (domain/jobFilter.ts), and which of its bounds move with time.
      filter jsonb not null,
      moving_bounds jsonb not null default '{}',
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create index saved_searches_account on saved_searches (account_id, created_at, id);

    create table webhook_endpoints (
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      -- Sealed (db/webhookSecrets.ts): the address, its headers and what signs may each be a password.
      sealed_url bytea not null,
      sealed_headers bytea,
      sealed_secret bytea not null,
      -- It signs beside the other until then.
      sealed_previous_secret bytea,
      previous_secret_until timestamptz,
      description text,
      events text[] not null,
      -- Null: all of the account's.
      saved_search_ids text[],
      format text not null default 'json',
      format_options jsonb not null default '{}',
      max_in_flight smallint not null default 1 check (max_in_flight between 1 and 20),
      -- Requests a minute; null: as many as there are.
      rate_limit integer check (rate_limit > 0),
      disabled_at timestamptz,
      -- By its owner, by an answer of 410, or for having failed for days.
      disabled_reason text check (disabled_reason in ('owner', 'gone', 'failing')),
      created_at timestamptz not null,
      updated_at timestamptz not null,
      check ((disabled_at is null) = (disabled_reason is null))
    );
    create index webhook_endpoints_account on webhook_endpoints (account_id, created_at, id);

    -- Apart from the endpoints, for it changes often, and whoever remembers endpoints must not read them anew for it.
    create table webhook_endpoint_states (
      endpoint_id text primary key references webhook_endpoints (id) on delete cascade,
      failures_in_a_row integer not null default 0,
      -- The first failure since the latest success.
      failing_since timestamptz,
      -- Failures since then that lie twelve hours apart, and the latest of these.
      spaced_failures integer not null default 0,
      spaced_failure_at timestamptz,
      last_success_at timestamptz,
      last_failure_at timestamptz,
      -- Until when it is left alone: it rests after failures, or has asked for it (Retry-After).
      resting_until timestamptz,
      held_until timestamptz,
      -- Requests of a clock minute, where there is a limit to them.
      minute timestamptz,
      sent_in_minute integer not null default 0
    );

    -- What events tell, once however many endpoints hear of it: JSON text of a job as the API shows it, or of an event's data.
    create table webhook_payloads (
      id bigint generated always as identity primary key,
      job_id text,
      job_version integer,
      body text not null,
      created_at timestamptz not null
    );
    create index webhook_payloads_job on webhook_payloads (job_id) where job_id is not null;
    create index webhook_payloads_created on webhook_payloads (created_at);

    -- The outbox: an event for an endpoint, written by the transaction that it tells of.
    create table webhook_deliveries (
      id text primary key,
      sequence bigint generated always as identity,
      endpoint_id text not null references webhook_endpoints (id) on delete cascade,
      account_id text not null,
      event_id text not null,
      type text not null,
      created_at timestamptz not null,
      -- Without reference: what has no payload any more has expired.
      payload_id bigint not null,
      job_id text,
      -- What the event tells besides its payload: saved searches, changed fields, that it is a replay.
      details jsonb not null default '{}',
      status text not null default 'pending' check (status in ('pending', 'delivered', 'failed', 'expired')),
      -- Not before; null where nothing is pending.
      due_at timestamptz,
      -- Attempts that count, since it was last sent on its way.
      tries smallint not null default 0,
      -- All of them: at, status_code, duration_ms, answer, error.
      attempts jsonb not null default '[]',
      finished_at timestamptz,
      check ((status = 'pending') = (due_at is not null))
    );
    create index webhook_deliveries_due on webhook_deliveries (endpoint_id, due_at, sequence) where status = 'pending';
    create index webhook_deliveries_log on webhook_deliveries (endpoint_id, sequence);
    create index webhook_deliveries_failed on webhook_deliveries (endpoint_id, created_at)
      where status in ('failed', 'expired');
    create index webhook_deliveries_updates on webhook_deliveries (job_id, endpoint_id)
      where status = 'pending' and type = 'job.updated';
    create index webhook_deliveries_created on webhook_deliveries (created_at);

    -- Which jobs an endpoint was told of: of each once, and of its later changes.
    create table webhook_told_jobs (
      job_id text not null,
      endpoint_id text not null references webhook_endpoints (id) on delete cascade,
      account_id text not null,
      posted_on timestamptz not null,
      matched_at timestamptz not null,
      -- Those that it matched: [{id, name}].
      saved_searches jsonb not null,
      -- The latest job.updated event.
      updated_at timestamptz,
      primary key (job_id, endpoint_id)
    );
    create index webhook_told_jobs_endpoint on webhook_told_jobs (endpoint_id, matched_at);

    -- Of what saved searches are matched by: who holds it in memory asks for what has changed since a number. Writers come one after
    -- another by the one row, so that numbers follow one another as commits do.
    create table matching_clock (number bigint not null);
    insert into matching_clock values (0);
    create table matching_changes (
      number bigint not null,
      account_id text not null,
      primary key (number, account_id)
    );

    create function note_matching_changes() returns trigger language plpgsql as $$
    declare
      next bigint;
    begin
      if not exists (select from changed) then return null; end if;
      update matching_clock set number = number + 1 returning number into next;
      insert into matching_changes select distinct next, account_id from changed;
      return null;
    end
    $$;
    create function note_matching_change_of_endpoint() returns trigger language plpgsql as $$
    declare
      next bigint;
    begin
      update matching_clock set number = number + 1 returning number into next;
      insert into matching_changes values (next, new.account_id);
      return null;
    end
    $$;
    create function note_matching_change_of_account() returns trigger language plpgsql as $$
    declare
      next bigint;
    begin
      update matching_clock set number = number + 1 returning number into next;
      insert into matching_changes values (next, new.id);
      return null;
    end
    $$;
    create trigger saved_searches_inserted after insert on saved_searches
      referencing new table as changed for each statement execute function note_matching_changes();
    create trigger saved_searches_updated after update on saved_searches
      referencing new table as changed for each statement execute function note_matching_changes();
    create trigger saved_searches_deleted after delete on saved_searches
      referencing old table as changed for each statement execute function note_matching_changes();
    create trigger webhook_endpoints_inserted after insert on webhook_endpoints
      referencing new table as changed for each statement execute function note_matching_changes();
    create trigger webhook_endpoints_deleted after delete on webhook_endpoints
      referencing old table as changed for each statement execute function note_matching_changes();
    create trigger webhook_endpoints_updated after update on webhook_endpoints for each row
      when (
        old.events is distinct from new.events
        or old.saved_search_ids is distinct from new.saved_search_ids
        or old.disabled_reason is distinct from new.disabled_reason
      )
      execute function note_matching_change_of_endpoint();
    create trigger accounts_matched after update on accounts for each row
      when (old.plan_id <> new.plan_id or old.plan_overrides is distinct from new.plan_overrides)
      execute function note_matching_change_of_account();

    -- What an account is told of by e-mail goes to those of its endpoints that want it, in the same transaction.
    create function announce_event() returns trigger language plpgsql as $$
    declare
      payload bigint;
    begin
      if not exists (
        select from webhook_endpoints
        where account_id = new.account_id and new.type = any(events) and disabled_reason is distinct from 'owner'
      ) then return null; end if;
      insert into webhook_payloads (body, created_at) values (new.data::text, new.occurred_at) returning id into payload;
      insert into webhook_deliveries (id, endpoint_id, account_id, event_id, type, created_at, payload_id, due_at)
      select gen_random_uuid()::text, id, account_id, 'evt_' || replace(new.id, '-', ''), new.type, new.occurred_at,
             payload, new.occurred_at
      from webhook_endpoints
      where account_id = new.account_id and new.type = any(events) and disabled_reason is distinct from 'owner'
      order by created_at, id;
      return null;
    end
    $$;
    create trigger events_announced after insert on events for each row execute function announce_event();
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger events_announced on events;
    drop trigger accounts_matched on accounts;
    drop table matching_changes, matching_clock, webhook_told_jobs, webhook_deliveries, webhook_payloads,
      webhook_endpoint_states, webhook_endpoints, saved_searches;
    drop function announce_event(), note_matching_change_of_account(), note_matching_change_of_endpoint(),
      note_matching_changes();
  `);
}

/** Saved searches, the endpoints that hear of what matches them, and the outbox between the two. */
export const webhooks: Knex.Migration = { up, down };
