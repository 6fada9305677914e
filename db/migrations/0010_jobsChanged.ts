import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  // By statement, not by row: Postgres sends a message once a transaction, however many statements there were.
  await knex.raw(`
    create function notify_jobs_changed() returns trigger language plpgsql as $$
    begin
      perform pg_notify('jobs_changed', '');
      return null;
    end
    $$;
    create trigger jobs_notify after insert or update or delete or truncate on jobs
      for each statement execute function notify_jobs_changed();
    create trigger job_identities_notify after insert or update or delete or truncate on job_identities
      for each statement execute function notify_jobs_changed();
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger job_identities_notify on job_identities;
    drop trigger jobs_notify on jobs;
    drop function notify_jobs_changed();
  `);
}

/** Whoever holds answers about jobs hears when they may have changed. */
export const jobsChanged: Knex.Migration = { up, down };
