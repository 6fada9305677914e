import { z } from 'zod';
import { countPeriodCalls } from '../../db/accountProfiles';
import { readUsage, type UsageRow } from '../../db/accountUsage';
import { projectUsage, USAGE_INTERVALS } from '../../domain/accountUsage';
import { billingPeriodAt } from '../../domain/billingPeriod';
import { AppError } from '../../domain/errors';
import { type ParsedUsageQuery, USAGE_QUERY_GRAMMAR } from '../../domain/usageQuery';
import { wholeListBody, wholeListSchema } from '../envelope';
import { type KeyedCall, route } from '../route';

const MAX_ROWS = 10_000;

const usageRow = z
  .object({
    interval_start: z.iso.datetime().describe('In UTC. The first interval may begin before the span'),
    route: z.string().describe('Method and path, as this document declares them'),
    key: z.object({
      id: z.string(),
      name: z.string().nullable(),
      last_four: z.string().nullable().describe('Null when the key is not kept any more'),
    }),
    status: z.string().describe('Class of the answers: `2xx`, `3xx`, `4xx`, `5xx`'),
    requests: z.number().int().describe('Requests answered so'),
    calls: z.number().int().describe('Calls that count against the quota: an export is several, a 304 none'),
  })
  .meta({ id: 'UsageRow', description: 'Requests of one interval, route, key and class of status.' });

const usagePeriod = z.object({
  starts_at: z.iso.datetime(),
  ends_at: z.iso.datetime(),
  calls: z.number().int().describe('Calls that count, in the period so far'),
  quota: z.number().int().nullable().describe('Null: without limit'),
  remaining: z.number().int().nullable(),
  projected_calls: z
    .number()
    .int()
    .nullable()
    .describe(
      'Calls at its end at the pace so far: the calls by the share of the period that has passed, at most as many as the plan and your own ' +
        'cap let pass. Null in its first day',
    ),
  projected_overage_cents: z
    .number()
    .int()
    .nullable()
    .describe("What those beyond the plan's will cost at this pace. Null in its first day"),
});

const readAccountUsage = route({
  method: 'get',
  path: '/account/usage',
  tag: 'Accounts',
  summary: 'Read how much the account calls',
  description:
    'By time, route, key and class of status: in the billing period under way, day by day, unless asked otherwise. What was ' +
    `answered is told within a few seconds. An answer has at most ${MAX_ROWS} rows; a span that has more is a 400.`,
  scope: 'account:read',
  query: USAGE_QUERY_GRAMMAR,
  response: wholeListSchema(usageRow).extend({
    interval: z.enum(USAGE_INTERVALS).describe('Length of the intervals'),
    from: z.iso.datetime().describe('Where the span begins'),
    to: z.iso.datetime().describe('Where it ends'),
    totals: z.object({ requests: z.number().int(), calls: z.number().int() }).describe('Of all rows'),
    period: usagePeriod.describe('The billing period under way, whatever the span'),
  }),
  example: {
    ...wholeListBody([
      {
        interval_start: '2026-01-19T00:00:00.000Z',
        route: 'GET /jobs',
        key: { id: '9b0d6b52-3e2c-4f0e-8f57-5f3a1f7d2c11', name: 'production', last_four: 'x7Qa' },
        status: '2xx',
        requests: 812,
        calls: 812,
      },
    ]),
    interval: 'day' as const,
    from: '2026-01-05T10:00:00.000Z',
    to: '2026-02-05T10:00:00.000Z',
    totals: { requests: 812, calls: 812 },
    period: {
      starts_at: '2026-01-05T10:00:00.000Z',
      ends_at: '2026-02-05T10:00:00.000Z',
      calls: 11_350,
      quota: 25_000,
      remaining: 13_650,
      projected_calls: 23_330,
      projected_overage_cents: 0,
    },
  },
  handler: tellUsage,
});

export const accountUsageRoutes = [readAccountUsage];

async function tellUsage({ query, caller, now, services }: KeyedCall<unknown, ParsedUsageQuery>) {
  const { account, plan } = caller;
  const { span, interval } = query;
  const period = billingPeriodAt(account.periodAnchor, now);
  const [rows, calls] = await Promise.all([
    readUsage(services.db, {
      accountId: account.id,
      scope: span ?? { periodStartsAt: period.startsAt },
      interval,
      most: MAX_ROWS + 1,
    }),
    countPeriodCalls(services.db, account.id, period),
  ]);
  if (rows.length > MAX_ROWS) throw tooManyRows();
  const projected = projectUsage({
    calls,
    period,
    plan,
    overageCapCents: account.monthlyOverageCapCents,
    now,
  });
  const { monthly_calls: quota } = plan;
  return {
    body: {
      ...wholeListBody(rows.map(toUsageView)),
      interval,
      from: span?.from ?? period.startsAt,
      to: span?.to ?? period.endsAt,
      totals: { requests: sumOf(rows, 'requests'), calls: sumOf(rows, 'calls') },
      period: {
        starts_at: period.startsAt,
        ends_at: period.endsAt,
        calls,
        quota,
        remaining: quota === null ? null : Math.max(0, quota - calls),
        projected_calls: projected.calls,
        projected_overage_cents: projected.overageCents,
      },
    },
  };
}

function toUsageView(row: UsageRow): z.input<typeof usageRow> {
  const { intervalStart, route: asked, keyId, keyName, keyLastFour, statusClass, requests, calls } = row;
  return {
    interval_start: intervalStart,
    route: asked,
    key: { id: keyId, name: keyName, last_four: keyLastFour },
    status: `${statusClass}xx`,
    requests,
    calls,
  };
}

function sumOf(rows: readonly UsageRow[], member: 'requests' | 'calls'): number {
  return rows.reduce((sum, row) => sum + row[member], 0);
}

function tooManyRows(): AppError {
  const message = `The span has more than ${MAX_ROWS} rows: ask for a shorter one (from, to) or for longer intervals.`;
  return new AppError('invalid_parameter', message, { faults: [{ parameter: 'interval', message }] });
}
