import fc from 'fast-check';
import { createMatcher, type Matcher } from '../../activities/matcher';
import { createAccount } from '../../db/accounts';
import type { Db } from '../../db/connection';
import type { Job } from '../../domain/job';
import { matchesFilter, parseJobQuery } from '../../domain/jobFilter';
import { addMillis, DAY_MS } from '../../domain/time';
import type { WebhookEventType } from '../../domain/webhooks/eventTypes';
import { createTestDatabase } from '../support/database';
import { arbitraryJobs, arbitraryQuery } from '../support/generators';
import { publishedJob, storeJobs } from '../support/jobs';

const NOW = '2026-02-01T12:00:00.000Z';
const PYTHON = publishedJob({ id: '1', title: 'Python developer', postedOn: addMillis(NOW, -DAY_MS) });

let db: Db;
let drop: () => Promise<void>;
let matcher: Matcher;

beforeEach(async () => {
  ({ db, drop } = await createTestDatabase());
  matcher = createMatcher({ samplesForLiveKeys: false });
  await account('a');
});
afterEach(() => drop());

async function account(id: string, planId = 'business'): Promise<void> {
  await createAccount(db, { id, email: `${id}@example.com`, planId, now: NOW });
}

async function endpoint(
  id: string,
  {
    accountId = 'a',
    events = ['job.matched'],
    savedSearchIds = null,
  }: {
    accountId?: string;
    events?: WebhookEventType[];
    savedSearchIds?: string[] | null;
  } = {},
): Promise<void> {
  await db('webhook_endpoints').insert({
    id,
    account_id: accountId,
    sealed_url: Buffer.from('url'),
    sealed_secret: Buffer.from('secret'),
    events,
    saved_search_ids: savedSearchIds,
    created_at: NOW,
    updated_at: NOW,
  });
}

function searchRow(id: string, parameters: Record<string, string>, accountId = 'a'): object {
  const { filter, movingBounds } = parseJobQuery(parameters, NOW);
  return {
    id,
    account_id: accountId,
    name: `Name of ${id}`,
    parameters,
    filter: JSON.stringify(filter),
    moving_bounds: JSON.stringify(movingBounds),
    created_at: NOW,
    updated_at: NOW,
  };
}

async function savedSearch(id: string, parameters: Record<string, string>, accountId = 'a'): Promise<void> {
  await db('saved_searches').insert(searchRow(id, parameters, accountId));
}

/** Ids of saved searches by endpoint. */
async function heard(job: Job = PYTHON, { by = matcher, now = NOW } = {}): Promise<Record<string, string[]>> {
  const matches = (await by.match(db, [job], now)).get(job.id) ?? new Map();
  return Object.fromEntries(
    [...matches].map(([id, { savedSearches }]) => [
      id,
      savedSearches.map((search: { id: string }) => search.id).sort(),
    ]),
  );
}

describe('the matcher', () => {
  it('tells an endpoint of the account and the searches that match, by id and name', async () => {
    await endpoint('e');
    await savedSearch('python', { search: 'python' });
    await savedSearch('rust', { search: 'rust' });
    const matches = await matcher.match(db, [PYTHON, publishedJob({ id: '2', title: 'Cook' })], NOW);
    expect(matches).toEqual(
      new Map([
        [
          '1',
          new Map([['e', { accountId: 'a', savedSearches: [{ id: 'python', name: 'Name of python' }] }]]),
        ],
      ]),
    );
  });

  it('leaves to an endpoint those searches alone that it names', async () => {
    await savedSearch('s1', { search: 'python' });
    await savedSearch('s2', { search: 'developer' });
    await endpoint('all');
    await endpoint('one', { savedSearchIds: ['s2', 'gone'] });
    await endpoint('other', { savedSearchIds: ['gone'] });
    expect(await heard()).toEqual({ all: ['s1', 's2'], one: ['s2'] });
  });

  it('keeps accounts apart', async () => {
    await account('b');
    await endpoint('ea');
    await endpoint('eb', { accountId: 'b' });
    await savedSearch('sa', { search: 'python' });
    await savedSearch('sb', { search: 'python' }, 'b');
    expect(await heard()).toEqual({ ea: ['sa'], eb: ['sb'] });
  });

  it('hears of searches that are added, changed, renamed and deleted', async () => {
    await endpoint('e');
    await matcher.catchUp(db, NOW);
    await savedSearch('s', { search: 'python' });
    expect(await heard()).toEqual({ e: ['s'] });
    const { filter } = searchRow('s', { search: 'rust' }) as { filter: string };
    await db('saved_searches').where({ id: 's' }).update({ filter });
    expect(await heard()).toEqual({});
    await savedSearch('t', { search: 'developer' });
    await db('saved_searches').where({ id: 't' }).update({ name: 'Renamed' });
    const matches = await matcher.match(db, [PYTHON], NOW);
    expect(matches.get('1')?.get('e')?.savedSearches).toEqual([{ id: 't', name: 'Renamed' }]);
    await db('saved_searches').where({ id: 't' }).delete();
    expect(await heard()).toEqual({});
  });

  it('hears of endpoints that come, change what they want, and go', async () => {
    await savedSearch('s', { search: 'python' });
    await matcher.catchUp(db, NOW);
    await endpoint('e', { events: ['job.updated'] });
    expect(await heard()).toEqual({});
    await db('webhook_endpoints')
      .where({ id: 'e' })
      .update({ events: ['job.matched'] });
    expect(await heard()).toEqual({ e: ['s'] });
    await db('webhook_endpoints').where({ id: 'e' }).update({ saved_search_ids: [] });
    expect(await heard()).toEqual({});
    await db('webhook_endpoints').where({ id: 'e' }).update({ saved_search_ids: null });
    expect(await heard()).toEqual({ e: ['s'] });
    await db('webhook_endpoints').where({ id: 'e' }).delete();
    expect(await heard()).toEqual({});
  });

  it('passes over endpoints that their owner has disabled, not those that failed', async () => {
    await savedSearch('s', { search: 'python' });
    await endpoint('owner');
    await endpoint('failing');
    await matcher.catchUp(db, NOW);
    await db('webhook_endpoints')
      .where({ id: 'owner' })
      .update({ disabled_at: NOW, disabled_reason: 'owner' });
    await db('webhook_endpoints')
      .where({ id: 'failing' })
      .update({ disabled_at: NOW, disabled_reason: 'failing' });
    expect(await heard()).toEqual({ failing: ['s'] });
    await db('webhook_endpoints').where({ id: 'owner' }).update({ disabled_at: null, disabled_reason: null });
    expect(await heard()).toEqual({ failing: ['s'], owner: ['s'] });
  });

  it('forgets an account that is erased', async () => {
    await endpoint('e');
    await savedSearch('s', { search: 'python' });
    expect(await heard()).toEqual({ e: ['s'] });
    await db('accounts').where({ id: 'a' }).delete();
    expect(await heard()).toEqual({});
    expect(matcher.hears('e', 'job.matched', PYTHON, NOW)).toBe(false);
  });

  it('finds what the plan shows, as the plan and the terms of the account change', async () => {
    await endpoint('e');
    await savedSearch('s', {});
    const old = publishedJob({ id: '1', postedOn: addMillis(NOW, -20 * DAY_MS) });
    expect(await heard(old)).toEqual({ e: ['s'] });
    await db('accounts').where({ id: 'a' }).update({ plan_id: 'starter' });
    expect(await heard(old)).toEqual({});
    await db('accounts')
      .where({ id: 'a' })
      .update({ plan_overrides: { retention_days: 20 } });
    expect(await heard(old)).toEqual({ e: ['s'] });
    expect(await heard(old, { now: addMillis(NOW, 1) })).toEqual({});
  });

  it('finds by new terms of a plan from the day on which they are in force', async () => {
    await endpoint('e');
    await savedSearch('s', {});
    const inForce = addMillis(NOW, DAY_MS);
    await db.raw(
      `insert into plans select (jsonb_populate_record(p, jsonb_build_object('effective_from', :inForce::text, 'retention_days', 3))).*
       from plans p where id = 'business'`,
      { inForce },
    );
    const old = publishedJob({ id: '1', postedOn: addMillis(NOW, -20 * DAY_MS) });
    expect(await heard(old)).toEqual({ e: ['s'] });
    expect(await heard(old, { now: inForce })).toEqual({});
  });

  it('finds samples only where live keys read them', async () => {
    await endpoint('e');
    await savedSearch('s', { search: 'python' });
    const sample = { ...PYTHON, isSample: true };
    expect(await heard(sample)).toEqual({});
    expect(await heard(sample, { by: createMatcher({ samplesForLiveKeys: true }) })).toEqual({ e: ['s'] });
  });

  it('keeps serving the others when the terms of an account are malformed', async () => {
    await account('b');
    await endpoint('ea');
    await endpoint('eb', { accountId: 'b' });
    await savedSearch('sa', { search: 'python' });
    await savedSearch('sb', { search: 'python' }, 'b');
    await db('accounts')
      .where({ id: 'a' })
      .update({ plan_overrides: { retention_days: 'many' } });
    expect(await heard()).toEqual({ eb: ['sb'] });
  });

  it('excludes a job by an id under which it was merged', async () => {
    await endpoint('e');
    await savedSearch('s', { exclude_ids: '1877245019342274561' });
    const job = publishedJob({ id: '1877245019342274560', postedOn: PYTHON.postedOn });
    await storeJobs(db, [job]);
    expect(await heard(job)).toEqual({ e: ['s'] });
    await db('job_identities').insert({ kind: 'uid', value: '1877245019342274561', job_id: job.id });
    expect(await heard(job)).toEqual({});
  });

  it('says which endpoints want a type of event of a job that their account may read', async () => {
    await endpoint('e', { events: ['job.updated'] });
    await endpoint('f', { events: ['job.closed', 'invoice.paid'] });
    await endpoint('g', { events: ['invoice.paid'] });
    await matcher.catchUp(db, NOW);
    expect(matcher.hears('e', 'job.updated', PYTHON, NOW)).toBe(true);
    expect(matcher.hears('e', 'job.closed', PYTHON, NOW)).toBe(false);
    expect(matcher.hears('f', 'job.closed', PYTHON, NOW)).toBe(true);
    expect(matcher.hears('g', 'job.closed', PYTHON, NOW)).toBe(false);
    expect(matcher.hears('unknown', 'job.closed', PYTHON, NOW)).toBe(false);
    const tooOld = { ...PYTHON, postedOn: addMillis(NOW, -200 * DAY_MS) };
    expect(matcher.hears('e', 'job.updated', tooOld, NOW)).toBe(false);
    expect(matcher.hears('e', 'job.updated', { ...PYTHON, isSample: true }, NOW)).toBe(false);
  });

  it('reads everything anew when the changes since are not all there', async () => {
    await endpoint('e');
    await savedSearch('s', { search: 'python' });
    await savedSearch('t', { search: 'developer' });
    expect(await heard()).toEqual({ e: ['s', 't'] });
    await db('saved_searches').where({ id: 's' }).delete();
    await db.raw('delete from matching_changes');
    await savedSearch('u', { search: 'python' });
    expect(await heard()).toEqual({ e: ['t', 'u'] });
    await account('b');
    await db('webhook_endpoints').where({ id: 'e' }).delete();
    await db.raw('delete from matching_changes where number = (select number from matching_clock)');
    await endpoint('f', { accountId: 'b' });
    await savedSearch('v', { search: 'python' }, 'b');
    expect(await heard()).toEqual({ f: ['v'] });
  });

  it('reads everything anew from a database whose clock stands earlier', async () => {
    await endpoint('e');
    await savedSearch('s', { search: 'python' });
    await savedSearch('t', { search: 'developer' });
    expect(await heard()).toEqual({ e: ['s', 't'] });
    await db('saved_searches').where({ id: 's' }).delete();
    await db.raw('update matching_clock set number = 1');
    expect(await heard()).toEqual({ e: ['t'] });
  });

  it('is never older than the transaction in which it is asked', async () => {
    await endpoint('e');
    await matcher.catchUp(db, NOW);
    await db.transaction(async (transaction) => {
      await savedSearch('s', { search: 'python' });
      const matches = await matcher.match(transaction, [PYTHON], NOW);
      expect([...(matches.get('1')?.keys() ?? [])]).toEqual(['e']);
    });
  });

  it('goes on where it was when the database went away meanwhile', async () => {
    await endpoint('e');
    await savedSearch('s', { search: 'python' });
    await db.raw('alter table saved_searches rename to away');
    await expect(heard()).rejects.toThrow('saved_searches');
    await db.raw('alter table away rename to saved_searches');
    expect(await heard()).toEqual({ e: ['s'] });
    await savedSearch('t', { search: 'developer' });
    await db.raw('alter table saved_searches rename to away');
    await expect(heard()).rejects.toThrow('saved_searches');
    await db.raw('alter table away rename to saved_searches');
    expect(await heard()).toEqual({ e: ['s', 't'] });
  });

  it('matches rightly while many match and change at once', async () => {
    await endpoint('e');
    await endpoint('f', { savedSearchIds: ['s0', 's1'] });
    // Each round changes all searches of the account in one statement: a match finds all of a round, or none.
    const titles = ['python', 'developer'];
    await db('saved_searches').insert(
      Array.from({ length: 50 }, (_, place) => searchRow(`s${place}`, { search: 'python' })),
    );
    const change = async (): Promise<void> => {
      for (let round = 0; round < 20; round += 1) {
        const search = titles[round % 2]!;
        const { filter } = parseJobQuery({ search }, NOW);
        await db('saved_searches').update({ filter: JSON.stringify(filter) });
      }
    };
    const matchAll = async (): Promise<void> => {
      for (let round = 0; round < 20; round += 1) {
        const jobs = [
          publishedJob({ id: '1', title: 'python', postedOn: PYTHON.postedOn }),
          publishedJob({ id: '2', title: 'developer', postedOn: PYTHON.postedOn }),
        ];
        const matches = await db.transaction((transaction) => matcher.match(transaction, jobs, NOW));
        const counts = ['1', '2'].map((id) => matches.get(id)?.get('e')?.savedSearches.length ?? 0);
        expect([...counts].sort()).toEqual([0, 50]);
        const ofTwo = ['1', '2'].map((id) => matches.get(id)?.get('f')?.savedSearches.length ?? 0);
        expect(ofTwo).toEqual(counts.map((count) => (count > 0 ? 2 : 0)));
      }
    };
    await Promise.all([change(), matchAll(), matchAll(), matchAll()]);
  });

  it('finds what the filters find that were stored, however many there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryQuery(), { minLength: 1, maxLength: 40 }),
        arbitraryJobs(8),
        async (queries, jobs) => {
          await db.raw('truncate saved_searches, webhook_endpoints cascade');
          await endpoint('e');
          await db('saved_searches').insert(queries.map((query, place) => searchRow(`s${place}`, query)));
          const shown = jobs.map((job) => ({ ...job, isSample: false, postedOn: PYTHON.postedOn }));
          const matches = await createMatcher({ samplesForLiveKeys: false }).match(db, shown, NOW);
          for (const job of shown) {
            const expected = queries
              .map((query, place) => ({ id: `s${place}`, filter: parseJobQuery(query, NOW).filter }))
              .filter(({ filter }) => matchesFilter(job, filter))
              .map(({ id }) => id);
            const found =
              matches
                .get(job.id)
                ?.get('e')
                ?.savedSearches.map(({ id }) => id) ?? [];
            expect([...found].sort()).toEqual(expected.sort());
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
