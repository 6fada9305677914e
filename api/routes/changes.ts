import { z } from 'zod';
import type { Db } from '../../db/connection';
import { placeBefore, readJobChanges } from '../../db/jobChanges';
import { AppError } from '../../domain/errors';
import {
  type ChangeCursor,
  encodeChangeCursor,
  isBeyond,
  jobChangeSchema,
  nextChangeCursor,
  toJobChangeView,
} from '../../domain/jobChanges';
import { CHANGES_QUERY_GRAMMAR, FRESH_START, type ParsedChangesQuery } from '../../domain/jobFilter';
import type { Timestamp } from '../../domain/time';
import { listSchema } from '../envelope';
import { exampleJobView } from '../examples';
import { type KeyedCall, route } from '../route';

const changesSchema = listSchema(jobChangeSchema)
  .omit({ total: true, total_is_exact: true })
  .extend({
    has_more: z.boolean().describe('Whether to ask again at once: there are more changes already'),
    next_cursor: z
      .string()
      .describe('`since` of the next request; there is one always, also when nothing is new'),
  });

const listChanges = route({
  method: 'get',
  path: '/jobs/changes',
  tag: 'Jobs',
  summary: 'Follow what changes',
  description:
    'For mirrors that must miss nothing: jobs that were created, updated, closed or removed, in the order in which they last ' +
    'changed. Each job is told as it is now, once however often it changed meanwhile, so applying the entries in order is ' +
    "enough. A job that grows older than the plan's window is not told as removed.",
  scope: 'jobs:read',
  isMetered: true,
  query: CHANGES_QUERY_GRAMMAR,
  response: changesSchema,
  example: {
    success: true,
    data: [
      {
        change: 'created',
        id: exampleJobView.id,
        changed_at: exampleJobView.updated_at,
        job: { ...exampleJobView, searchable_at: null },
        reason: null,
        replaced_by: null,
      },
      {
        change: 'removed',
        id: '1879000000000000007',
        changed_at: '2026-01-20T09:05:10.000Z',
        job: null,
        reason: 'folded',
        replaced_by: '1880000000000000001',
      },
    ],
    count: 2,
    has_more: false,
    next_cursor: 'c-48213-0-1768910400000',
  },
  handler: findChanges,
});

export const changeRoutes = [listChanges];

async function findChanges({ query, caller, now, services }: KeyedCall<unknown, ParsedChangesQuery>) {
  const { limit, warnings } = query;
  const start = await startOf(query, services.db, now);
  const page = await readJobChanges(services.db, { after: start.place, scope: caller.readScope, limit });
  if (isBeyond(start, page.horizon)) throw lostPlace(start);
  return {
    body: {
      success: true as const,
      data: page.changes.map((change) => toJobChangeView(change, now)),
      count: page.changes.length,
      has_more: page.hasMore,
      next_cursor: encodeChangeCursor(nextChangeCursor(start, page, now)),
      ...(warnings.length > 0 ? { warnings } : {}),
    },
  };
}

async function startOf({ since }: ParsedChangesQuery, db: Db, now: Timestamp): Promise<ChangeCursor> {
  if ('cursor' in since) return since.cursor;
  // No reader has been told of what is to come.
  const time = since.time < now ? since.time : now;
  return { place: await placeBefore(db, time), at: time };
}

/** For a cursor that no answer of this database can have given: what changed since may never be told. */
function lostPlace(cursor: ChangeCursor): AppError {
  const message = `since is a place that the order of changes has not come to: the database was replaced since. ${FRESH_START}`;
  const fault = { parameter: 'since', message, received: encodeChangeCursor(cursor) };
  return new AppError('invalid_parameter', message, { faults: [fault] });
}
