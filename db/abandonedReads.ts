import type { Db } from './connection';

/**
 * Reads in a transaction of its own. When the signal is aborted the statement under way is cancelled, so that Postgres works for
 * nobody who has gone. `db` is the pool: the cancellation needs a connection beside that of the reading.
 * @throws the signal's reason once it is aborted.
 */
export async function readUntilAborted<T>(
  db: Db,
  signal: AbortSignal,
  read: (transaction: Db) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  try {
    return await db.transaction(async (transaction) => {
      const { rows } = await transaction.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid');
      const pid = rows[0]?.pid ?? null;
      let cancelled: Promise<unknown> = Promise.resolve();
      const cancel = () => {
        // Where the pool has no connection left for it, the statement simply runs to its end.
        cancelled = Promise.resolve(db.raw('select pg_cancel_backend(?)', [pid])).catch(() => undefined);
      };
      signal.addEventListener('abort', cancel, { once: true });
      try {
        signal.throwIfAborted();
        return await read(transaction);
      } finally {
        signal.removeEventListener('abort', cancel);
        // Before the connection goes back: what another request runs on it next is not to be cancelled.
        await cancelled;
      }
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
