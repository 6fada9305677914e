import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table sources
      -- Path or address that scheduled runs read; null for push, and for sources known by \`ingest\` alone.
      add column location text check (length(location) <= 4096),
      add column interval_seconds integer not null default 300 check (interval_seconds between 10 and 2592000),
      -- Its own mapping document; null: picked from those shipped, row by row.
      add column mapping jsonb,
      -- How its pages follow each other (http).
      add column options jsonb not null default '{}',
      add column paused boolean not null default false,
      -- Where the next scheduled run goes on; null: at the beginning.
      add column cursor jsonb,
      -- ETag and Last-Modified of the first page, to ask whether it has changed.
      add column validators jsonb,
      -- When an operator added it; null for a source known by \`ingest\` alone.
      add column added_at timestamptz,
      add column removed_at timestamptz;

    alter table ingest_runs
      add column is_scheduled boolean not null default false,
      add column failed_at timestamptz,
      add column failure_type text,
      add column failure text;

    -- What a run that failed has received and not published: the next scheduled run takes it up.
    create index batches_unpublished on batches (source_id, received_at)
      where published_at is null and row_count > 0;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop index batches_unpublished;
    alter table ingest_runs
      drop column is_scheduled, drop column failed_at, drop column failure_type, drop column failure;
    alter table sources
      drop column location, drop column interval_seconds, drop column mapping, drop column options, drop column paused,
      drop column cursor, drop column validators, drop column added_at, drop column removed_at;
  `);
}

/** Sources with a schedule, where their next run goes on, and what became of the last. */
export const sources: Knex.Migration = { up, down };
