import type { PruneReport } from '../activities/accountRetention';
import { pruneAccountRecords } from './activities';

/** Forgets what is kept about accounts' requests for a time only. */
export async function pruneAccounts(): Promise<PruneReport> {
  return await pruneAccountRecords();
}
