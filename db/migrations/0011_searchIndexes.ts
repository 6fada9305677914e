import type { Knex } from 'knex';

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Days since 1970, and stretches of 16 and of 256 days: the newest jobs with a word are then found in one index, without
    -- reading all that hold it. search/postingTimes.ts numbers them in the same way.
    create function posting_time_buckets(posted_on timestamptz) returns integer[]
      language sql immutable parallel safe
      -- One expression without a query, so that Postgres puts it in the place of the call.
      return array[
        floor(extract(epoch from posted_on - '1970-01-01 00:00:00+00'::timestamptz) / 86400)::integer,
        1000000 + floor(extract(epoch from posted_on - '1970-01-01 00:00:00+00'::timestamptz) / 1382400)::integer,
        2000000 + floor(extract(epoch from posted_on - '1970-01-01 00:00:00+00'::timestamptz) / 22118400)::integer
      ];

    create index jobs_search on jobs
      using gin (search_vector, skill_set, category_path, posting_time_buckets(posted_on));
    drop index jobs_search_vector, jobs_skill_set, jobs_category_path;

    -- Holds what filters read, so that jobs which do not match are passed over without being looked at.
    create index jobs_newest on jobs (posted_on, id) include (
      is_sample, duplicate_of, job_type, status, contractor_tier, category_group, budget_amount, budget_currency,
      hourly_min, hourly_max, hourly_currency, duration_label, engagement, workload, contract_to_hire, proposals_tier,
      total_applicants, payment_verified, buyer_country, buyer_timezone, buyer_total_spent, buyer_total_assignments,
      buyer_total_jobs_with_hires, last_visited_at, updated_at
    );
    drop index jobs_posted_on, jobs_category_group, jobs_buyer_country;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    create index jobs_posted_on on jobs (posted_on, id);
    create index jobs_category_group on jobs (category_group, posted_on, id);
    create index jobs_buyer_country on jobs (buyer_country, posted_on, id);
    create index jobs_search_vector on jobs using gin (search_vector);
    create index jobs_skill_set on jobs using gin (skill_set);
    create index jobs_category_path on jobs using gin (category_path);
    drop index jobs_newest, jobs_search;
    drop function posting_time_buckets;
  `);
}

/** Indexes under which a page of the newest jobs costs the same however many there are. */
export const searchIndexes: Knex.Migration = { up, down };
