import type { JobFilter } from '../jobFilter/filter';
import { conditionCheck, type ConditionCheck, type PreparedJob } from '../jobFilter/matchesFilter';
import { addMillis, type Timestamp } from '../time';
import { createAtomPostings } from './atomPostings';
import { type Atom, requiredAtoms } from './atoms';
import type { AtomShares } from './atomShares';
import { type FilterPart, partKey } from './filterParts';
import { createNumbering, roomFor } from './numberLists';

interface Condition extends FilterPart {
  spanMs: number | undefined;
  key: string;
  check: ConditionCheck;
  /** How many hold it. */
  holders: number;
  /** Without one of these in the job it cannot hold; null: nothing is required. */
  atoms: readonly Atom[] | null;
  /** Of jobs, by estimate, for which it can hold. */
  share: number;
  /** Of a bound that moves: when it stood where the filter has it. */
  placedAt: Timestamp | null;
}

/** The conditions of many filters, equal ones once, each decided for a job at most once. */
export interface ConditionTable {
  /** The number of the condition; it stays in the table as long as someone holds it. Numbers are small, and used again. */
  acquire(part: FilterPart): number;
  release(condition: number): void;
  /** Turns to this job, and calls `visit` once with each of the conditions that may hold for what they require is there. */
  turnTo(job: PreparedJob, now: Timestamp, visit: (condition: number) => void): void;
  /** Whether it holds for the job. */
  holds(condition: number): boolean;
  /** An estimate of the share of jobs for which it can hold; `REQUIRES_NOTHING` for those that `turnTo` does not visit. */
  shareOf(condition: number): number;
  size(): number;
}

export const REQUIRES_NOTHING = Infinity;

/** Past it rounds are counted anew, so that what is remembered of each condition fits into 32 bits. */
const MAX_ROUND = 2 ** 28;
/** What a round has come to, in the lowest bits of a decision. */
const MAY_HOLD = 1;
const HOLDS = 2;
const FAILS = 3;

export function createConditionTable(shares: AtomShares): ConditionTable {
  const conditions: (Condition | null)[] = [];
  const numbers = new Map<string, number>();
  const numbering = createNumbering();
  const postings = createAtomPostings();
  /** Of each condition four times the round in which it was last looked at, and what that came to. */
  let decisions = new Int32Array(1_024);
  /** Of each condition what it is when the job holds one of its atoms; 0 when it has none. */
  let byAtoms = new Int32Array(1_024);
  let round = 0;
  /** Those that may hold in this round. */
  let possible: number[] = [];
  let job: PreparedJob | null = null;
  let now: Timestamp = '';

  function acquire(part: FilterPart): number {
    const key = partKey(part);
    const known = numbers.get(key);
    if (known !== undefined) {
      conditionOf(known).holders += 1;
      return known;
    }
    const number = numbering.take();
    decisions = roomFor(decisions, number);
    byAtoms = roomFor(byAtoms, number);
    decisions[number] = 0;
    const required = requiredAtoms(part, shares);
    const atoms = required?.atoms ?? null;
    // Written out: objects of one shape are read several times faster.
    conditions[number] = {
      member: part.member,
      check: conditionCheck(part.member),
      filter: part.filter,
      spanMs: part.spanMs,
      key,
      holders: 1,
      atoms,
      share: required?.share ?? REQUIRES_NOTHING,
      placedAt: null,
    };
    numbers.set(key, number);
    if (atoms) postings.add(number, atoms);
    byAtoms[number] = required === null ? 0 : required.suffice ? HOLDS : MAY_HOLD;
    return number;
  }

  function release(number: number): void {
    const condition = conditionOf(number);
    condition.holders -= 1;
    if (condition.holders > 0) return;
    if (condition.atoms) postings.remove(number, condition.atoms);
    numbers.delete(condition.key);
    conditions[number] = null;
    numbering.giveBack(number);
  }

  function turnTo(next: PreparedJob, time: Timestamp, visit: (condition: number) => void): void {
    if (round === MAX_ROUND) {
      decisions.fill(0);
      round = 0;
    }
    round += 1;
    job = next;
    now = time;
    possible = [];
    postings.visit(next, notePossible);
    // Only when all are known: others are taken not to hold.
    for (const condition of possible) visit(condition);
  }

  function notePossible(condition: number): void {
    if ((decisions[condition] ?? 0) >> 2 === round) return;
    decisions[condition] = (round << 2) | (byAtoms[condition] ?? MAY_HOLD);
    possible.push(condition);
  }

  function holds(number: number): boolean {
    const decision = decisions[number] ?? 0;
    if (decision >> 2 !== round) {
      if (byAtoms[number] !== 0) return false;
    } else if ((decision & 3) !== MAY_HOLD) {
      return (decision & 3) === HOLDS;
    }
    const held = decide(conditionOf(number));
    decisions[number] = (round << 2) | (held ? HOLDS : FAILS);
    return held;
  }

  function decide(condition: Condition): boolean {
    if (job === null) throw new RangeError('There is no job to decide about.');
    if (condition.spanMs !== undefined && condition.placedAt !== now) {
      condition.filter = { [condition.member]: addMillis(now, -condition.spanMs) } satisfies JobFilter;
      condition.placedAt = now;
    }
    return condition.check(job, condition.filter);
  }

  function conditionOf(number: number): Condition {
    const condition = conditions[number];
    if (!condition) throw new RangeError(`There is no condition ${number}.`);
    return condition;
  }

  return {
    acquire,
    release,
    turnTo,
    holds,
    shareOf: (number) => conditionOf(number).share,
    size: () => numbers.size,
  };
}
