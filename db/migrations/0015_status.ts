import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Minutes in which the API was probed, the first one ever among them; a minute that is missing was probed by nobody.
    create table probe_minutes (
      minute timestamptz primary key,
      is_good boolean not null
    );

    -- When the first version was searchable, where that is not the present one: freshness is about the first.
    alter table job_index_state add column first_searchable_at timestamptz;

    -- Jobs by when they came, counted and measured without a look at their wide rows.
    create index jobs_first_seen on jobs (first_seen_at) include (posted_on, id)
      where duplicate_of is null and not is_sample;

    create index batches_unindexed on batches (published_at, id) where published_at is not null and indexed_at is null;
    create index batches_published on batches (source_id, published_at) where published_at is not null;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop index batches_published, batches_unindexed, jobs_first_seen;
    alter table job_index_state drop column first_searchable_at;
    drop table probe_minutes;
  `);
}

/** What the service tells of itself: probed minutes, and the indexes under which freshness and backlogs are cheap to read. */
export const status: Knex.Migration = { up, down };
