import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Written once and read a few times: compressing them would take half the time of storing them.
    alter table raw_postings set (toast_tuple_target = 8160);
    alter table verified_postings set (toast_tuple_target = 8160);
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table raw_postings reset (toast_tuple_target);
    alter table verified_postings reset (toast_tuple_target);
  `);
}

/** Postings under way are kept as they are, up to the size of a page. */
export const inlinePostings: Knex.Migration = { up, down };
