import { markBatch, readBatch, type Batch } from '../db/batches';
import type { Db } from '../db/connection';
import { markIndexed } from '../db/jobIndexState';
import { idsMergedAway, insertJobMerge, type StateBeforeMerge, wasMergeUndone } from '../db/jobMerges';
import {
  assignIdentities,
  deleteJob,
  findJobIds,
  insertJobs,
  lockIdentities,
  moveSightings,
  readIdentities,
  readSightings,
  readStoredJobs,
  recordSightings,
  type StoredJob,
  updateJobs,
} from '../db/jobs';
import { readIngestRun } from '../db/ingestRuns';
import {
  insertOutcomes,
  jobIdsToIndex,
  type PostingOutcome,
  readUndecidedPostings,
  type VerifiedPosting,
} from '../db/postings';
import { type Identity, identityKey } from '../domain/identity';
import type { Sightings } from '../domain/merge';
import { isSameText } from '../domain/nearDuplicate';
import {
  knownJobIds,
  mergedJob,
  newJob,
  olderFirst,
  type PublishablePosting,
  updatedJob,
} from '../domain/publishing';
import type { Timestamp } from '../domain/time';
import { type Finding, RULES } from '../domain/verificationRules';
import type { SearchIndex } from '../search/searchIndex';

export interface PublishingServices {
  db: Db;
  search: SearchIndex;
  now: () => Timestamp;
}

export type PublishingActivities = ReturnType<typeof createPublishingActivities>;

export function createPublishingActivities({ db, search, now }: PublishingServices) {
  /**
   * Publish: turns what is left of the batch into jobs, in the order of the source, and stores each row's outcome, all in
   * one transaction. Running it again finds the outcomes and does nothing.
   */
  async function publishBatch(batchId: string): Promise<{ accepted: number; updated: number }> {
    return await db.transaction(async (transaction) => {
      const batch = await readBatch(transaction, batchId, { lock: true });
      if (batch.publishedAt !== null) return { accepted: 0, updated: 0 };
      const run = await readIngestRun(transaction, batch.runId);
      const postings = await readUndecidedPostings(transaction, batchId);
      const session = await openSession(transaction, batch, run.isSample, postings, now());
      for (const posting of postings) await publishPosting(session, posting);
      await closeSession(session);
      return {
        accepted: session.outcomes.filter(({ outcome }) => outcome === 'accepted').length,
        updated: session.outcomes.filter(({ outcome }) => outcome === 'updated').length,
      };
    });
  }

  /** Brings the search index up to the versions that the batch made. */
  async function indexBatch(batchId: string): Promise<{ indexed: number }> {
    const jobIds = await jobIdsToIndex(db, batchId);
    const indexed = await search.upsert(jobIds);
    await search.remove(await idsMergedAway(db, batchId));
    await db.transaction(async (transaction) => {
      await markIndexed(transaction, indexed, now());
      await markBatch(transaction, batchId, 'indexed_at', now());
    });
    return { indexed: indexed.length };
  }

  return { publishBatch, indexBatch };
}

/** A batch being published: the jobs it touches as they stand now, and what is to be written at the end. */
interface PublishSession {
  db: Db;
  batch: Batch;
  isSample: boolean;
  now: Timestamp;
  jobIds: Map<string, string>;
  jobs: Map<string, StoredJob>;
  sightings: Map<string, Sightings>;
  inserted: Set<string>;
  updated: Set<string>;
  assignments: { identity: Identity; jobId: string }[];
  looks: { jobId: string; observedAt: Timestamp }[];
  outcomes: PostingOutcome[];
}

async function openSession(
  db: Db,
  batch: Batch,
  isSample: boolean,
  postings: VerifiedPosting[],
  now: Timestamp,
): Promise<PublishSession> {
  const identities = postings.flatMap((posting) => posting.identities);
  await lockIdentities(db, identities);
  const jobIds = await findJobIds(db, identities);
  const known = [...new Set(jobIds.values())];
  return {
    db,
    batch,
    isSample,
    now,
    jobIds,
    jobs: await readStoredJobs(db, known, { lock: true }),
    sightings: await readSightings(db, known),
    inserted: new Set(),
    updated: new Set(),
    assignments: [],
    looks: [],
    outcomes: [],
  };
}

async function publishPosting(session: PublishSession, posting: VerifiedPosting): Promise<void> {
  const known = knownJobIds(posting.identities, session.jobIds).map((id) => jobOf(session, id));
  const [first, ...others] = known;
  if (!first) {
    acceptPosting(session, posting);
    return;
  }
  let job = first;
  for (const other of others) {
    const merged = await mergeIfSame(session, job, other, posting);
    if (!merged) {
      session.outcomes.push(doubtfulMerge(posting, [job.id, other.id]));
      return;
    }
    job = merged;
  }
  takeObservation(session, job, posting, others.length > 0);
}

function acceptPosting(session: PublishSession, posting: VerifiedPosting): void {
  const job = newJob(publishable(session, posting), session);
  session.jobs.set(job.id, job);
  session.inserted.add(job.id);
  settle(session, posting, job.id, 'accepted');
}

function takeObservation(
  session: PublishSession,
  job: StoredJob,
  posting: VerifiedPosting,
  wasMerged: boolean,
): void {
  const sightings = session.sightings.get(job.id) ?? {};
  const next = updatedJob(job, publishable(session, posting), { ...session, sightings });
  if (next) {
    session.jobs.set(job.id, next);
    session.updated.add(job.id);
  }
  settle(session, posting, job.id, next || wasMerged ? 'updated' : 'unchanged');
}

function settle(
  session: PublishSession,
  posting: VerifiedPosting,
  jobId: string,
  outcome: PostingOutcome['outcome'],
): void {
  for (const identity of posting.identities) {
    if (session.jobIds.get(identityKey(identity)) === jobId) continue;
    session.jobIds.set(identityKey(identity), jobId);
    session.assignments.push({ identity, jobId });
  }
  const { sourceId } = session.batch;
  const ofJob = session.sightings.get(jobId) ?? {};
  const lastLook = ofJob[sourceId];
  if (lastLook === undefined || lastLook < posting.observedAt) {
    session.sightings.set(jobId, { ...ofJob, [sourceId]: posting.observedAt });
  }
  session.looks.push({ jobId, observedAt: posting.observedAt });
  session.outcomes.push(outcomeOf(posting, outcome, jobId));
}

/** One job of two, when their texts say the same and no operator has taken them apart before; else null. */
async function mergeIfSame(
  session: PublishSession,
  left: StoredJob,
  right: StoredJob,
  posting: VerifiedPosting,
): Promise<StoredJob | null> {
  if (!isSameText(left, right)) return null;
  const [kept, merged] = olderFirst(left, right);
  if (await wasMergeUndone(session.db, [kept.id, merged.id])) return null;
  // What this batch has made of the two must be in the tables before they are recorded as former states.
  await writeJobs(session);
  await insertJobMerge(session.db, {
    keptId: kept.id,
    mergedId: merged.id,
    keptState: await stateOf(session, kept),
    mergedState: await stateOf(session, merged),
    batchId: session.batch.id,
    rowNumber: posting.rowNumber,
    mergedAt: session.now,
  });
  const job = mergedJob(kept, merged, { now: session.now, sightings: session.sightings.get(kept.id) ?? {} });
  const moved = await readIdentities(session.db, merged.id);
  session.assignments.push(...moved.map((identity) => ({ identity, jobId: kept.id })));
  for (const identity of moved) session.jobIds.set(identityKey(identity), kept.id);
  session.looks = session.looks.map((look) =>
    look.jobId === merged.id ? { ...look, jobId: kept.id } : look,
  );
  for (const outcome of session.outcomes) if (outcome.jobId === merged.id) outcome.jobId = kept.id;
  await assignIdentities(session.db, session.assignments.splice(0));
  await moveSightings(session.db, merged.id, kept.id);
  await deleteJob(session.db, merged.id);
  session.jobs.delete(merged.id);
  session.sightings.set(
    kept.id,
    latestLooks(session.sightings.get(kept.id), session.sightings.get(merged.id)),
  );
  session.jobs.set(job.id, job);
  session.updated.add(job.id);
  return job;
}

async function stateOf(session: PublishSession, job: StoredJob): Promise<StateBeforeMerge> {
  return {
    job,
    identities: await readIdentities(session.db, job.id),
    sightings: session.sightings.get(job.id) ?? {},
  };
}

function latestLooks(left: Sightings = {}, right: Sightings = {}): Sightings {
  const looks = { ...left };
  for (const [sourceId, observedAt] of Object.entries(right)) {
    const known = looks[sourceId];
    if (known === undefined || known < observedAt) looks[sourceId] = observedAt;
  }
  return looks;
}

/** Writes the jobs of the session that are not written yet. */
async function writeJobs(session: PublishSession): Promise<void> {
  const inserted = [...session.inserted].map((id) => jobOf(session, id));
  const updated = [...session.updated]
    .filter((id) => !session.inserted.has(id))
    .map((id) => jobOf(session, id));
  await insertJobs(session.db, inserted);
  await updateJobs(session.db, updated);
  await assignIdentities(session.db, session.assignments);
  session.inserted.clear();
  session.updated.clear();
  session.assignments = [];
}

async function closeSession(session: PublishSession): Promise<void> {
  await writeJobs(session);
  await recordSightings(session.db, session.batch.sourceId, session.looks);
  await insertOutcomes(session.db, session.batch.id, session.outcomes, session.now);
  await markBatch(session.db, session.batch.id, 'published_at', session.now);
}

function jobOf(session: PublishSession, id: string): StoredJob {
  const job = session.jobs.get(id);
  if (!job) throw new Error(`Job ${id} is known by its identity but is not there.`);
  return job;
}

function publishable(session: PublishSession, posting: VerifiedPosting): PublishablePosting {
  return {
    content: posting.content,
    flags: posting.flags,
    identities: posting.identities,
    observation: {
      sourceId: session.batch.sourceId,
      observedAt: posting.observedAt,
      batchId: session.batch.id,
      rowNumber: posting.rowNumber,
    },
  };
}

function outcomeOf(
  posting: VerifiedPosting,
  outcome: PostingOutcome['outcome'],
  jobId: string,
): PostingOutcome {
  return { rowNumber: posting.rowNumber, outcome, jobId, rules: posting.flags, findings: posting.findings };
}

function doubtfulMerge(posting: VerifiedPosting, [left, right]: [string, string]): PostingOutcome {
  const finding: Finding = {
    rule: 'identity_merge_doubtful',
    field: null,
    raw: null,
    message: `${RULES.identity_merge_doubtful.summary} Jobs ${left} and ${right}.`,
  };
  return {
    rowNumber: posting.rowNumber,
    outcome: 'quarantined',
    jobId: null,
    rules: ['identity_merge_doubtful'],
    findings: [finding, ...posting.findings],
  };
}
