import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- From here on no key of the account works, and what is held about it goes.
    alter table accounts add column erasing_since timestamptz;

    -- That an account was erased, and the proof. Of the account only the id is left, which leads to nobody any more.
    create table erasures (
      id text primary key,
      account_id text not null unique,
      requested_at timestamptz not null,
      -- Rows removed, or made anonymous, by table; counted by the statement that does it.
      removed jsonb not null default '{}',
      -- When the holder was told; null: not told, or not yet.
      told_at timestamptz,
      finished_at timestamptz
    );
    create index erasures_unfinished on erasures (requested_at, id) where finished_at is null;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table erasures;
    alter table accounts drop column erasing_since;
  `);
}

/** Accounts that are being erased, and the proof that others were. */
export const erasure: Knex.Migration = { up, down };
