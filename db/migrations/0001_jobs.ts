import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table sources (
      id text primary key check (id ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
      kind text not null check (kind in ('file', 'http', 'upwork', 'push')),
      is_sample boolean not null default false,
      created_at timestamptz not null default now()
    );

    create table ingest_runs (
      id text primary key,
      source_id text not null references sources (id),
      location text not null,
      -- The mapping document given for this run; null: picked from those shipped, row by row.
      mapping jsonb,
      scraped_at timestamptz,
      -- Postings are moved so that the newest is at this time; null: left as they are.
      shift_to timestamptz,
      shift_ms bigint,
      newest_posted_on timestamptz,
      cursor jsonb,
      created_at timestamptz not null default now(),
      finished_at timestamptz
    );
    create index ingest_runs_source on ingest_runs (source_id, created_at desc);

    create table batches (
      id text primary key,
      run_id text not null references ingest_runs (id),
      source_id text not null references sources (id),
      sequence integer not null,
      row_count integer not null,
      is_last boolean not null,
      -- When its rows were seen, where a row does not say itself (file modification time, response Date).
      seen_at timestamptz not null,
      received_at timestamptz not null default now(),
      verified_at timestamptz,
      published_at timestamptz,
      indexed_at timestamptz,
      unique (run_id, sequence)
    );

    create table raw_postings (
      batch_id text not null references batches (id),
      row_number integer not null,
      -- json, not jsonb: kept as received, escapes of NUL and lone surrogates included.
      payload json not null,
      -- Why the row could not be read at all (a broken line); its text is then the payload.
      broken text,
      primary key (batch_id, row_number)
    );

    create table verified_postings (
      batch_id text not null references batches (id),
      row_number integer not null,
      mapping_name text not null,
      observed_at timestamptz not null,
      -- json, not jsonb: written once, read whole.
      identities json not null,
      content json not null,
      flags text[] not null,
      findings json not null,
      primary key (batch_id, row_number)
    );

    create table posting_outcomes (
      batch_id text not null references batches (id),
      row_number integer not null,
      outcome text not null
        check (outcome in ('accepted', 'updated', 'unchanged', 'duplicate', 'quarantined', 'rejected')),
      job_id text,
      rules text[] not null,
      findings json not null,
      decided_at timestamptz not null,
      primary key (batch_id, row_number)
    );
    create index posting_outcomes_job on posting_outcomes (job_id) where job_id is not null;

    create table jobs (
      id text primary key,
      version integer not null,
      content jsonb not null,
      provenance jsonb not null,
      flags text[] not null,
      quality_score real not null,
      is_sample boolean not null,
      posted_on timestamptz not null,
      last_visited_at timestamptz not null,
      first_seen_at timestamptz not null,
      verified_at timestamptz not null,
      updated_at timestamptz not null,
      -- What filters and orders read, all derived from content.
      job_type smallint,
      status smallint,
      contractor_tier smallint,
      category_path text[] not null,
      category_group text,
      budget_amount numeric,
      budget_currency text,
      hourly_min numeric,
      hourly_max numeric,
      hourly_currency text,
      skill_set text[] not null,
      duration_label text,
      engagement text,
      workload text,
      contract_to_hire boolean,
      proposals_tier text,
      total_applicants integer,
      payment_verified boolean,
      buyer_country text,
      buyer_timezone text,
      buyer_total_spent numeric,
      buyer_total_assignments integer,
      buyer_total_jobs_with_hires integer,
      search_vector tsvector not null,
      -- Order of ingestion that concurrent transactions cannot disturb: read below pg_snapshot_xmin.
      ingested_transaction xid8 not null default pg_current_xact_id(),
      ingested_number bigint generated always as identity
    );
    create index jobs_posted_on on jobs (posted_on, id);
    create index jobs_updated_at on jobs (updated_at);
    create index jobs_last_visited_at on jobs (last_visited_at, id);
    create index jobs_budget_amount on jobs (budget_amount, id) where budget_amount is not null;
    create index jobs_ingested on jobs (ingested_transaction, ingested_number);
    create index jobs_search_vector on jobs using gin (search_vector);
    create index jobs_skill_set on jobs using gin (skill_set);
    create index jobs_category_path on jobs using gin (category_path);
    create index jobs_category_group on jobs (category_group, posted_on, id);
    create index jobs_buyer_country on jobs (buyer_country, posted_on, id);

    create table job_identities (
      kind text not null check (kind in ('uid', 'ciphertext', 'derived')),
      value text not null,
      job_id text not null references jobs (id) on update cascade on delete cascade deferrable initially deferred,
      primary key (kind, value)
    );
    create index job_identities_job on job_identities (job_id);

    -- When each source last showed a job: a look that finds nothing new leaves the job itself alone.
    create table job_sightings (
      job_id text not null references jobs (id) on delete cascade,
      source_id text not null references sources (id),
      observed_at timestamptz not null,
      primary key (job_id, source_id)
    );

    create table job_merges (
      id bigint generated always as identity primary key,
      kept_id text not null,
      merged_id text not null,
      kept_state jsonb not null,
      merged_state jsonb not null,
      batch_id text not null,
      row_number integer not null,
      merged_at timestamptz not null,
      undone_at timestamptz
    );
    create index job_merges_kept on job_merges (kept_id);

    -- What the search index holds of each job; behind jobs.version means stale.
    create table job_index_state (
      job_id text primary key references jobs (id) on delete cascade,
      indexed_version integer not null,
      searchable_at timestamptz not null
    );
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table job_index_state, job_merges, job_sightings, job_identities, jobs, posting_outcomes,
      verified_postings, raw_postings, batches, ingest_runs, sources;
  `);
}

/** Postings as received, what verification made of them, and the jobs they became. */
export const jobs: Knex.Migration = { up, down };
