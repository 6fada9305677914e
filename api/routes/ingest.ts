import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { findStoredAnswer, type StoredAnswer } from '../../db/idempotencyKeys';
import { countUnpublished, insertPushedBatch, type PushedRow } from '../../db/pushedBatches';
import type { PushSource } from '../../db/sourceTokens';
import { AppError, type FieldFault } from '../../domain/errors';
import { RULES, type RuleId } from '../../domain/verificationRules';
import { answerOnce, REPLAYED_HEADERS, REPLAYED_MEANING } from '../idempotency';
import { sourceRoute, type SourceCall } from '../route';

const MAX_POSTINGS = 1_000;
const MAX_BODY_BYTES = 5 * 1_024 * 1_024;
const MAX_SHOWN_LENGTH = 100;
const BACKLOG_RETRY_AFTER_SECONDS = 10;
const PAUSED_RETRY_AFTER_SECONDS = 300;
/** Postings verified before other requests get their turn. */
const VERIFIED_AT_ONCE = 20;

const ruleId = z.enum(Object.keys(RULES) as [RuleId, ...RuleId[]]);

const postingAnswer = z.object({
  index: z.number().int().describe('Place of the posting in the request, from 0'),
  id: z
    .string()
    .nullable()
    .describe('Id (or an alias of it) under which the job will be found; null when rejected'),
  outcome: z.enum(['accepted', 'rejected']),
  rules: z.array(ruleId).describe('Why it was rejected, or what an accepted posting is flagged with'),
  findings: z
    .array(
      z.object({
        rule: ruleId,
        field: z.string().nullable(),
        message: z.string(),
        received: z.string().nullable(),
      }),
    )
    .describe('Every value that could not be read or is doubtful'),
});

const ingestAnswer = z.object({
  success: z.literal(true),
  data: z.array(postingAnswer),
  count: z.number().int(),
  batch_id: z.string().describe('To quote when asking about these postings'),
  accepted: z.number().int(),
  rejected: z.number().int(),
});
type IngestAnswer = z.infer<typeof ingestAnswer>;

const postings = z
  .array(
    z.looseObject({}).describe('A posting: in the shape of a job as this API returns it, or in your own'),
  )
  .min(1)
  .max(MAX_POSTINGS);

const EXAMPLE_REQUEST = {
  jobs: [
    {
      id: '1880000000000000001',
      title: 'Build a booking page in React',
      description:
        'We run three hiking huts and need a page on which guests can see free beds and book them.',
      budget: { fixed_amount: 1500, currency: 'USD' },
      buyer: { country: 'CH' },
      posted_on: '2026-01-20T09:00:00Z',
    },
    {
      id: '~01abcdefabcdef0123',
      title: 'Translate a cookbook',
      description: 'Sixty recipes from Italian into plain English.',
      hourly_budget: { min: 20, max: 35, currency: 'EUR' },
      buyer: { country: 'IT' },
    },
  ],
};

const EXAMPLE_ANSWER: IngestAnswer = {
  success: true,
  data: [
    { index: 0, id: '1880000000000000001', outcome: 'accepted', rules: [], findings: [] },
    {
      index: 1,
      id: null,
      outcome: 'rejected',
      rules: ['posting_time_missing'],
      findings: [
        {
          rule: 'posting_time_missing',
          field: 'posted_on',
          message: 'No posting time is stated and none can be derived.',
          received: null,
        },
      ],
    },
  ],
  count: 2,
  batch_id: 'push-partner-feed-2026-01-20-00000',
  accepted: 1,
  rejected: 1,
};

const ingestJobs = sourceRoute({
  method: 'post',
  path: '/ingest/jobs',
  tag: 'Feeding',
  summary: 'Push postings',
  description:
    `Up to ${MAX_POSTINGS} postings and 5 MiB of JSON a call, counted unpacked; \`Content-Encoding: gzip\` is welcome. A posting ` +
    "is read by the source's own mapping if it has one, else by the first of the shipped ones whose shape it has, else in the " +
    'shape of a job as this API returns it, of which `id` (or `url`), `title` and `posted_on` suffice. It counts as observed when ' +
    'it says itself, else when the request arrived. Each posting is answered for; one that is rejected does not hold up the ' +
    'others. What is accepted is stored when the answer goes out and is found by `GET /jobs` within seconds, unless screening ' +
    'holds it. Repeat a request whose answer you did not get with the same `Idempotency-Key`.',
  body: {
    schema: z.union([z.strictObject({ jobs: postings }), postings]),
    maxBytes: MAX_BODY_BYTES,
    example: EXAMPLE_REQUEST,
  },
  response: ingestAnswer,
  successStatus: 202,
  example: EXAMPLE_ANSWER,
  responseHeaders: REPLAYED_MEANING,
  handler: async ({ source, value, idempotency, now, services }) => {
    const { db, push } = services;
    const given = readPostings(value);
    const earlier = idempotency && (await findStoredAnswer(db, idempotency, now));
    if (earlier) return replay(earlier);
    await refuseForNow(source, services);

    const read = push.createReader({ sourceId: source.id, mapping: source.mapping, arrivedAt: now });
    const rows = await readInTurns(given, read);
    const { answer, isReplay } = await answerOnce(db, idempotency, now, async (transaction) => {
      const batch = await insertPushedBatch(transaction, {
        sourceId: source.id,
        mapping: source.mapping,
        rows,
        now,
      });
      return { status: 202, body: answerOf(batch.batchId, rows), batch };
    });
    if (isReplay) return replay(answer);
    await push.startBatch(answer.batch).catch((error: unknown) => {
      services.logger.warn({ err: error, batchId: answer.batch.batchId }, 'batch is left to the schedule');
    });
    return { body: answer.body };
  },
});

export const ingestRoutes = [ingestJobs];

/** An answer that was kept is one that this route has given. */
function replay({ status, body }: StoredAnswer) {
  return { status, body: body as IngestAnswer, headers: REPLAYED_HEADERS };
}

/** @throws AppError `invalid_parameter` for anything but a list with something in it; `payload_too_large` for a long one. */
function readPostings(value: unknown): unknown[] {
  const list = Array.isArray(value) ? (value as unknown[]) : listIn(value);
  if (list.length === 0)
    throw invalidBody([{ parameter: 'jobs', message: 'There is no posting in the list.' }]);
  if (list.length > MAX_POSTINGS) {
    throw new AppError(
      'payload_too_large',
      `There are ${list.length} postings; a call takes up to ${MAX_POSTINGS}. Send the others in further calls.`,
    );
  }
  return list;
}

function listIn(value: unknown): unknown[] {
  const { jobs, ...others } = Object(value) as Record<string, unknown>;
  const faults: FieldFault[] = Object.keys(others)
    .slice(0, MAX_SHOWN_LENGTH)
    .map((name) => ({ parameter: name.slice(0, MAX_SHOWN_LENGTH), message: 'There is no such member.' }));
  if (Array.isArray(jobs) && faults.length === 0) return jobs as unknown[];
  if (!Array.isArray(jobs)) {
    faults.unshift({
      parameter: 'jobs',
      message: 'It is not there, or no list.',
      expected: 'a list of postings',
    });
  }
  throw invalidBody(faults);
}

function invalidBody(faults: FieldFault[]): AppError {
  const message = 'The body is { "jobs": [...] } or a list, with at least one posting.';
  return new AppError('invalid_parameter', message, { faults });
}

/** @throws AppError `unavailable` while the source is paused, `rate_limited` while much of what it pushed is not published yet. */
async function refuseForNow(source: PushSource, { db, push }: SourceCall['services']): Promise<void> {
  if (source.paused) {
    throw new AppError('unavailable', `Source ${source.id} is paused by its operator.`, {
      retryAfterSeconds: PAUSED_RETRY_AFTER_SECONDS,
    });
  }
  const waiting = await countUnpublished(db, source.id, push.backlogLimit + 1);
  if (waiting <= push.backlogLimit) return;
  throw new AppError(
    'rate_limited',
    `More than ${push.backlogLimit} batches of source ${source.id} wait to be published. Send this one again later.`,
    { retryAfterSeconds: BACKLOG_RETRY_AFTER_SECONDS },
  );
}

/** A large push takes a good part of a second to verify: other requests are served in between. */
async function readInTurns(
  given: readonly unknown[],
  read: (value: unknown, rowNumber: number) => PushedRow,
): Promise<PushedRow[]> {
  const rows: PushedRow[] = [];
  for (const value of given) {
    rows.push(read(value, rows.length + 1));
    if (rows.length % VERIFIED_AT_ONCE === 0) await setImmediate();
  }
  return rows;
}

function answerOf(batchId: string, rows: readonly PushedRow[]): IngestAnswer {
  const data = rows.map(answerFor);
  const accepted = data.filter(({ outcome }) => outcome === 'accepted').length;
  return {
    success: true,
    data,
    count: data.length,
    batch_id: batchId,
    accepted,
    rejected: data.length - accepted,
  };
}

function answerFor({ rowNumber, verdict }: PushedRow): z.infer<typeof postingAnswer> {
  const { findings } = verdict.accepted ? verdict.posting : verdict;
  return {
    index: rowNumber - 1,
    // The best identity comes first; a new job is named by it, a known one answers to it.
    id: verdict.accepted ? (verdict.posting.identities[0]?.value ?? null) : null,
    outcome: verdict.accepted ? 'accepted' : 'rejected',
    rules: verdict.accepted ? (verdict.posting.flags as RuleId[]) : verdict.rules,
    findings: findings.map(({ rule, field, message, raw }) => ({ rule, field, message, received: raw })),
  };
}
