import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The key that was made to take this one's place. Not held to exist: keys of an account go together.
    alter table api_keys add column replaced_by text;

    alter table idempotency_keys
      alter column answer drop not null,
      -- An answer that holds a secret, encrypted.
      add column sealed_answer bytea,
      add check ((answer is null) <> (sealed_answer is null));
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    delete from idempotency_keys where answer is null;
    alter table idempotency_keys drop column sealed_answer, alter column answer set not null;
    alter table api_keys drop column replaced_by;
  `);
}

/** Keys that take the place of others, and answers that hold a key. */
export const keys: Knex.Migration = { up, down };
