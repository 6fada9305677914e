import type { Db } from '../db/connection';
import {
  endpointsToWake,
  insertDeliveries,
  insertPayloads,
  type Listener,
  listListeners,
  type NewDelivery,
  noteTold,
  noteUpdatesTold,
  refreshWaitingUpdates,
  type Telling,
  tellingKey,
  waitForOutbox,
} from '../db/webhookOutbox';
import { toJobView } from '../domain/jobView';
import type { StoredJob } from '../domain/publishing';
import type { Timestamp } from '../domain/time';
import type { WebhookEventType } from '../domain/webhooks/eventTypes';
import { changedFields, isNews, type JobChange, updateDueAt, wasClosed } from '../domain/webhooks/jobEvents';
import type { Matcher } from './matcher';

export interface AnnouncementServices {
  matcher: Matcher;
  /** What was posted longer ago is no news, in ms. */
  alertMaxAgeMs: number;
  clock: () => Timestamp;
}

/** Tells endpoints of changes of jobs, within the transaction that makes them. Gives the endpoints that have work now. */
export type Announce = (
  transaction: Db,
  changes: readonly JobChange<StoredJob>[],
  now: Timestamp,
) => Promise<string[]>;

/** An event that is on its way to an endpoint, of a job. */
type Announcement = Omit<NewDelivery, 'payloadId'>;

export function createAnnouncer({ matcher, alertMaxAgeMs, clock }: AnnouncementServices): Announce {
  return async (transaction, changes, now) => {
    const shown = changes.filter(({ after }) => after.duplicateOf === null);
    if (shown.length === 0) return [];
    await waitForOutbox(transaction);
    // Read when nobody else announces: events are due in the order in which the publications come to be seen.
    const announcedAt = clock();
    await matcher.catchUp(transaction, now);
    const known = await listListeners(
      transaction,
      shown.filter(({ before }) => before !== null).map(({ after }) => after.id),
    );
    const news = shown.filter(({ after }) => isNews(after, now, alertMaxAgeMs)).map(({ after }) => after);
    const matched = await tellOfMatches(transaction, { matcher, jobs: news, now, announcedAt });
    const later = laterAnnouncements(shown, known, { matcher, now, announcedAt });
    await send(transaction, {
      jobs: shown.map(({ after }) => after),
      matched: [...matched.values()],
      ...later,
      now: announcedAt,
    });
    const endpointIds = new Set(
      [...matched.values(), ...later.updated, ...later.closed].map((a) => a.endpointId),
    );
    return await endpointsToWake(transaction, [...endpointIds], announcedAt);
  };
}

interface Circumstances {
  matcher: Matcher;
  /** When the jobs are published, by which plan windows and relative times are taken. */
  now: Timestamp;
  announcedAt: Timestamp;
}

/** Matches the jobs, and notes who is told for the first time: those alone are announced. By `tellingKey`. */
async function tellOfMatches(
  transaction: Db,
  { matcher, jobs, now, announcedAt }: Circumstances & { jobs: readonly StoredJob[] },
): Promise<Map<string, Announcement>> {
  const found = await matcher.match(transaction, jobs, now);
  const told = jobs.flatMap(({ id: jobId, postedOn }) =>
    [...(found.get(jobId) ?? [])].map(([endpointId, { accountId, savedSearches }]) => ({
      jobId,
      endpointId,
      accountId,
      savedSearches,
      postedOn,
      matchedAt: now,
    })),
  );
  const fresh = await noteTold(transaction, told);
  return new Map(
    told
      .filter((telling) => fresh.has(tellingKey(telling)))
      .map(({ jobId, endpointId, accountId, savedSearches }) => [
        tellingKey({ jobId, endpointId }),
        {
          jobId,
          endpointId,
          accountId,
          type: 'job.matched',
          details: { saved_searches: savedSearches },
          dueAt: announcedAt,
        },
      ]),
  );
}

interface LaterAnnouncements {
  updated: (Announcement & { changedFields: readonly string[] })[];
  closed: Announcement[];
  /** Whoever waits to be told of an earlier change of these has to be told the latest. */
  outdated: Telling[];
}

/** What those who were told of a job before hear of its change. */
function laterAnnouncements(
  changes: readonly JobChange<StoredJob>[],
  listeners: readonly Listener[],
  { matcher, now, announcedAt }: Circumstances,
): LaterAnnouncements {
  const changeOf = new Map(changes.map((change) => [change.after.id, change]));
  const later: LaterAnnouncements = { updated: [], closed: [], outdated: [] };
  for (const { jobId, endpointId, accountId, savedSearches, updatedAt } of listeners) {
    const change = changeOf.get(jobId);
    if (!change) continue;
    const hears = (type: WebhookEventType) => matcher.hears(endpointId, type, change.after, now);
    const announcement = { jobId, endpointId, accountId, details: { saved_searches: savedSearches } };
    const fields = changedFields(change);
    const isClosed = wasClosed(change);
    const hearsUpdates = hears('job.updated');
    if ((fields.length > 0 || isClosed) && hearsUpdates) later.outdated.push({ jobId, endpointId });
    if (fields.length > 0 && hearsUpdates) {
      later.updated.push({
        ...announcement,
        type: 'job.updated',
        details: { ...announcement.details, changed_fields: fields },
        changedFields: fields,
        dueAt: updateDueAt(updatedAt, announcedAt),
      });
    }
    if (isClosed && hears('job.closed')) {
      later.closed.push({ ...announcement, type: 'job.closed', dueAt: announcedAt });
    }
  }
  return later;
}

interface Sending extends LaterAnnouncements {
  jobs: readonly StoredJob[];
  matched: readonly Announcement[];
  now: Timestamp;
}

async function send(
  transaction: Db,
  { jobs, matched, updated, closed, outdated, now }: Sending,
): Promise<void> {
  const told = new Set([...matched, ...outdated, ...closed].map(({ jobId }) => jobId));
  const payloads = jobs
    .filter(({ id }) => told.has(id))
    .map((job) => ({ jobId: job.id, jobVersion: job.version, body: JSON.stringify(toJobView(job, now)) }));
  const payloadIds = await insertPayloads(transaction, payloads, now);
  const fieldsOf = new Map(updated.map((update) => [tellingKey(update), update.changedFields]));
  const refreshed = await refreshWaitingUpdates(
    transaction,
    outdated.map((telling) => ({
      ...telling,
      payloadId: payloadIdOf(payloadIds, telling.jobId),
      changedFields: fieldsOf.get(tellingKey(telling)) ?? [],
    })),
  );
  const fresh = updated.filter((update) => !refreshed.has(tellingKey(update)));
  await noteUpdatesTold(
    transaction,
    fresh.map(({ dueAt, ...update }) => ({ ...update, at: dueAt })),
  );
  await insertDeliveries(
    transaction,
    [...matched, ...fresh, ...closed].map((announcement) => ({
      ...announcement,
      payloadId: payloadIdOf(payloadIds, announcement.jobId),
    })),
    now,
  );
}

function payloadIdOf(payloadIds: ReadonlyMap<string, number>, jobId: string): number {
  const id = payloadIds.get(jobId);
  if (id === undefined) throw new Error(`There is no payload of job ${jobId}.`);
  return id;
}
