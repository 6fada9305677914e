import { defineQuery, isCancellation, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ErasureReport } from '../domain/erasure';
import { eraseNextTable, removeErasedAccount, revokeKeysOfErased, tellHolder } from './activities';
import { asShownFailure } from './failures';

/** An id alone: what is in a workflow's history cannot be erased. */
export interface EraseAccountInput {
  erasureId: string;
}

export interface ErasureProgress {
  phase: 'revoking keys' | 'erasing records' | 'telling the holder' | 'removing the account' | 'done';
  /** Rows removed, or made anonymous, by table. */
  removed: Record<string, number>;
}

const progress = defineQuery<ErasureProgress>('progress');

/**
 * Erases an account: its keys end, its records go table by table, the holder is told, and the account goes last, for until then its
 * address is needed. A holder who cannot be told holds nothing up for longer than the time that telling has.
 */
export async function eraseAccount({ erasureId }: EraseAccountInput): Promise<ErasureReport> {
  const state: ErasureProgress = { phase: 'revoking keys', removed: {} };
  setHandler(progress, () => state);
  try {
    await revokeKeysOfErased(erasureId);
    state.phase = 'erasing records';
    for (let table: string | null = null; ;) {
      const step: { table: string; rows: number } | null = await eraseNextTable(erasureId, table);
      if (!step) break;
      ({ table } = step);
      state.removed[step.table] = step.rows;
      setCurrentDetails(`erased from ${step.table}: ${step.rows} rows`);
    }
    state.phase = 'telling the holder';
    await tellIfPossible(erasureId);
    state.phase = 'removing the account';
    const report = await removeErasedAccount(erasureId);
    state.phase = 'done';
    state.removed = report.removed;
    setCurrentDetails('erased');
    return report;
  } catch (error) {
    throw asShownFailure(error);
  }
}

async function tellIfPossible(erasureId: string): Promise<void> {
  try {
    await tellHolder(erasureId);
  } catch (error) {
    if (isCancellation(error)) throw error;
    setCurrentDetails('The holder could not be told.');
  }
}
