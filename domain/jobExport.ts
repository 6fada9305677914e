/** Kinds of file that an export is written as. */
export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const MAX_EXPORT_ROWS = 1_000_000;
export const DEFAULT_EXPORT_ROWS = 100_000;

const ROWS_PER_CALL = 1_000;

/** How many calls an export of so many rows counts as: one for each thousand that is begun, and one without any. */
export function callsOfExport(rows: number): number {
  return Math.max(1, Math.ceil(rows / ROWS_PER_CALL));
}
