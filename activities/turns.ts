import { setImmediate as nextTurn } from 'node:timers/promises';

/** Some 10 ms of work on postings. */
const ITEMS_PER_TURN = 50;

/**
 * Maps many items, and lets whatever else waits in this process go on in between: a batch is half a second of computing, and the
 * publishing of the batch before it would stand still so long at each of its steps.
 */
export async function mapInTurns<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % ITEMS_PER_TURN === 0) await nextTurn();
    results.push(map(item));
  }
  return results;
}
