import { setImmediate as nextTurn } from 'node:timers/promises';

/** Enough to make bulk statements pay; a few MB of jobs. */
const ROWS_PER_STATEMENT = 500;

/**
 * Writes many rows, 500 a statement. While the database works on one statement the records of the next are made, and other work
 * of this process has its turn in between.
 */
export async function writeInSlices<Row>(
  rows: readonly Row[],
  toRecord: (row: Row) => object,
  write: (records: string) => PromiseLike<unknown>,
): Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const records = JSON.stringify(rows.slice(start, start + ROWS_PER_STATEMENT).map(toRecord));
    await underWay;
    underWay = Promise.resolve(write(records));
    // Awaited above or below: until then its failure is nobody's yet.
    underWay.catch(() => undefined);
    await nextTurn();
  }
  await underWay;
}
