import type { Knex } from 'knex';

const TABLES = ['api_keys', 'accounts', 'plans'];

async function up(knex: Knex): Promise<void> {
  const triggers = TABLES.map(
    (table) => `
      create trigger ${table}_notify after insert or update or delete or truncate on ${table}
        for each statement execute function notify_keys_changed();`,
  );
  await knex.raw(`
    create function notify_keys_changed() returns trigger language plpgsql as $$
    begin
      perform pg_notify('keys_changed', '');
      return null;
    end
    $$;
    ${triggers.join('')}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${TABLES.map((table) => `drop trigger ${table}_notify on ${table};`).join(' ')}
    drop function notify_keys_changed();
  `);
}

/** Whoever remembers what a key may do hears when that may have changed. */
export const keysChanged: Knex.Migration = { up, down };
