import type { Db } from '../db/connection';
import {
  type ListeningAccount,
  type ListeningEndpoint,
  listListeningAccounts,
  readJobAliases,
  readMatchingChanges,
  readNewestJobs,
  readSearchesToMatch,
} from '../db/matching';
import { listPlans } from '../db/plans';
import type { Job } from '../domain/job';
import { prepareJob } from '../domain/jobFilter';
import { type AtomShares, countAtoms } from '../domain/matching/atomShares';
import { createMatchingIndex, type MatchedSearch } from '../domain/matching/matchingIndex';
import { applyOverrides, type Plan, type PlanOverrides, readScopeOf } from '../domain/plan';
import { isReadable, type ReadScope } from '../domain/readScope';
import type { Timestamp } from '../domain/time';
import type { WebhookEventType } from '../domain/webhooks/eventTypes';
import { createQueue, createTurns } from './turns';

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

/** An account with endpoints that want events of jobs. */
interface Listener {
  planId: string;
  overrides: PlanOverrides;
  endpoints: Endpoint[];
}

interface Endpoint {
  id: string;
  events: ReadonlySet<WebhookEventType>;
  /** Null: all of the account's. */
  savedSearchIds: ReadonlySet<string> | null;
}

/** Jobs by which it is learnt what is common. */
const SAMPLE_JOBS = 500;
/** Of one read, about; those of one account are never read in parts. */
const SEARCHES_PER_READ = 2_000;

/** @param samplesForLiveKeys The setting of `npm start`: saved searches find samples where live keys do. */
export function createMatcher({ samplesForLiveKeys }: { samplesForLiveKeys: boolean }): Matcher {
  /** Number of the latest change that is in what follows; null before the first reading. */
  let known: number | null = null;
  let index = createMatchingIndex();
  const listeners = new Map<string, Listener>();
  const accountOfEndpoint = new Map<string, string>();
  let plans: ReadonlyMap<string, Plan> = new Map();
  // Publishing goes on at several batches at once. One after the other, none finds an account half read; none waits for what the one
  // whose turn it is has locked, for this only reads.
  const inTurn = createQueue();

  async function bringUp(db: Db, now: Timestamp): Promise<void> {
    const { number, accountIds } = await readMatchingChanges(db, known);
    plans = new Map((await listPlans(db, now)).map((plan) => [plan.id, plan]));
    if (known === null) index = createMatchingIndex(await learnShares(db));
    if (accountIds === null || accountIds.length > 0) {
      const accounts = await listListeningAccounts(db, accountIds);
      const listening = new Set(accounts.map(({ id }) => id));
      for (const id of accountIds ?? [...listeners.keys()]) if (!listening.has(id)) forget(id);
      await takeAccounts(db, accounts);
    }
    // Last: what was read in part, for the database went away, is read again.
    known = number;
  }

  async function takeAccounts(db: Db, accounts: readonly ListeningAccount[]): Promise<void> {
    for (const account of accounts) listen(account);
    const matched = accounts.filter(({ endpoints }) => endpoints.some(wantsMatches));
    const nextTurn = createTurns();
    for (const slice of slicesOf(matched)) {
      const gone = new Map(slice.map(({ id }) => [id, new Set(index.searchIds(id))]));
      const searches = await readSearchesToMatch(
        db,
        slice.map(({ id }) => id),
      );
      for (const search of searches) {
        index.put(search);
        gone.get(search.accountId)?.delete(search.id);
        await nextTurn();
      }
      for (const [accountId, searchIds] of gone) {
        for (const searchId of searchIds) index.remove(accountId, searchId);
      }
    }
  }

  function listen({ id, planId, overrides, endpoints }: ListeningAccount): void {
    forgetEndpoints(id);
    listeners.set(id, { planId, overrides, endpoints: endpoints.map(toEndpoint) });
    for (const endpoint of endpoints) accountOfEndpoint.set(endpoint.id, id);
    if (!endpoints.some(wantsMatches)) index.removeAccount(id);
  }

  function forget(accountId: string): void {
    forgetEndpoints(accountId);
    listeners.delete(accountId);
    index.removeAccount(accountId);
  }

  function forgetEndpoints(accountId: string): void {
    for (const { id } of listeners.get(accountId)?.endpoints ?? []) accountOfEndpoint.delete(id);
  }

  async function match(db: Db, jobs: readonly Job[], now: Timestamp): Promise<Map<string, EndpointMatches>> {
    await bringUp(db, now);
    const matches = new Map<string, EndpointMatches>();
    if (index.size().searches === 0) return matches;
    const aliases = await readJobAliases(
      db,
      jobs.map(({ id }) => id),
    );
    const scopeOf = scopesAt(now);
    const nextTurn = createTurns();
    for (const job of jobs) {
      const found = endpointsThatHear(index.match({ job, aliases: aliases.get(job.id), now, scopeOf }));
      if (found.size > 0) matches.set(job.id, found);
      await nextTurn();
    }
    return matches;
  }

  function endpointsThatHear(byAccount: ReadonlyMap<string, readonly MatchedSearch[]>): EndpointMatches {
    const heard = new Map<string, EndpointMatch>();
    for (const [accountId, found] of byAccount) {
      for (const { id, events, savedSearchIds } of listeners.get(accountId)?.endpoints ?? []) {
        if (!events.has('job.matched')) continue;
        const savedSearches = savedSearchIds
          ? found.filter((search) => savedSearchIds.has(search.id))
          : found;
        if (savedSearches.length > 0) heard.set(id, { accountId, savedSearches });
      }
    }
    return heard;
  }

  function hears(endpointId: string, type: WebhookEventType, job: Job, now: Timestamp): boolean {
    const accountId = accountOfEndpoint.get(endpointId);
    if (accountId === undefined) return false;
    const endpoint = listeners.get(accountId)?.endpoints.find(({ id }) => id === endpointId);
    if (!endpoint?.events.has(type)) return false;
    const scope = scopeAt(accountId, now);
    return scope !== null && isReadable(job, scope);
  }

  /** `scopeAt`, worked out once an account. */
  function scopesAt(now: Timestamp): (accountId: string) => ReadScope | null {
    const scopes = new Map<string, ReadScope | null>();
    return (accountId) => {
      const known = scopes.get(accountId);
      if (known !== undefined) return known;
      const scope = scopeAt(accountId, now);
      scopes.set(accountId, scope);
      return scope;
    };
  }

  function scopeAt(accountId: string, now: Timestamp): ReadScope | null {
    const listener = listeners.get(accountId);
    const plan = listener && plans.get(listener.planId);
    if (!plan) return null;
    try {
      return readScopeOf('live', applyOverrides(plan, listener.overrides), { samplesForLiveKeys, now });
    } catch {
      // Its own terms are malformed: it cannot read anything, and others must not wait for that to be mended.
      return null;
    }
  }

  return {
    catchUp: (db, now) => inTurn(() => bringUp(db, now)),
    match: (db, jobs, now) => inTurn(() => match(db, jobs, now)),
    hears,
  };
}

async function learnShares(db: Db): Promise<AtomShares> {
  const atoms = countAtoms();
  const nextTurn = createTurns();
  for (const job of await readNewestJobs(db, SAMPLE_JOBS)) {
    atoms.add(prepareJob(job));
    await nextTurn();
  }
  return atoms.shares;
}

function wantsMatches({ events }: ListeningEndpoint): boolean {
  return events.includes('job.matched');
}

function toEndpoint({ id, events, savedSearchIds }: ListeningEndpoint): Endpoint {
  return { id, events: new Set(events), savedSearchIds: savedSearchIds && new Set(savedSearchIds) };
}

/** Accounts whose searches are read together. */
function* slicesOf(accounts: readonly ListeningAccount[]): Generator<ListeningAccount[]> {
  let slice: ListeningAccount[] = [];
  let searches = 0;
  for (const account of accounts) {
    if (slice.length > 0 && searches + account.savedSearches > SEARCHES_PER_READ) {
      yield slice;
      [slice, searches] = [[], 0];
    }
    slice.push(account);
    searches += account.savedSearches;
  }
  if (slice.length > 0) yield slice;
}
