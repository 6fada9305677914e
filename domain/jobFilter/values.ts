import { DAY_MS, HOUR_MS, type Timestamp, toMillis, toTimestamp } from '../time';
import { MAX_NUMBER, type NumberRange } from './filter';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };
const EARLIEST_MS = Date.UTC(1970);
const LATEST_MS = Date.UTC(3000);

/** A decimal number, sign allowed, without exponent or thousands separators; null for anything else. */
export function parseDecimal(text: string): number | null {
  return /^-?\d{1,20}(\.\d{1,20})?$/.test(text) ? Number(text) : null;
}

export function parseWhole(text: string): number | null {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
}

/** `100-200`, `500-`, `-50`, `20` (exactly 20); null for anything else, and for ends out of order or out of bounds. */
export function parseRange(text: string): NumberRange | null {
  const [low = '', high, ...more] = text.split('-').map((end) => end.trim());
  if (more.length > 0) return null;
  const min = low === '' ? null : parseDecimal(low);
  const max = high === undefined ? min : high === '' ? null : parseDecimal(high);
  if ((low !== '' && min === null) || (high && max === null) || (min === null && max === null)) return null;
  if ((min ?? 0) > MAX_NUMBER || (max ?? 0) > MAX_NUMBER) return null;
  return min !== null && max !== null && min > max ? null : { min, max };
}

/** A span back from now, `-30m`, `-24h`, `-7d` or `-2w`, in milliseconds; null for anything else. */
export function parseSpan(text: string): number | null {
  const span = /^-(\d{1,7})([mhdw])$/.exec(text);
  return span ? Number(span[1]) * (UNIT_MS[span[2] ?? ''] ?? NaN) : null;
}

/**
 * An ISO 8601 date or time, in UTC unless it states an offset, or a time before `now` as a span (`parseSpan`).
 * Null for anything else, and for times outside the years 1970 to 2999.
 */
export function parseTime(text: string, now: Timestamp): Timestamp | null {
  const span = parseSpan(text);
  const ms = span === null ? parseIsoMillis(text) : toMillis(now) - span;
  return ms !== null && ms >= EARLIEST_MS && ms < LATEST_MS ? toTimestamp(ms) : null;
}

const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:(Z)|([-+ ])(\d{2}):?(\d{2}))?)?$/i;

function parseIsoMillis(text: string): number | null {
  const match = ISO_TIME.exec(text);
  if (!match) return null;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  if (hour > 23 || minute > 59 || second > 59 || part(10) > 14 || part(11) > 59) return null;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  // Date rolls the 31st of June over into July.
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
  const ms = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000);
  // A `+` that was not escaped in the URL arrives as a blank.
  const offsetSign = match[9] === '-' ? -1 : 1;
  const offsetMinutes = offsetSign * (part(10) * 60 + part(11));
  return midnight.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + ms;
}

/** No name of a category or country has more than three commas. */
const MAX_PARTS_OF_NAME = 4;

/**
 * Looks up the parts of a comma list and reports what is not found through `onUnknown`. Where names may hold commas
 * themselves (`Web, Mobile & Software Dev`), a name written with a blank after each of its commas wins over its parts.
 */
export function lookUpList<T>(
  parts: readonly string[],
  find: (text: string) => T | null,
  onUnknown: (text: string) => void,
  { namesHoldCommas }: { namesHoldCommas: boolean },
): T[] {
  const maxParts = namesHoldCommas ? MAX_PARTS_OF_NAME : 1;
  const found: T[] = [];
  for (let index = 0; index < parts.length;) {
    const match = longestName(parts.slice(index, index + maxParts), find);
    if (match) found.push(match.value);
    else onUnknown((parts[index] ?? '').trim());
    index += match?.length ?? 1;
  }
  return found;
}

/** The longest name at the beginning of the parts, with the number of parts it takes. */
function longestName<T>(
  parts: readonly string[],
  find: (text: string) => T | null,
): { value: T; length: number } | null {
  for (let length = parts.length; length >= 1; length -= 1) {
    const candidate = parts.slice(0, length);
    if (!candidate.slice(1).every((part) => /^\s/.test(part))) continue;
    const value = find(candidate.join(',').trim());
    if (value !== null) return { value, length };
  }
  return null;
}
