import type { Job } from '../job';
import type { JobFilter, MovingBounds } from '../jobFilter/filter';
import { prepareJob } from '../jobFilter/matchesFilter';
import { isReadable, type ReadScope } from '../readScope';
import type { Timestamp } from '../time';
import { assumedShares, type AtomShares } from './atomShares';
import { createConditionTable, REQUIRES_NOTHING } from './conditionTable';
import { filterParts } from './filterParts';

/** A saved search as events name it. */
export interface MatchedSearch {
  readonly id: string;
  readonly name: string;
}

export interface SearchToMatch extends MatchedSearch {
  accountId: string;
  filter: JobFilter;
  /** Of the filter's bounds those that move: they stand at the time of each match, wherever the filter has them. */
  movingBounds: MovingBounds;
}

export interface JobToMatch {
  job: Job;
  /** Ids and ciphertexts of what was merged into it. */
  aliases?: readonly string[];
  now: Timestamp;
  /** What an account may read; null: nothing. Asked once an account, and only where a filter matches. */
  scopeOf: (accountId: string) => ReadScope | null;
}

/** Saved searches, and which of them match a job: exactly those whose filter holds for it and whose account may read it. */
export interface MatchingIndex {
  /** Adds the search, or replaces that of its account and id. */
  put(search: SearchToMatch): void;
  remove(accountId: string, searchId: string): void;
  removeAccount(accountId: string): void;
  searchIds(accountId: string): string[];
  /** Those that match, by account. */
  match(job: JobToMatch): Map<string, MatchedSearch[]>;
  /** How much it holds: searches, those filters among theirs that differ, and conditions that these share. */
  size(): { searches: number; filters: number; conditions: number };
}

/** A filter, once for all searches that ask it. */
interface Entry {
  key: string;
  /** Numbers of its conditions. */
  conditions: readonly number[];
  /** The condition under which it is found; undefined for the filter that asks nothing. */
  anchor: number | undefined;
  /** Its place in the anchor. */
  place: number;
  /** Conditions that must hold besides that of the anchor and the guard. */
  others: readonly number[];
  /** Who asks it: accounts and their searches in the same places. */
  accounts: Account[];
  searches: MatchedSearch[];
}

/** The entries that are tried when the condition holds which they all have; in parallel, for most are dismissed by their guards. */
interface Anchor {
  /** Of each entry one more condition that must hold; `NO_GUARD` when it has no other. */
  guards: number[];
  entries: Entry[];
}

const NO_GUARD = -1;

/** Where a search stands: in its entry, at a place. */
interface Standing {
  entry: Entry;
  place: number;
}

interface Account {
  id: string;
  searches: Map<string, Standing>;
  /** The round in which it was last asked for, and what came of it: null when it may not read the job. */
  askedIn: number;
  matches: MatchedSearch[] | null;
}

/** @param shares How common atoms are among the jobs that will come. */
export function createMatchingIndex(shares: AtomShares = assumedShares): MatchingIndex {
  const conditions = createConditionTable(shares);
  /** By the number of the condition. */
  const anchors: (Anchor | undefined)[] = [];
  /** Conditions among them that require nothing: they are tried for every job. */
  const unrequired = new Set<number>();
  /** Of the filter that asks nothing. */
  const everyJob: Anchor = { guards: [], entries: [] };
  const entries = new Map<string, Entry>();
  const accounts = new Map<string, Account>();
  let searchCount = 0;
  let round = 0;

  function put({ id, name, accountId, filter, movingBounds }: SearchToMatch): void {
    const account = accounts.get(accountId) ?? openAccount(accountId);
    const before = account.searches.get(id);
    const entry = entryFor(filter, movingBounds);
    // Only now: if it was the only one to ask this filter, the entry has stayed.
    const place = entry.searches.push({ id, name }) - 1;
    entry.accounts.push(account);
    account.searches.set(id, { entry, place });
    if (before) leaveEntry(before);
    else searchCount += 1;
  }

  function openAccount(id: string): Account {
    const account: Account = { id, searches: new Map(), askedIn: 0, matches: null };
    accounts.set(id, account);
    return account;
  }

  function entryFor(filter: JobFilter, movingBounds: MovingBounds): Entry {
    const acquired = filterParts(filter, movingBounds).map((part) => conditions.acquire(part));
    const own = [...new Set(acquired)].sort((left, right) => left - right);
    const key = own.join();
    const known = entries.get(key);
    // An entry holds each of its conditions once.
    for (const condition of known ? acquired : repeated(acquired)) conditions.release(condition);
    if (known) return known;
    const [anchor, guard, ...others] = [...own].sort(
      (left, right) => conditions.shareOf(left) - conditions.shareOf(right),
    );
    const { guards, entries: anchored } = openAnchor(anchor);
    guards.push(guard ?? NO_GUARD);
    const entry = {
      key,
      conditions: own,
      anchor,
      place: anchored.length,
      others,
      accounts: [],
      searches: [],
    };
    anchored.push(entry);
    entries.set(key, entry);
    return entry;
  }

  function openAnchor(condition: number | undefined): Anchor {
    if (condition === undefined) return everyJob;
    if (conditions.shareOf(condition) === REQUIRES_NOTHING) unrequired.add(condition);
    return (anchors[condition] ??= { guards: [], entries: [] });
  }

  function remove(accountId: string, searchId: string): void {
    const account = accounts.get(accountId);
    const standing = account?.searches.get(searchId);
    if (!account || !standing) return;
    account.searches.delete(searchId);
    if (account.searches.size === 0) accounts.delete(accountId);
    searchCount -= 1;
    leaveEntry(standing);
  }

  function leaveEntry({ entry, place }: Standing): void {
    const [search, account] = [entry.searches.pop(), entry.accounts.pop()];
    if (search && account && place < entry.searches.length) {
      // The last one takes the place that is free.
      entry.searches[place] = search;
      entry.accounts[place] = account;
      const moved = account.searches.get(search.id);
      if (moved) moved.place = place;
    }
    if (entry.searches.length === 0) drop(entry);
  }

  function drop({ key, anchor, place, conditions: own }: Entry): void {
    const { guards, entries: anchored } = openAnchor(anchor);
    const [guard, entry] = [guards.pop(), anchored.pop()];
    if (guard !== undefined && entry && place < anchored.length) {
      guards[place] = guard;
      anchored[place] = entry;
      entry.place = place;
    }
    if (anchor !== undefined && anchored.length === 0) {
      anchors[anchor] = undefined;
      unrequired.delete(anchor);
    }
    entries.delete(key);
    for (const condition of own) conditions.release(condition);
  }

  function removeAccount(accountId: string): void {
    for (const searchId of searchIds(accountId)) remove(accountId, searchId);
  }

  function searchIds(accountId: string): string[] {
    return [...(accounts.get(accountId)?.searches.keys() ?? [])];
  }

  function match({ job, aliases, now, scopeOf }: JobToMatch): Map<string, MatchedSearch[]> {
    const matches = new Map<string, MatchedSearch[]>();
    if (searchCount === 0) return matches;
    round += 1;
    const ask = (account: Account): void => {
      const scope = scopeOf(account.id);
      account.askedIn = round;
      account.matches = scope !== null && isReadable(job, scope) ? [] : null;
      if (account.matches) matches.set(account.id, account.matches);
    };
    const take = ({ accounts: holders, searches }: Entry): void => {
      for (const [place, account] of holders.entries()) {
        if (account.askedIn !== round) ask(account);
        const search = searches[place];
        if (search) account.matches?.push(search);
      }
    };
    const takeAnchored = ({ guards, entries: anchored }: Anchor): void => {
      for (const [place, guard] of guards.entries()) {
        if (guard !== NO_GUARD && !conditions.holds(guard)) continue;
        const entry = anchored[place];
        if (entry?.others.every((condition) => conditions.holds(condition))) take(entry);
      }
    };
    const tryCondition = (condition: number): void => {
      const anchor = anchors[condition];
      if (anchor && conditions.holds(condition)) takeAnchored(anchor);
    };
    conditions.turnTo(prepareJob(job, aliases), now, tryCondition);
    unrequired.forEach(tryCondition);
    takeAnchored(everyJob);
    return matches;
  }

  return {
    put,
    remove,
    removeAccount,
    searchIds,
    match,
    size: () => ({ searches: searchCount, filters: entries.size, conditions: conditions.size() }),
  };
}

/** What stands in the list a second time, or oftener. */
function repeated(numbers: readonly number[]): number[] {
  return numbers.filter((number, place) => numbers.indexOf(number) < place);
}
