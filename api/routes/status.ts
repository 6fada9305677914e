import { z } from 'zod';
import {
  ACCURACY_TARGET,
  COUNTED_DAYS,
  type ServiceStatus,
  type Uptime,
  UPTIME_TARGET,
} from '../../domain/serviceStatus';
import { itemBody, itemSchema } from '../envelope';
import { publicRoute } from '../route';

const share = z.number().min(0).max(1).nullable();

const uptimeView = z
  .object({
    share: share.describe('Good minutes of all, rounded down; null before the first minute was probed'),
    minutes: z.number().int().describe('Whole minutes of the span, from the first probe on'),
    good_minutes: z.number().int().describe('Those in which a probe was answered well'),
    meets_target: z.boolean().nullable().describe('Whether the share is at least `target`'),
    since: z.iso
      .datetime()
      .nullable()
      .describe('Where counting begins: the beginning of the span, or the first probe ever'),
  })
  .meta({ id: 'Uptime', description: 'How much of a span the service was up.' });

const statusView = z.object({
  measured_at: z.iso.datetime().describe('When this was measured: once a minute at most'),
  uptime: z.object({
    target: z.number().describe('Share of minutes that is promised'),
    last_24h: uptimeView,
    last_30d: uptimeView,
    last_90d: uptimeView,
  }),
  freshness: z
    .object({
      n: z.number().int().describe('Jobs measured, the newest 100,000 at most'),
      p50_seconds: z.number().nullable().describe('Half of them were found sooner; null without any'),
      p95_seconds: z.number().nullable(),
      share_within_15_min: share,
      share_within_30_min: share,
    })
    .describe(
      'From when a job was made public at Upwork until a search first found it, over the jobs of the last 24 hours that were seen ' +
        'within a day of their posting. One that cannot be found yet counts with the time that has passed',
    ),
  accuracy: z
    .object({
      target: z.number().describe('Share that is promised'),
      share: share.describe('Of jobs compared with their source, those that agree; null while none were'),
      n: z.number().int().describe('Jobs compared'),
    })
    .describe('Measured by comparing a sample of jobs with their source'),
  jobs_per_day: z
    .array(
      z.object({
        day: z.iso.date().describe('In UTC'),
        jobs: z.number().int().describe('Jobs first seen on it'),
      }),
    )
    .max(COUNTED_DAYS)
    .describe('The last 30 days, oldest first; the last one is today, so far'),
});

const exampleUptime = {
  share: 0.99953,
  minutes: 43_200,
  good_minutes: 43_180,
  meets_target: true,
  since: '2025-12-21T12:00:00.000Z',
};

const status = publicRoute({
  method: 'get',
  path: '/status',
  tag: 'Operation',
  summary: 'Uptime, freshness and accuracy, as measured',
  description:
    'What is stored, counted: nothing here is a promise but the targets. The API is probed every minute with a search; a minute without ' +
    'an answer, or without a probe, was down. Samples and folded duplicates are left out of all that is said of jobs.',
  response: itemSchema(statusView),
  example: itemBody({
    measured_at: '2026-01-20T12:00:00.000Z',
    uptime: {
      target: UPTIME_TARGET,
      last_24h: {
        share: 1,
        minutes: 1_440,
        good_minutes: 1_440,
        meets_target: true,
        since: '2026-01-19T12:00:00.000Z',
      },
      last_30d: exampleUptime,
      last_90d: exampleUptime,
    },
    freshness: {
      n: 9_420,
      p50_seconds: 214,
      p95_seconds: 655,
      share_within_15_min: 0.98216,
      share_within_30_min: 0.99904,
    },
    accuracy: { target: ACCURACY_TARGET, share: null, n: 0 },
    jobs_per_day: [
      { day: '2026-01-19', jobs: 9_377 },
      { day: '2026-01-20', jobs: 4_805 },
    ],
  }),
  handler: async ({ readStatus }) => ({ body: itemBody(toStatusView(await readStatus())) }),
});

export const statusRoutes = [status];

function toStatusView({
  measuredAt,
  uptime,
  freshness,
  accuracy,
  jobsPerDay,
}: ServiceStatus): z.input<typeof statusView> {
  return {
    measured_at: measuredAt,
    uptime: {
      target: UPTIME_TARGET,
      last_24h: toUptimeView(uptime.last24h),
      last_30d: toUptimeView(uptime.last30d),
      last_90d: toUptimeView(uptime.last90d),
    },
    freshness: {
      n: freshness.jobs,
      p50_seconds: freshness.p50Seconds,
      p95_seconds: freshness.p95Seconds,
      share_within_15_min: freshness.shareWithin15Minutes,
      share_within_30_min: freshness.shareWithin30Minutes,
    },
    accuracy: { target: ACCURACY_TARGET, share: accuracy.share, n: accuracy.jobs },
    jobs_per_day: jobsPerDay,
  };
}

function toUptimeView({ share: of, minutes, goodMinutes, meetsTarget, since }: Uptime) {
  return { share: of, minutes, good_minutes: goodMinutes, meets_target: meetsTarget, since };
}
