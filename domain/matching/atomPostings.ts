import type { PreparedJob } from '../jobFilter/matchesFilter';
import { type Atom, type AtomKind, forEachKind, visitAtoms } from './atoms';

/** Numbers by the atoms of which each requires one. */
export interface AtomPostings {
  /** @param atoms Each once. */
  add(number: number, atoms: readonly Atom[]): void;
  /** @param atoms Those that it was added with. */
  remove(number: number, atoms: readonly Atom[]): void;
  /** Calls `visit` with each number of which the job holds an atom; with some more than once. */
  visit(job: PreparedJob, visit: (number: number) => void): void;
}

export function createAtomPostings(): AtomPostings {
  const postings = forEachKind(() => new Map<string, number[]>());
  /** How many prefixes there are of each length. */
  const prefixLengths = new Map<number, number>();

  function add(number: number, atoms: readonly Atom[]): void {
    for (const { kind, value } of atoms) {
      const known = postings[kind].get(value);
      if (known) known.push(number);
      else {
        postings[kind].set(value, [number]);
        if (kind === 'prefix') countLength(value.length, 1);
      }
    }
  }

  function remove(number: number, atoms: readonly Atom[]): void {
    for (const { kind, value } of atoms) {
      const numbers = postings[kind].get(value);
      const place = numbers?.indexOf(number) ?? -1;
      const last = numbers?.pop();
      if (!numbers || last === undefined || place < 0)
        throw new RangeError(`${number} is not under ${value}.`);
      if (place < numbers.length) numbers[place] = last;
      if (numbers.length > 0) continue;
      postings[kind].delete(value);
      if (kind === 'prefix') countLength(value.length, -1);
    }
  }

  function countLength(length: number, more: 1 | -1): void {
    const count = (prefixLengths.get(length) ?? 0) + more;
    if (count > 0) prefixLengths.set(length, count);
    else prefixLengths.delete(length);
  }

  let visitNumber: (number: number) => void = () => undefined;

  function visit(job: PreparedJob, visitor: (number: number) => void): void {
    visitNumber = visitor;
    visitAtoms(job, visitAtom);
  }

  function visitAtom(kind: AtomKind, value: string): void {
    visitPosting(postings[kind].get(value));
    if (kind !== 'word') return;
    for (const length of prefixLengths.keys()) {
      if (length <= value.length) visitPosting(postings.prefix.get(value.slice(0, length)));
    }
  }

  function visitPosting(numbers: readonly number[] | undefined): void {
    if (numbers) for (const number of numbers) visitNumber(number);
  }

  return { add, remove, visit };
}
