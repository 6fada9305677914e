/** A row as a source gave it: CSV columns (strings), a JSON object (nested), an RSS item's elements (strings, HTML inside as received). */
export type SourceRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is SourceRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
