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

const TURN_MS = 10;

/** Awaited after each step of long computing, it lets whatever else waits in this process go on every 10 ms. */
export function createTurns(): () => Promise<void> {
  let endsAt = performance.now() + TURN_MS;
  return async () => {
    if (performance.now() < endsAt) return;
    await nextTurn();
    endsAt = performance.now() + TURN_MS;
  };
}

/** Runs what it is given one after the other, whether what came before succeeded or not. */
export function createQueue(): <Result>(run: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const result = last.then(run);
    last = result.catch(() => undefined);
    return result;
  };
}
