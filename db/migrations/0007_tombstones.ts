import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create sequence job_change_numbers;

    alter table jobs
      -- Place of the job's latest change in the order of changes: read below pg_snapshot_xmin, as with ingested_*.
      add column changed_transaction xid8,
      add column changed_number bigint,
      -- In which readers last came to see it: ingested, shown again, a sample no more.
      add column appeared_transaction xid8,
      -- In which it last went from open to closed; null when it never did.
      add column closed_transaction xid8;

    update jobs set
      changed_transaction = ingested_transaction,
      changed_number = ingested_number,
      appeared_transaction = ingested_transaction;

    alter table jobs
      alter column changed_transaction set default pg_current_xact_id(),
      alter column changed_transaction set not null,
      alter column changed_number set default nextval('job_change_numbers'),
      alter column changed_number set not null,
      alter column appeared_transaction set default pg_current_xact_id(),
      alter column appeared_transaction set not null;
    -- What a scope looks at is in it, so that rows outside a scope are passed over without being read.
    create index jobs_changed on jobs (changed_transaction, changed_number) include (posted_on, is_sample)
      where duplicate_of is null;

    -- Tombstones: jobs that readers were shown, or some of them, and are shown no more. posted_on and is_sample are those of
    -- the job until then: they tell to whom.
    create table job_removals (
      changed_transaction xid8 not null default pg_current_xact_id(),
      changed_number bigint not null default nextval('job_change_numbers'),
      job_id text not null,
      posted_on timestamptz not null,
      is_sample boolean not null,
      removed_at timestamptz not null default now(),
      primary key (changed_transaction, changed_number)
    );
    create index job_removals_removed_at on job_removals (removed_at);

    -- What time it was in terms of transactions: all that came to an end by then are older than the one named.
    create table job_change_clock (
      read_at timestamptz not null,
      oldest_transaction xid8 not null
    );
    create index job_change_clock_read_at on job_change_clock (read_at);
    insert into job_change_clock values (clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot()));

    create function note_job_change() returns trigger language plpgsql as $$
      begin
        new.changed_transaction := pg_current_xact_id();
        new.changed_number := nextval('job_change_numbers');
        if old.duplicate_of is not null or old.id <> new.id or (old.is_sample and not new.is_sample) then
          new.appeared_transaction := pg_current_xact_id();
        end if;
        if new.status = 2 and old.status is distinct from 2 then
          new.closed_transaction := pg_current_xact_id();
        end if;
        return new;
      end
    $$;

    create function note_job_removal() returns trigger language plpgsql as $$
      begin
        insert into job_removals (job_id, posted_on, is_sample) values (old.id, old.posted_on, old.is_sample);
        return null;
      end
    $$;

    -- Once a minute while there are changes. Nothing is unique about an entry, or publishers would wait for one another.
    create function note_job_change_time() returns trigger language plpgsql as $$
      begin
        insert into job_change_clock
        select clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot())
        where not exists (
          select from job_change_clock where read_at > clock_timestamp() - interval '1 minute'
        );
        return null;
      end
    $$;

    -- Columns that are only derived anew leave the version alone, and are no change.
    create trigger jobs_changed before update on jobs for each row
      when (
        old.version <> new.version
        or old.id <> new.id
        or (old.duplicate_of is null) <> (new.duplicate_of is null)
      )
      execute function note_job_change();

    -- A job of this very transaction was never shown. A posting time matters where it may lie before the window of a plan, none of
    -- which is shorter than a day.
    create trigger jobs_withdrawn after update on jobs for each row
      when (
        old.duplicate_of is null
        and old.ingested_transaction <> pg_current_xact_id()
        and (
          new.duplicate_of is not null
          or old.id <> new.id
          or (new.posted_on < old.posted_on and new.posted_on < now() - interval '1 day')
          or (old.is_sample and not new.is_sample)
        )
      )
      execute function note_job_removal();
    create trigger jobs_deleted after delete on jobs for each row
      when (old.duplicate_of is null and old.ingested_transaction <> pg_current_xact_id())
      execute function note_job_removal();

    create trigger jobs_change_time after insert or update or delete on jobs for each statement
      execute function note_job_change_time();
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger jobs_change_time on jobs;
    drop trigger jobs_deleted on jobs;
    drop trigger jobs_withdrawn on jobs;
    drop trigger jobs_changed on jobs;
    drop function note_job_change_time(), note_job_removal(), note_job_change();
    drop table job_change_clock, job_removals;
    drop index jobs_changed;
    alter table jobs
      drop column closed_transaction, drop column appeared_transaction, drop column changed_number,
      drop column changed_transaction;
    drop sequence job_change_numbers;
  `);
}

/**
 * The order of changes to jobs, and tombstones of those that are shown no more. Kept by triggers, so that no statement that
 * changes a job can forget it.
 */
export const tombstones: Knex.Migration = { up, down };
