import type { Job } from '../job';
import type { JobFilter, MovingBounds } from '../jobFilter/filter';
import { prepareJob } from '../jobFilter/matchesFilter';
import { isReadable, type ReadScope } from '../readScope';
import type { Timestamp } from '../time';
import { assumedShares, type AtomShares } from './atomShares';
import { createConditionTable, REQUIRES_NOTHING } from './conditionTable';
import { filterParts } from './filterParts';
import { createNumbering, createNumberLists, NO_NUMBER, roomFor } from './numberLists';

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

interface Account {
  id: string;
  /** Numbers of its searches by their ids. */
  searches: Map<string, number>;
  /** The round in which it was last asked for, and what came of it: null when it may not read the job. */
  askedIn: number;
  matches: MatchedSearch[] | null;
}

/** The list of the entry that asks nothing. */
const EVERY_JOB = 0;
const NO_OTHERS: readonly number[] = [];

/** @param shares How common atoms are among the jobs that will come. */
export function createMatchingIndex(shares: AtomShares = assumedShares): MatchingIndex {
  const conditions = createConditionTable(shares);
  const accounts = new Map<string, Account>();
  let round = 0;

  // An entry is a filter, once for all searches that ask it: the numbers of its conditions in order, as text, are its key. It is found
  // by the rarest of them, its anchor, and is dismissed at once when its guard does not hold.
  const entryNumbering = createNumbering();
  const entries = new Map<string, number>();
  const keys: string[] = [];
  const byAnchor = createNumberLists();
  let guards = new Int32Array(1_024);
  const others: (readonly number[])[] = [];
  /** Anchors that require nothing: they are tried for every job. */
  const unrequired = new Set<number>();

  const searchNumbering = createNumbering();
  const byEntry = createNumberLists();
  let entryOf = new Int32Array(1_024);
  const accountOf: (Account | null)[] = [];
  const shownAs: (MatchedSearch | null)[] = [];
  let searchCount = 0;

  function put({ id, name, accountId, filter, movingBounds }: SearchToMatch): void {
    const account = accounts.get(accountId) ?? openAccount(accountId);
    const before = account.searches.get(id);
    const entry = entryFor(filter, movingBounds);
    const search = searchNumbering.take();
    entryOf = roomFor(entryOf, search);
    entryOf[search] = entry;
    accountOf[search] = account;
    shownAs[search] = { id, name };
    byEntry.add(entry, search);
    account.searches.set(id, search);
    searchCount += 1;
    // Only now: if it was the only one to ask this filter, the entry has stayed.
    if (before !== undefined) drop(before);
  }

  function openAccount(id: string): Account {
    const account: Account = { id, searches: new Map(), askedIn: 0, matches: null };
    accounts.set(id, account);
    return account;
  }

  function entryFor(filter: JobFilter, movingBounds: MovingBounds): number {
    const acquired = filterParts(filter, movingBounds).map((part) => conditions.acquire(part));
    const own = [...new Set(acquired)].sort((left, right) => left - right);
    const key = own.join();
    const known = entries.get(key);
    // An entry holds each of its conditions once.
    for (const condition of known === undefined ? repeated(acquired) : acquired)
      conditions.release(condition);
    return known ?? openEntry(key, own);
  }

  function openEntry(key: string, own: readonly number[]): number {
    const entry = entryNumbering.take();
    const [anchor, guard, ...rest] = rarestFirst(own);
    entries.set(key, entry);
    keys[entry] = key;
    byAnchor.add(listOf(anchor), entry);
    guards = roomFor(guards, entry);
    guards[entry] = guard ?? NO_NUMBER;
    others[entry] = rest.length > 0 ? rest : NO_OTHERS;
    if (anchor !== undefined && conditions.shareOf(anchor) === REQUIRES_NOTHING) unrequired.add(anchor);
    return entry;
  }

  function rarestFirst(own: readonly number[]): number[] {
    return [...own].sort(
      (left, right) => conditions.shareOf(left) - conditions.shareOf(right) || left - right,
    );
  }

  function closeEntry(entry: number): void {
    const key = keys[entry] ?? '';
    const own = key === '' ? [] : key.split(',').map(Number);
    const [anchor] = rarestFirst(own);
    byAnchor.remove(listOf(anchor), entry);
    if (anchor !== undefined && byAnchor.first(listOf(anchor)) === NO_NUMBER) unrequired.delete(anchor);
    entries.delete(key);
    keys[entry] = '';
    others[entry] = NO_OTHERS;
    entryNumbering.giveBack(entry);
    for (const condition of own) conditions.release(condition);
  }

  function remove(accountId: string, searchId: string): void {
    const account = accounts.get(accountId);
    const search = account?.searches.get(searchId);
    if (!account || search === undefined) return;
    account.searches.delete(searchId);
    if (account.searches.size === 0) accounts.delete(accountId);
    drop(search);
  }

  function drop(search: number): void {
    const entry = entryOf[search] ?? NO_NUMBER;
    byEntry.remove(entry, search);
    accountOf[search] = null;
    shownAs[search] = null;
    searchNumbering.giveBack(search);
    searchCount -= 1;
    if (byEntry.first(entry) === NO_NUMBER) closeEntry(entry);
  }

  function removeAccount(accountId: string): void {
    for (const searchId of searchIds(accountId)) remove(accountId, searchId);
  }

  function searchIds(accountId: string): string[] {
    return [...(accounts.get(accountId)?.searches.keys() ?? [])];
  }

  // What a match is about is kept here, so that its steps are the same functions for every job, which makes them quick.
  let asked: JobToMatch | null = null;
  let found = new Map<string, MatchedSearch[]>();

  function match(question: JobToMatch): Map<string, MatchedSearch[]> {
    found = new Map();
    if (searchCount === 0) return found;
    round += 1;
    asked = question;
    conditions.turnTo(prepareJob(question.job, question.aliases), question.now, tryCondition);
    unrequired.forEach(tryCondition);
    tryEntries(EVERY_JOB);
    asked = null;
    return found;
  }

  function tryCondition(condition: number): void {
    const list = listOf(condition);
    if (byAnchor.first(list) >= 0 && conditions.holds(condition)) tryEntries(list);
  }

  function tryEntries(list: number): void {
    for (let entry = byAnchor.first(list); entry >= 0; entry = byAnchor.next(entry)) {
      const guard = guards[entry] ?? -1;
      if (guard >= 0 && !conditions.holds(guard)) continue;
      if (holdAll(others[entry] ?? NO_OTHERS)) takeSearches(entry);
    }
  }

  function holdAll(all: readonly number[]): boolean {
    for (const condition of all) if (!conditions.holds(condition)) return false;
    return true;
  }

  function takeSearches(entry: number): void {
    for (let search = byEntry.first(entry); search >= 0; search = byEntry.next(search)) {
      const account = accountOf[search];
      if (!account) continue;
      if (account.askedIn !== round) ask(account);
      const shown = shownAs[search];
      if (shown) account.matches?.push(shown);
    }
  }

  function ask(account: Account): void {
    if (!asked) throw new RangeError('There is no job to ask about.');
    const scope = asked.scopeOf(account.id);
    account.askedIn = round;
    account.matches = scope !== null && isReadable(asked.job, scope) ? [] : null;
    if (account.matches) found.set(account.id, account.matches);
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

/** The list of entries that are found by this condition. */
function listOf(condition: number | undefined): number {
  return condition === undefined ? EVERY_JOB : condition + 1;
}
