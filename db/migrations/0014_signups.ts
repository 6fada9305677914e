import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Who asked for a key, or for another one, and what became of it. Kept for a month.
    create table signups (
      id text primary key,
      email citext not null,
      name text,
      company text,
      requested_at timestamptz not null,
      -- Known from the beginning when it is about another key, else once there is one.
      account_id text references accounts (id) on delete cascade,
      -- What is to be mailed: null until that is decided.
      letter text check (letter in ('welcome', 'recovery_code', 'new_key')),
      key_id text references api_keys (id) on delete set null,
      -- The key or the code, AES-256-GCM: here only until it is mailed, or given up.
      sealed_secret bytea,
      outcome text check (outcome in ('mailed', 'refused', 'superseded', 'given_up')),
      finished_at timestamptz,
      check ((outcome is null) = (finished_at is null)),
      check (finished_at is null or sealed_secret is null)
    );
    create index signups_unfinished on signups (id) where finished_at is null;
    create index signups_finished on signups (finished_at) where finished_at is not null;
    create index signups_account on signups (account_id);
    create index signups_email on signups (email);

    -- With it the holder of an account's address gets another key. One an account: a new one ends the one before.
    create table recovery_codes (
      account_id text primary key references accounts (id) on delete cascade,
      signup_id text not null references signups (id) on delete cascade,
      -- HMAC-SHA-256 under the server's pepper.
      hash bytea not null,
      expires_at timestamptz not null,
      attempts smallint not null default 0
    );
    create index recovery_codes_signup on recovery_codes (signup_id);

    -- How often somebody asked in a clock hour: an address of the network, or an e-mail address, under a keyed hash.
    create table signup_counts (
      asker bytea not null,
      hour timestamptz not null,
      asked integer not null,
      primary key (asker, hour)
    );
    create index signup_counts_hour on signup_counts (hour);

    alter table events add column mail_refused_at timestamptz;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table events drop column mail_refused_at;
    drop table signup_counts, recovery_codes, signups;
  `);
}

/** Sign-up and recovery: what was asked for, codes, and how often one may ask. */
export const signups: Knex.Migration = { up, down };
