import { DateTime } from 'luxon';
import { toTimestamp, type Timestamp } from '../../time';
import { parsed, unparsed, type Parsed } from './parsed';

const MAX_LENGTH = 100;
const MAX_COUNT = 10_000;

type Unit = 'seconds' | 'minutes' | 'hours' | 'days' | 'weeks' | 'months' | 'quarters' | 'years';

const UNITS: readonly (readonly [RegExp, Unit])[] = [
  [/^(?:s|secs?|seconds?)$/, 'seconds'],
  [/^(?:m|mins?|minutes?)$/, 'minutes'],
  [/^(?:h|hrs?|hours?)$/, 'hours'],
  [/^(?:d|days?)$/, 'days'],
  [/^(?:w|wks?|weeks?)$/, 'weeks'],
  [/^(?:mos?|mths?|months?)$/, 'months'],
  [/^(?:quarters?)$/, 'quarters'],
  [/^(?:y|yrs?|years?)$/, 'years'],
];

const VERB = /^(?:posted|renewed|published|updated|created|active)(?: on)?:? /;
const COUNTED = /^(?:about |over |almost |~)?(an?|one|\d{1,5})\+? ?([a-z]+) ago$/;

/** How long ago a text says something was: `51 minutes ago`, `Posted yesterday`, `last week`, `just now`; null when it says nothing of the kind. */
function readAgo(text: string): { count: number; unit: Unit } | null {
  if (text.length > MAX_LENGTH) return null;
  const words = text.trim().toLowerCase().replace(/\s+/g, ' ').replace(VERB, '').replace(/\.$/, '');
  if (/^(?:just now|now|moments? ago|a moment ago|a few seconds ago|seconds ago)$/.test(words))
    return { count: 0, unit: 'seconds' };
  if (words === 'yesterday') return { count: 1, unit: 'days' };
  const last = /^last (minute|hour|week|month|quarter|year)$/.exec(words);
  const counted = COUNTED.exec(words);
  const unit = unitOf(last?.[1] ?? counted?.[2] ?? '');
  if (unit === null) return null;
  const amount = counted?.[1];
  const count = amount === undefined || /^(?:an?|one)$/.test(amount) ? 1 : Number(amount);
  return count <= MAX_COUNT ? { count, unit } : null;
}

/**
 * A time relative to `reference`, in whole units of the calendar in UTC.
 * Faults: value_unparsed; posting_time_unresolvable when there is nothing to relate it to.
 */
export function parseRelativeTime(text: string, reference: Timestamp | null): Parsed<Timestamp> {
  const ago = readAgo(text);
  if (!ago) return unparsed('is no relative time such as "2 hours ago"');
  if (reference === null)
    return unparsed('is relative, and nothing says to when', 'posting_time_unresolvable');
  const time = DateTime.fromISO(reference, { zone: 'utc' }).minus({ [ago.unit]: ago.count });
  return time.isValid && time.year >= 1970
    ? parsed(toTimestamp(time.toMillis()))
    : unparsed('lies before 1970');
}

function unitOf(word: string): Unit | null {
  return UNITS.find(([pattern]) => pattern.test(word))?.[1] ?? null;
}
