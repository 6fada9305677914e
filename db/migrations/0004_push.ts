import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- With these a source pushes postings.
    create table source_tokens (
      id text primary key,
      source_id text not null references sources (id) on delete cascade,
      -- HMAC-SHA-256 under the server's pepper: the token itself is stored nowhere.
      hash bytea not null unique,
      last_four text not null,
      created_at timestamptz not null,
      revoked_at timestamptz
    );
    create index source_tokens_source on source_tokens (source_id);

    -- Answers to requests that changed something, kept for a day, so that a repeat changes nothing.
    create table idempotency_keys (
      -- Account or source token.
      owner text not null,
      key text not null,
      request_hash bytea not null,
      status smallint not null,
      -- json, not jsonb: answered again as it was, escapes of NUL included.
      answer json not null,
      created_at timestamptz not null,
      primary key (owner, key)
    );
    create index idempotency_keys_created_at on idempotency_keys (created_at);

    -- Of the run that collects what a source pushes in a day: its batches so far.
    alter table ingest_runs add column pushed_batches integer not null default 0;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table ingest_runs drop column pushed_batches;
    drop table idempotency_keys, source_tokens;
  `);
}

/** Sources that push: their tokens, and the answers they were given. */
export const push: Knex.Migration = { up, down };
