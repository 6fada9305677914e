import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Db } from '../db/connection';
import {
  type ListeningEndpoint,
  type MatchedAccount,
  readAliases,
  readMatchedAccounts,
  readMatchingChanges,
  readNewestJobs,
} from '../db/matching';
import { listPlans } from '../db/plans';
import { prepareJob } from '../domain/jobFilter/matchesFilter';
import { countAtoms } from '../domain/matching/atomShares';
import {
  createMatchingIndex,
  type MatchedSearch,
  type MatchingIndex,
} from '../domain/matching/matchingIndex';
import { applyOverrides, type Plan, readScopeOf } from '../domain/plan';
import { isReadable, type ReadScope } from '../domain/readScope';
import type { Job } from '../domain/job';
import type { Timestamp } from '../domain/time';
import type { WebhookEventType } from '../domain/webhooks/eventTypes';

/** What an endpoint hears of one job. */
export interface EndpointMatch {
  accountId: string;
  /** At least one. */
  savedSearches: readonly MatchedSearch[];
}

/** By endpoint id. */
export type EndpointMatches = ReadonlyMap<string, EndpointMatch>;

/**
 * All saved searches that an endpoint may hear of, in the memory of this process, and who hears of what. Its reads take no locks and
 * never wait for those of others.
 */
export interface Matcher {
  /** Brings it up to what `db` sees. A process that begins does so early: the first time everything is read. */
  catchUp(db: Db, now: Timestamp): Promise<void>;

  /**
   * Catches up, then matches each job: by its id, which endpoints that want `job.matched` hear of it, those left out whose saved
   * searches do not match. A job is matched as it is given, with its aliases as `db` sees them, under the plan windows and relative
   * times of `now`. Give only jobs that are shown themselves, not folded into another.
   */
  match(db: Db, jobs: readonly Job[], now: Timestamp): Promise<ReadonlyMap<string, EndpointMatches>>;

  /** Whether the endpoint wants events of that type and its account may still read the job, as of the latest catching up. */
  hears(endpointId: string, type: WebhookEventType, job: Job, now: Timestamp): boolean;
}

/** How common words are is estimated from so many jobs. */
const SAMPLED_JOBS = 500;
const ACCOUNTS_AT_ONCE = 200;
/** Others of this process have their turn so often while jobs are matched. */
const TURN_MS = 10;

type Account = Pick<MatchedAccount, 'planId' | 'planOverrides' | 'endpoints'> & { id: string };

/** @param samplesForLiveKeys The setting of `npm start`: saved searches see samples, as their owners do. */
export function createMatcher({ samplesForLiveKeys }: { samplesForLiveKeys: boolean }): Matcher {
  let index: MatchingIndex = createMatchingIndex();
  /** Null: nothing was read yet. */
  let known: number | null = null;
  let accounts = new Map<string, Account>();
  let accountOf = new Map<string, { accountId: string; endpoint: ListeningEndpoint }>();
  let plans = new Map<string, Plan>();
  /** One catching up goes on at a time. */
  let turn: Promise<unknown> = Promise.resolve();

  async function catchUpNow(db: Db, now: Timestamp): Promise<void> {
    plans = new Map((await listPlans(db, now)).map((plan) => [plan.id, plan]));
    const { number, accountIds } = await readMatchingChanges(db, known ?? -1);
    if (number === known) return;
    if (known === null || accountIds === null) await readAll(db);
    else await readSome(db, accountIds);
    known = number;
  }

  async function readAll(db: Db): Promise<void> {
    const atoms = countAtoms();
    for (const job of await readNewestJobs(db, SAMPLED_JOBS)) atoms.add(prepareJob(job));
    index = createMatchingIndex(atoms.shares);
    accounts = new Map();
    accountOf = new Map();
    await take(db, null);
  }

  async function readSome(db: Db, accountIds: readonly string[]): Promise<void> {
    const found = await take(db, accountIds);
    for (const accountId of accountIds) if (!found.has(accountId)) forget(accountId);
  }

  async function take(db: Db, accountIds: readonly string[] | null): Promise<Set<string>> {
    const found = new Set<string>();
    for (let after = ''; ;) {
      const read = await readMatchedAccounts(db, { accountIds, after, limit: ACCOUNTS_AT_ONCE });
      for (const account of read) {
        found.add(account.id);
        replace(account);
      }
      const last = read.at(-1);
      if (!last || read.length < ACCOUNTS_AT_ONCE) return found;
      after = last.id;
      await nextTurn();
    }
  }

  /** In one go: nobody sees half of an account. */
  function replace({ savedSearches, ...account }: MatchedAccount): void {
    const kept = new Set(savedSearches.map(({ id }) => id));
    forgetEndpoints(account.id);
    for (const id of index.searchIds(account.id)) if (!kept.has(id)) index.remove(account.id, id);
    for (const search of savedSearches) index.put({ ...search, accountId: account.id });
    accounts.set(account.id, account);
    for (const endpoint of account.endpoints) accountOf.set(endpoint.id, { accountId: account.id, endpoint });
  }

  function forget(accountId: string): void {
    forgetEndpoints(accountId);
    index.removeAccount(accountId);
    accounts.delete(accountId);
  }

  function forgetEndpoints(accountId: string): void {
    for (const { id } of accounts.get(accountId)?.endpoints ?? []) accountOf.delete(id);
  }

  /** Null where the account's plan is not to be made out: one such account keeps nobody else from being told. */
  function scopeOf(accountId: string, now: Timestamp): ReadScope | null {
    const account = accounts.get(accountId);
    const plan = account && plans.get(account.planId);
    if (!plan) return null;
    try {
      return readScopeOf('live', applyOverrides(plan, account.planOverrides), { samplesForLiveKeys, now });
    } catch {
      return null;
    }
  }

  function matchesOf(job: Job, aliases: readonly string[], now: Timestamp): EndpointMatches {
    const matches = new Map<string, EndpointMatch>();
    const found = index.match({ job, aliases, now, scopeOf: (accountId) => scopeOf(accountId, now) });
    for (const [accountId, searches] of found) {
      for (const { id, events, savedSearchIds } of accounts.get(accountId)?.endpoints ?? []) {
        if (!events.includes('job.matched')) continue;
        const savedSearches = savedSearchIds === null ? searches : those(searches, savedSearchIds);
        if (savedSearches.length > 0) matches.set(id, { accountId, savedSearches });
      }
    }
    return matches;
  }

  async function catchUp(db: Db, now: Timestamp): Promise<void> {
    const mine = turn.then(() => catchUpNow(db, now));
    turn = mine.catch(() => undefined);
    await mine;
  }

  return {
    catchUp,
    async match(db, jobs, now) {
      const matches = new Map<string, EndpointMatches>();
      await catchUp(db, now);
      if (jobs.length === 0 || accounts.size === 0) return matches;
      const aliases = await readAliases(
        db,
        jobs.map(({ id }) => id),
      );
      let turnedAt = performance.now();
      for (const job of jobs) {
        const found = matchesOf(job, aliases.get(job.id) ?? [], now);
        if (found.size > 0) matches.set(job.id, found);
        if (performance.now() - turnedAt < TURN_MS) continue;
        await nextTurn();
        turnedAt = performance.now();
      }
      return matches;
    },
    hears(endpointId, type, job, now) {
      const listening = accountOf.get(endpointId);
      if (!listening?.endpoint.events.includes(type)) return false;
      const scope = scopeOf(listening.accountId, now);
      return scope !== null && isReadable(job, scope);
    },
  };
}

function those(searches: readonly MatchedSearch[], ids: readonly string[]): readonly MatchedSearch[] {
  return searches.filter(({ id }) => ids.includes(id));
}
