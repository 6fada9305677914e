import { heartbeat } from '@temporalio/activity';
import { ACCOUNT_TABLES } from '../db/accountRecords';
import type { Db } from '../db/connection';
import {
  eraseSlice,
  findErasedEmail,
  findHolderToTell,
  finishErasure,
  listUnfinishedErasures,
  markHolderTold,
  readErasure,
  revokeAllKeys,
} from '../db/erasures';
import { AppError } from '../domain/errors';
import type { ErasureReport } from '../domain/erasure';
import { addMillis, type Timestamp } from '../domain/time';

export interface ErasureNotice {
  erasureId: string;
  email: string;
  name: string | null;
}

export interface ErasureServices {
  db: Db;
  /**
   * Tells the holder of an account that all but the address is erased, and the address goes next. Called again when it is not known
   * whether it went out: one erasure is one message. Returns whether it was taken; false: refused for good. Rejects when another
   * attempt may succeed. None: nobody is told.
   */
  tell?: (notice: ErasureNotice) => Promise<boolean>;
  /** Removes letters to an address that are kept; none: none are. */
  forgetLetters?: (email: string) => Promise<number>;
  /** Starts `eraseAccount`; one that is under way is left alone. Returns whether it was started. */
  startErasure: (erasureId: string) => Promise<boolean>;
  now: () => Timestamp;
}

/** The API starts an erasure right after it was asked for: one of this age it could not start, or it is under way. */
const LEFT_LYING_AFTER_MS = 30_000;
const LISTED_AT_ONCE = 100;

export type ErasureActivities = ReturnType<typeof createErasureActivities>;

export function createErasureActivities({ db, tell, forgetLetters, startErasure, now }: ErasureServices) {
  /** Ends the account's keys, in the table as well: they stopped working when the erasure was asked for. */
  async function revokeKeysOfErased(erasureId: string): Promise<void> {
    const { accountId } = await readErasure(db, { id: erasureId });
    await revokeAllKeys(db, accountId, now());
  }

  /**
   * Erases what the next table holds of the account; the first one's when there was none before. Null when there is no next table.
   */
  async function eraseNextTable(
    erasureId: string,
    tableBefore: string | null,
  ): Promise<{ table: string; rows: number } | null> {
    const next = ACCOUNT_TABLES[ACCOUNT_TABLES.findIndex(({ table }) => table === tableBefore) + 1];
    if (!next) return null;
    const erasure = await readErasure(db, { id: erasureId });
    let rows = 0;
    for (let slice = -1; slice !== 0;) {
      slice = await eraseSlice(db, erasure, next);
      rows += slice;
      heartbeat(rows);
    }
    return { table: next.table, rows };
  }

  /**
   * Tells the holder, while the address is still known; once that is noted, never again.
   * @throws AppError `unavailable` in the place of what mail says, which may name the address, and failures are kept in histories.
   */
  async function tellHolder(erasureId: string): Promise<void> {
    const holder = tell && (await findHolderToTell(db, erasureId));
    if (!holder) return;
    const isTold = await tell({ erasureId, ...holder }).catch(() => {
      throw new AppError('unavailable', 'The message to the holder was not taken.');
    });
    if (isTold) await markHolderTold(db, erasureId, now());
  }

  /** Removes letters that are kept, then the account itself, and keeps the proof that nothing of it is left. */
  async function removeErasedAccount(erasureId: string): Promise<ErasureReport> {
    const email = await findErasedEmail(db, erasureId);
    if (email !== null) await forgetLetters?.(email);
    return await finishErasure(db, erasureId, now());
  }

  /** Starts the erasures that were asked for and not started: Temporal was away, or the API died in between. */
  async function startWaitingErasures(): Promise<{ waiting: number; started: number }> {
    const requestedBefore = addMillis(now(), -LEFT_LYING_AFTER_MS);
    let waiting = 0;
    let started = 0;
    for (let afterId: string | undefined = ''; afterId !== undefined;) {
      const ids = await listUnfinishedErasures(db, { requestedBefore, afterId, most: LISTED_AT_ONCE });
      for (const id of ids) if (await startErasure(id)) started += 1;
      waiting += ids.length;
      heartbeat(waiting);
      afterId = ids.length < LISTED_AT_ONCE ? undefined : ids.at(-1);
    }
    return { waiting, started };
  }

  return { revokeKeysOfErased, eraseNextTable, tellHolder, removeErasedAccount, startWaitingErasures };
}
