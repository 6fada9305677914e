import type { SourceRecord } from '../domain/mapping/record';
import type { Timestamp } from '../domain/time';

/** One posting as a source gave it, or the trace of one that cannot be read. */
export interface ReceivedRow {
  /** As parsed; null for a row that cannot be read. */
  record: SourceRecord | null;
  /** The text of a broken row as received, cut at 64 KiB; null for a row that could be read. */
  text: string | null;
  /** Why the row is broken, a sentence that names the line; null for a row that could be read. */
  broken: string | null;
}

/** Where a page begins, in the source's own terms: JSON, kept in Postgres between pages. */
export type SourceCursor = Readonly<Record<string, unknown>>;

export interface SourcePage {
  rows: ReceivedRow[];
  /** Where the next page begins. */
  cursor: SourceCursor;
  /** True when nothing follows. */
  isLast: boolean;
  /** When these rows were seen, for rows that do not say so themselves. */
  seenAt: Timestamp;
  /**
   * By what to ask, next time, whether the first page has changed; null: to have it whatever it is. Given by the first page
   * alone, and only by sources that can be asked.
   */
  validators?: SourceCursor | null;
}

/** A place that postings come from. */
export interface JobSource {
  /**
   * Reads up to `limit` rows from `cursor` on (null: from the beginning); a page of large rows may hold fewer.
   * The same cursor gives the same rows again as long as the source itself has not changed.
   */
  fetchPage(cursor: SourceCursor | null, limit: number): Promise<SourcePage>;
  /** Releases files and connections; the source may be used again afterwards. */
  close(): Promise<void>;
}
