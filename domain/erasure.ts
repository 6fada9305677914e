import type { Timestamp } from './time';

/** What an erasure came to. It holds ids, names of tables and numbers: nothing of a person. */
export interface ErasureReport {
  requestedAt: Timestamp;
  finishedAt: Timestamp;
  /** Rows removed, or made anonymous, by table. */
  removed: Record<string, number>;
  /** Whether the holder was told by e-mail. */
  told: boolean;
}
