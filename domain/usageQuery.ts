import { MAX_USAGE_DAYS, toEndOfHour, toHour, USAGE_INTERVALS, type UsageInterval } from './accountUsage';
import { nearestOf } from './jobFilter/nearest';
import { choice, type ParameterRow, row } from './jobFilter/parameters';
import { createQueryGrammar, type QueryGrammar } from './jobFilter/queryGrammar';
import { addFault, type QueryDraft, scalar } from './jobFilter/reading';
import { parseTime } from './jobFilter/values';
import { addMillis, DAY_MS, toMillis, type Timestamp } from './time';

/** Whole hours in UTC, from the first up to, but not including, the second. */
export interface UsageSpan {
  from: Timestamp;
  to: Timestamp;
}

export interface ParsedUsageQuery {
  /** Null: the billing period under way. */
  span: UsageSpan | null;
  interval: UsageInterval;
}

interface UsageDraft extends QueryDraft {
  from?: Timestamp;
  to?: Timestamp;
  interval?: UsageInterval;
}

const DEFAULT_SPAN_DAYS = 30;
const TIME =
  'an ISO 8601 date or time (2026-01-20, 2026-01-20T12:00:00Z) or a span back from now (-24h, -7d)';

/** `GET /account/usage` */
export const USAGE_QUERY_GRAMMAR: QueryGrammar<ParsedUsageQuery> = createQueryGrammar({
  rows: [
    timeRow(
      'from',
      `Where the span begins; the beginning of its hour in UTC. Without it, ${DEFAULT_SPAN_DAYS} days before \`to\`; without both, the span is the ` +
        'billing period under way.',
      '2026-01-01',
    ),
    timeRow(
      'to',
      'Where the span ends: up to there, not including it; a time within an hour stands for its end. Now, unless given.',
      '2026-01-08',
    ),
    row<UsageDraft>('interval', 'enum', {
      description:
        `Length of the intervals, which begin in UTC. By \`hour\` a span has at most ${MAX_USAGE_DAYS.hour} days, by \`day\` ` +
        `${MAX_USAGE_DAYS.day}, by \`month\` ${MAX_USAGE_DAYS.month}.`,
      example: 'day',
      values: USAGE_INTERVALS,
      default: 'day',
      read: scalar(
        (text) => USAGE_INTERVALS.find((interval) => interval === text.toLowerCase()) ?? null,
        choice('an interval', USAGE_INTERVALS),
        (draft: UsageDraft, value) => (draft.interval = value),
        nearestOf(USAGE_INTERVALS),
      ),
    }),
  ],
  createDraft: (empty): UsageDraft => empty,
  finish: (draft) => {
    const { interval = 'day' } = draft;
    return { interval, span: spanOf(draft, interval) };
  },
});

function timeRow(name: 'from' | 'to', description: string, example: string): ParameterRow<UsageDraft> {
  return row<UsageDraft>(name, 'time', {
    description,
    example,
    read: scalar(parseTime, TIME, (draft: UsageDraft, value) => (draft[name] = value)),
  });
}

function spanOf(draft: UsageDraft, interval: UsageInterval): UsageSpan | null {
  if (draft.from === undefined && draft.to === undefined) return null;
  const to = toEndOfHour(draft.to ?? draft.now);
  const from = toHour(draft.from ?? addMillis(to, -DEFAULT_SPAN_DAYS * DAY_MS));
  const mostDays = MAX_USAGE_DAYS[interval];
  const given = { name: draft.from === undefined ? 'to' : 'from' };
  if (from >= to) {
    const message = `The span ends (${to}) before it begins (${from}).`;
    addFault(draft, given, { message, received: draft[given.name as 'from' | 'to'] });
  } else if (toMillis(to) - toMillis(from) > mostDays * DAY_MS) {
    const message = `The span from ${from} to ${to} is too long.`;
    addFault(draft, given, { message, expected: `at most ${mostDays} days with interval=${interval}` });
  }
  return { from, to };
}
