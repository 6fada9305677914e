import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- How many jobs have each skill or category. Counted again and again, whole.
    create table vocabulary_counts (
      kind text not null check (kind in ('skill', 'category', 'category_group')),
      value text not null,
      -- Jobs posted in the last so many days; 36,500 for all there are.
      window_days integer not null,
      jobs integer not null,
      sample_jobs integer not null,
      primary key (kind, window_days, value)
    );
    -- What a skill begins with, whatever the collation.
    create index vocabulary_counts_prefix on vocabulary_counts (kind, window_days, value text_pattern_ops);

    -- Share of the jobs that hold a word, by a sample of them; rarer words are not kept.
    create table word_shares (
      word text primary key,
      share real not null
    );

    -- One row: the latest count.
    create table vocabulary_state (
      only_row boolean primary key default true check (only_row),
      -- Null before the first.
      counted_at timestamptz,
      took_ms integer not null default 0,
      jobs integer not null default 0,
      window_days integer[] not null default '{}'
    );
    insert into vocabulary_state default values;

    -- All that trends read, so that a month of jobs is read off the index and not off their wide rows. Skills are left out: a posting
    -- may have more of them than an index entry holds.
    create index jobs_trends on jobs (posted_on)
      include (
        is_sample, job_type, status, contractor_tier, category_path, category_group, buyer_country, payment_verified,
        budget_amount, budget_currency, hourly_min, hourly_max, hourly_currency
      )
      where duplicate_of is null;
    -- It serves alone only where vacuum has been: after a fiftieth of the rows is new, not a fifth.
    alter table jobs set (autovacuum_vacuum_insert_scale_factor = 0.02);
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table jobs reset (autovacuum_vacuum_insert_scale_factor);
    drop index jobs_trends;
    drop table vocabulary_state, word_shares, vocabulary_counts;
  `);
}

/** What is told of the market: counts of skills and categories, and the index that trends are read off. */
export const market: Knex.Migration = { up, down };
