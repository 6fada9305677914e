/** Comes after the last of a list, as any number below 0 does. */
export const NO_NUMBER = -1;

/**
 * Lists of small numbers, each of which is in one list at most; the lists have numbers too. In typed arrays, for there are a great
 * many short ones: what is walked through stays close together, where arrays of their own would lie all over the memory.
 */
export interface NumberLists {
  add(list: number, number: number): void;
  remove(list: number, number: number): void;
  /** In no particular order. */
  first(list: number): number;
  next(number: number): number;
}

export function createNumberLists(): NumberLists {
  // All are one more than the number they stand for, so that fresh memory says that there is none.
  let firsts = new Int32Array(1_024);
  let nexts = new Int32Array(1_024);
  let previous = new Int32Array(1_024);

  function add(list: number, number: number): void {
    firsts = roomFor(firsts, list);
    nexts = roomFor(nexts, number);
    previous = roomFor(previous, number);
    const second = firsts[list] ?? 0;
    firsts[list] = number + 1;
    nexts[number] = second;
    previous[number] = 0;
    if (second > 0) previous[second - 1] = number + 1;
  }

  function remove(list: number, number: number): void {
    const [before, after] = [previous[number] ?? 0, nexts[number] ?? 0];
    if (before > 0) nexts[before - 1] = after;
    else firsts[list] = after;
    if (after > 0) previous[after - 1] = before;
  }

  return {
    add,
    remove,
    first: (list) => (firsts[list] ?? 0) - 1,
    next: (number) => (nexts[number] ?? 0) - 1,
  };
}

/** The array, or a larger copy, so that there is a place of that number. */
export function roomFor(array: Int32Array<ArrayBuffer>, place: number): Int32Array<ArrayBuffer> {
  if (place < array.length) return array;
  const larger = new Int32Array(Math.max(array.length * 2, place + 1));
  larger.set(array);
  return larger;
}

/** Numbers from 0, those given back first. */
export function createNumbering(): { take(): number; giveBack(number: number): void } {
  const free: number[] = [];
  let next = 0;
  return {
    take: () => free.pop() ?? next++,
    giveBack: (number) => free.push(number),
  };
}
