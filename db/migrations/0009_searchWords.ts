import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create extension if not exists fuzzystrmatch;

    -- Words that some job has or had: those that a misspelt one may mean.
    create table search_words (word text primary key);
    create index search_words_like on search_words (left(word, 1), length(word));

    insert into search_words
    select word from ts_stat('select search_vector from jobs')
    where length(word) between 4 and 40 and word !~ '[^[:alpha:]]';
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table search_words;');
}

/** The vocabulary of the jobs, for searches that are misspelt. */
export const searchWords: Knex.Migration = { up, down };
