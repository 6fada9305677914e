import { z } from 'zod';
import { jobViewSchema, type JobView } from '../jobView';
import { TEST_EVENT_TYPE, type WebhookEventType } from './eventTypes';
import type { WebhookEvent } from './message';
import { grouped, jobNotice, type Notice, plainNotice, shownTime, tidyNotice } from './notice';

/** Fields of a job whose changes `job.updated` tells, named as in the job. */
const TOLD_JOB_FIELDS = [
  'title',
  'description',
  'budget',
  'hourly_budget',
  'skills',
  'job_type',
  'contractor_tier',
  'duration_label',
] as const;
export type ToldJobField = (typeof TOLD_JOB_FIELDS)[number];

const savedSearch = z.object({ id: z.string(), name: z.string() });

const jobData = z.object({
  job: jobViewSchema,
  saved_searches: z.array(savedSearch).describe('Those of the account that the job matches'),
  truncated: z
    .array(z.string())
    .optional()
    .describe(
      'What was shortened, lest the body pass 256 KiB: `saved_searches`, or fields of the job such as `description`',
    ),
});

const updatedJobData = jobData.extend({
  changed_fields: z.array(z.enum(TOLD_JOB_FIELDS)).describe('Fields of the job that have changed'),
});

const count = z.number().int().min(0);

/** What the event `usage.threshold` tells. */
export const usageThresholdSchema = z.object({
  threshold_percent: count.describe('50, 75, 90 or 100: each is told once a period'),
  calls: count.describe('Calls of the period that count so far'),
  quota: count.describe('Calls that the plan includes in a period'),
  period_starts_at: z.iso.datetime(),
  period_ends_at: z.iso.datetime(),
  blocked: z.boolean().describe('Whether further calls are refused until the period ends'),
});

const testData = z.object({ message: z.string(), endpoint_id: z.string() });

/** A kind of event: what it tells, and how. */
export interface EventKind {
  /** When it is sent. */
  summary: string;
  /** Of `data` in its body. */
  data: z.ZodObject;
  /** What `data` may be; `job` stands for any job in it. */
  example: (job: JobView) => object;
  /** In words; null for data of another shape. */
  noticeOf: (data: unknown) => Notice | null;
}

/** The kinds of events that are sent. A new one is one entry here, and its name in domain/webhooks/eventTypes.ts. */
export const EVENT_KINDS: Readonly<Partial<Record<WebhookEventType | typeof TEST_EVENT_TYPE, EventKind>>> = {
  'job.matched': kind({
    summary:
      'A job matches saved searches of the account: when it is first published, or when a change makes it match for the first time.',
    data: jobData,
    example: (job) => ({ job, saved_searches: [exampleSearch] }),
    toNotice: ({ job, saved_searches: searches }) => jobNotice('New job', { job, searches }),
  }),
  'job.updated': kind({
    summary:
      'A job that you were told of has changed in something that matters: at most once an hour for each job.',
    data: updatedJobData,
    example: (job) => ({ job, saved_searches: [exampleSearch], changed_fields: ['budget', 'skills'] }),
    toNotice: ({ job, saved_searches: searches, changed_fields: changed }) =>
      jobNotice('Job changed', { job, searches, changed }),
  }),
  'job.closed': kind({
    summary: 'A job that you were told of is open no more.',
    data: jobData,
    example: (job) => ({
      job: { ...job, status: 2, status_label: 'closed' },
      saved_searches: [exampleSearch],
    }),
    toNotice: ({ job, saved_searches: searches }) => jobNotice('Job closed', { job, searches }),
  }),
  'usage.threshold': kind({
    summary: "The account has used 50, 75, 90 or 100 % of its period's calls.",
    data: usageThresholdSchema,
    example: () => ({
      threshold_percent: 75,
      calls: 18_750,
      quota: 25_000,
      period_starts_at: '2026-01-01T09:00:00.000Z',
      period_ends_at: '2026-02-01T09:00:00.000Z',
      blocked: false,
    }),
    toNotice: ({ threshold_percent: percent, calls, quota, period_ends_at: endsAt, blocked }) =>
      plainNotice(
        'Usage',
        `${percent} % of the calls are used`,
        `${grouped(calls)} of ${grouped(quota)} calls are used. The period ends on ${shownTime(endsAt)}.` +
          (blocked ? ' Further calls are refused until then.' : ''),
      ),
  }),
  [TEST_EVENT_TYPE]: kind({
    summary: 'You have asked for it, to see whether an endpoint takes what it is sent.',
    data: testData,
    example: () => ({
      message: 'This is a test: what this endpoint is sent arrives.',
      endpoint_id: '6f1c2a0e-5b1d-4c3e-9a43-0d8f6f1f2b11',
    }),
    toNotice: ({ message }) => plainNotice('Test', 'Test event', message),
  }),
};

const exampleSearch = { id: '2b4d6a3c-8a52-4c0e-9d0a-1f0d7f9f3c21', name: 'React, fixed price' };

/** What the body of an event is: in the format `json`, all of it. */
export function eventSchema(type: string, { data }: EventKind) {
  return z.object({
    id: z
      .string()
      .regex(/^evt_[0-9a-f]{32}$/)
      .describe('The same whenever the event is sent again; also in the `webhook-id` header'),
    type: z.literal(type),
    created_at: z.iso.datetime().describe('When it came to be (ISO 8601, UTC)'),
    replayed: z.literal(true).optional().describe('There when you asked for a past span to be sent anew'),
    data,
  });
}

/** An event as it may look; `job` stands for any job in it. */
export function exampleEvent(type: string, { example }: EventKind, job: JobView): WebhookEvent {
  return {
    id: 'evt_4f9d1c0a7be24a0f8d3b5e6a90c1d2e3',
    type,
    created_at: '2026-01-20T09:04:33.000Z',
    data: example(job),
  };
}

/** An event in words: what is of no known kind, too. */
export function noticeOf({ type, replayed, data }: WebhookEvent): Notice {
  const known = Object.entries(EVENT_KINDS).find(([name]) => name === type)?.[1];
  const notice = known?.noticeOf(data) ?? plainNotice('Event', type, JSON.stringify(data, null, 2));
  return tidyNotice(replayed ? { ...notice, heading: `${notice.heading} (sent anew)` } : notice);
}

function kind<Data extends z.ZodObject>({
  toNotice,
  ...described
}: Omit<EventKind, 'noticeOf' | 'data'> & {
  data: Data;
  toNotice: (data: z.output<Data>) => Notice;
}): EventKind {
  return {
    ...described,
    noticeOf: (data) => {
      const read = described.data.safeParse(data);
      return read.success ? toNotice(read.data) : null;
    },
  };
}
