import { z } from 'zod';
import { type ParsedTrendsQuery, TRENDS_QUERY_GRAMMAR } from '../../domain/jobFilter';
import { MAX_GROUPS, TREND_INTERVALS, trendSpan } from '../../domain/trends';
import { type AmountSummary, readTrends, type TrendRow } from '../../search/postgresTrends';
import { wholeListBody, wholeListSchema } from '../envelope';
import { refuseUnlessPlan } from '../planChecks';
import { type KeyedCall, route } from '../route';

/** Longer would hold up others. */
const TIMEOUT_MS = 5_000;

const amountSummary = z
  .object({
    count: z.number().int().describe('Jobs that state such an amount in the currency of the row'),
    p25: z.number().nullable().describe('A quarter of them is below; null when there are none'),
    median: z.number().nullable(),
    p75: z.number().nullable().describe('A quarter of them is above'),
  })
  .meta({
    id: 'AmountSummary',
    description: 'Quartiles of amounts, between two of them where none is in the place.',
  });

const trendRow = z
  .object({
    interval_start: z.iso.datetime().describe('In UTC. The first interval may begin before the span'),
    group: z
      .object({
        kind: z
          .enum(['value', 'unknown', 'other'])
          .describe(
            `\`unknown\`: the posting does not state it; \`other\`: all beyond the ${MAX_GROUPS} groups with most jobs (never with \`skill\`)`,
          ),
        value: z
          .string()
          .nullable()
          .describe('As the filter takes it: a slug, a skill, a country code, a tier; null but for `value`'),
      })
      .nullable()
      .describe('Null without group_by'),
    jobs: z.number().int().describe('Jobs posted in the interval'),
    currency: z
      .string()
      .nullable()
      .describe('Of the amounts, ISO 4217; null when no job of the answer states one'),
    fixed_budget: amountSummary.describe('Budgets of fixed-price jobs'),
    hourly_rate: amountSummary.describe('Middles of hourly ranges, of an open range its end'),
  })
  .meta({ id: 'TrendRow', description: 'The jobs of one interval and group, and what they pay.' });

const jobTrends = route({
  method: 'get',
  path: '/jobs/trends',
  tag: 'Market',
  summary: 'Count jobs and what they pay over time',
  description:
    'The jobs that the filters of `GET /jobs` find, by when they were posted: the last 30 days unless `posted_after` says, inside the ' +
    "plan's window. Amounts are never converted: they are those in the currency of most jobs that match, unless `currency` names one, and " +
    'jobs in others are counted in `jobs` alone. Without `group_by` every interval has a row, with it those that have jobs. ' +
    'For the Professional plan and larger ones. A span too wide to count in five seconds is a 503.',
  scope: 'jobs:read',
  isMetered: true,
  query: TRENDS_QUERY_GRAMMAR,
  response: wholeListSchema(trendRow).extend({
    interval: z.enum(TREND_INTERVALS).describe('Length of the intervals'),
    posted_after: z.iso.datetime().describe('Where the span begins'),
    posted_before: z.iso.datetime().nullable().describe('Where it ends; null: now'),
  }),
  example: {
    ...wholeListBody([
      {
        interval_start: '2026-01-19T00:00:00.000Z',
        group: { kind: 'value' as const, value: 'full-stack-development' },
        jobs: 214,
        currency: 'USD',
        fixed_budget: { count: 96, p25: 250, median: 600, p75: 1_500 },
        hourly_rate: { count: 103, p25: 22.5, median: 35, p75: 52.5 },
      },
    ]),
    interval: 'day' as const,
    posted_after: '2025-12-21T12:00:00.000Z',
    posted_before: null,
  },
  handler: readMarket,
});

export const trendRoutes = [jobTrends];

async function readMarket({ query, caller, now, services }: KeyedCall<unknown, ParsedTrendsQuery>) {
  await refuseUnlessPlan({ caller, now, services }, { has: (plan) => plan.advanced_filters, what: 'Trends' });
  const { filter, interval, groupBy, warnings } = query;
  const { postedAfter, postedBefore } = filter;
  const { postedSince } = caller.readScope;
  const span = trendSpan(
    { postedAfter, postedBefore, interval, isGrouped: groupBy !== null },
    { postedSince, now },
  );
  const rows = await readTrends(services.db, {
    filter,
    scope: caller.readScope,
    span,
    groupBy,
    timeoutMs: TIMEOUT_MS,
  });
  const isCut = postedAfter !== undefined && postedAfter < span.from;
  const told = isCut ? [`The ${caller.plan.name} plan shows jobs since ${span.from}.`] : [];
  return {
    body: {
      ...wholeListBody(rows.map(toRowView), [...warnings, ...told]),
      interval: span.interval,
      posted_after: span.from,
      posted_before: span.until,
    },
  };
}

function toRowView({ start, group, jobs, currency, fixedBudget, hourlyRate }: TrendRow) {
  return {
    interval_start: start,
    group,
    jobs,
    currency,
    fixed_budget: toSummaryView(fixedBudget),
    hourly_rate: toSummaryView(hourlyRate),
  };
}

/** A hundredth is the smallest that most currencies have. */
function toSummaryView({ count, p25, median, p75 }: AmountSummary): z.input<typeof amountSummary> {
  const rounded = (amount: number | null) => (amount === null ? null : Math.round(amount * 100) / 100);
  return { count, p25: rounded(p25), median: rounded(median), p75: rounded(p75) };
}
