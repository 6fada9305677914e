import { DateTime } from 'luxon';
import { toTimestamp, type Timestamp } from './time';

/** From `startsAt` up to, but not including, `endsAt`. */
export interface BillingPeriod {
  startsAt: Timestamp;
  endsAt: Timestamp;
}

/**
 * The month of an account that holds a moment. Months are counted from the anchor in UTC; where a month lacks the anchor's day, its
 * last day takes the place (31 January, 28 February, 31 March). Before the anchor they are counted backwards.
 */
export function billingPeriodAt(anchor: Timestamp, moment: Timestamp): BillingPeriod {
  const start = DateTime.fromISO(anchor, { zone: 'utc' });
  const { year, month } = DateTime.fromISO(moment, { zone: 'utc' });
  const calendarMonths = (year - start.year) * 12 + (month - start.month);
  const months = boundary(start, calendarMonths) <= moment ? calendarMonths : calendarMonths - 1;
  return { startsAt: boundary(start, months), endsAt: boundary(start, months + 1) };
}

/** Always from the anchor, never from the period before: a clamped day would stay clamped. */
function boundary(start: DateTime, months: number): Timestamp {
  return toTimestamp(start.plus({ months }).toMillis());
}
