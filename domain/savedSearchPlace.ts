import { toMillis, toTimestamp, type Timestamp } from './time';

/** Where a saved search stands among those of its account. */
export interface SavedSearchPlace {
  createdAt: Timestamp;
  id: string;
}

/** The place as opaque text, safe in a URL. */
export function formatSavedSearchPlace({ createdAt, id }: SavedSearchPlace): string {
  return `${toMillis(createdAt)}.${id}`;
}

/** Null for what is no such text. */
export function parseSavedSearchPlace(text: string): SavedSearchPlace | null {
  // Fourteen digits reach no year that is written with more than four.
  const [, ms, id] = /^(\d{1,14})\.([\w-]{1,50})$/.exec(text) ?? [];
  return ms === undefined || id === undefined ? null : { createdAt: toTimestamp(Number(ms)), id };
}
