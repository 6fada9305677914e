import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Bands of the near-duplicate index, computed with the rest of verification.
    alter table verified_postings add column text_bands text[] not null default '{}';

    alter table jobs
      add column text_bands text[] not null default '{}',
      -- The job that is shown for this one and answers for it; null for a job shown itself. Never a chain.
      add column duplicate_of text references jobs (id) on delete set null deferrable initially deferred;
    -- Probed by every batch: a list of pending entries would be read through at each probe.
    create index jobs_text_bands on jobs using gin (text_bands) with (fastupdate = off);
    create index jobs_duplicate_of on jobs (duplicate_of) where duplicate_of is not null;
    create index jobs_client on jobs ((content ->> 'clientId'), posted_on) where content ->> 'clientId' is not null;

    -- What screening thought of a row; rows it saw nothing in have none.
    create table screening_verdicts (
      batch_id text not null references batches (id),
      row_number integer not null,
      verdict text not null check (verdict in ('accept', 'quarantine', 'reject')),
      score real not null,
      model_version text not null,
      signals json not null,
      decided_at timestamptz not null,
      primary key (batch_id, row_number)
    );

    -- Postings that wait for an operator, and what operators decided: one entry a posting, however often it comes.
    create table quarantined_postings (
      id bigint generated always as identity primary key,
      identity_kind text not null,
      identity_value text not null,
      state text not null default 'pending' check (state in ('pending', 'accepted', 'rejected')),
      -- The row last held.
      batch_id text not null references batches (id),
      row_number integer not null,
      title text not null,
      rules text[] not null,
      held_at timestamptz not null,
      decided_at timestamptz,
      unique (identity_kind, identity_value)
    );
    create index quarantined_postings_pending on quarantined_postings (held_at) where state = 'pending';
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table quarantined_postings, screening_verdicts;
    alter table jobs drop column duplicate_of, drop column text_bands;
    alter table verified_postings drop column text_bands;
    drop index if exists jobs_client;
  `);
}

/** Near duplicates and their folding, verdicts of screening, quarantine. */
export const screening: Knex.Migration = { up, down };
