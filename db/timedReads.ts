import { AppError } from '../domain/errors';
import type { Db } from './connection';
import { isStatementTimeout } from './errors';

/**
 * Reads in a transaction of its own whose statements may each take so long.
 * @throws AppError `unavailable` when one takes longer.
 */
export async function readWithin<T>(
  db: Db,
  timeoutMs: number,
  read: (transaction: Db) => Promise<T>,
): Promise<T> {
  try {
    return await db.transaction(
      async (transaction) => {
        await transaction.raw(`select set_config('statement_timeout', ?, true)`, [String(timeoutMs)]);
        return await read(transaction);
      },
      { readOnly: true },
    );
  } catch (error) {
    if (!isStatementTimeout(error)) throw error;
    throw new AppError('unavailable', 'The database has too much to do just now.');
  }
}
