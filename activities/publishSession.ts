import type { Batch } from '../db/batches';
import type { Db } from '../db/connection';
import { regroupDuplicates, repointDuplicates } from '../db/duplicates';
import { insertJobMerge, type StateBeforeMerge, wasMergeUndone } from '../db/jobMerges';
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
  updateJobs,
} from '../db/jobs';
import { insertOutcomes, type PostingOutcome, type StoredPosting } from '../db/postings';
import { holdPosting } from '../db/quarantine';
import { moveTold } from '../db/webhookOutbox';
import { identityKey } from '../domain/identity';
import type { Sightings } from '../domain/merge';
import { isSameText } from '../domain/nearDuplicate';
import {
  knownJobIds,
  mergedJob,
  newJob,
  olderFirst,
  type PublishablePosting,
  type StoredJob,
  updatedJob,
} from '../domain/publishing';
import type { Timestamp } from '../domain/time';
import { type Finding, RULES } from '../domain/verificationRules';
import type { JobChange } from '../domain/webhooks/jobEvents';
import { flagPossibleDuplicates, foldRepost, openDuplicateIndex } from './duplicates';
import { jobOf, type PublishSession } from './publishState';

/** Locks what the postings are known by and reads what is known of them. */
export async function openSession(
  db: Db,
  {
    batch,
    isSample,
    postings,
    now,
  }: { batch: Batch; isSample: boolean; postings: readonly StoredPosting[]; now: Timestamp },
): Promise<PublishSession> {
  const identities = postings.flatMap((posting) => posting.identities);
  await lockIdentities(
    db,
    identities,
    postings.flatMap((posting) => posting.textBands),
  );
  const jobIds = await findJobIds(db, identities);
  const isNew = (posting: StoredPosting) => knownJobIds(posting.identities, jobIds).length === 0;
  const duplicates = await openDuplicateIndex(db, postings.filter(isNew));
  const known = [...new Set([...jobIds.values(), ...duplicates.jobIds])];
  const jobs = await readStoredJobs(db, known, { lock: true });
  return {
    db,
    batch,
    isSample,
    now,
    jobIds,
    jobs,
    before: new Map(jobs),
    sightings: await readSightings(db, [...new Set(jobIds.values())]),
    inserted: new Set(),
    updated: new Set(),
    assignments: [],
    looks: [],
    outcomes: [],
    duplicates,
    repointed: new Map(),
    regrouped: new Set(),
  };
}

/** Makes a posting a job, or takes it into the job it belongs to, and decides its outcome. */
export async function publishPosting(session: PublishSession, posting: StoredPosting): Promise<void> {
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
      await holdDoubtfulMerge(session, posting, [job.id, other.id]);
      return;
    }
    job = merged;
  }
  takeObservation(session, job, posting, others.length > 0);
}

function acceptPosting(session: PublishSession, posting: StoredPosting): void {
  const job = newJob(publishable(session, posting), session);
  session.jobs.set(job.id, job);
  session.inserted.add(job.id);
  const folded = foldRepost(session, posting, job);
  if (folded) {
    settle(session, posting, job.id, 'duplicate', folded);
    return;
  }
  settle(session, posting, job.id, 'accepted', flagPossibleDuplicates(session, posting, job));
}

function takeObservation(
  session: PublishSession,
  job: StoredJob,
  posting: StoredPosting,
  wasMerged: boolean,
): void {
  const sightings = session.sightings.get(job.id) ?? {};
  const next = updatedJob(job, publishable(session, posting), { ...session, sightings });
  if (next) {
    session.jobs.set(job.id, next);
    session.updated.add(job.id);
    if (next.status !== job.status) session.regrouped.add(next.duplicateOf ?? next.id);
  }
  settle(session, posting, job.id, next || wasMerged ? 'updated' : 'unchanged');
}

function settle(
  session: PublishSession,
  posting: StoredPosting,
  jobId: string,
  outcome: PostingOutcome['outcome'],
  finding: Finding | null = null,
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
  const findings = finding ? [finding, ...posting.findings] : posting.findings;
  // A reason counts what stopped a row: the flags of a folded one did not.
  const flags = outcome === 'duplicate' ? [] : posting.flags;
  const rules = finding ? [finding.rule, ...flags] : flags;
  session.outcomes.push({ rowNumber: posting.rowNumber, outcome, jobId, rules, findings });
}

/** One job of two, when their texts say the same and no operator has taken them apart before; else null. */
async function mergeIfSame(
  session: PublishSession,
  left: StoredJob,
  right: StoredJob,
  posting: StoredPosting,
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
  await moveTold(session.db, merged.id, kept.id);
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
  await repointDuplicates(session.db, session.repointed);
  await assignIdentities(session.db, session.assignments);
  session.repointed.clear();
  session.inserted.clear();
  session.updated.clear();
  session.assignments = [];
}

/** Writes what the session has come to. Gives the jobs that it changed, as they were shown before and are now. */
export async function closeSession(session: PublishSession): Promise<JobChange<StoredJob>[]> {
  await writeJobs(session);
  await recordSightings(session.db, session.batch.sourceId, session.looks);
  await insertOutcomes(session.db, session.batch.id, session.outcomes, session.now);
  const appeared = await regroupDuplicates(session.db, [...session.regrouped], session.now);
  return [...changesOf(session), ...(await appearances(session, appeared))];
}

function changesOf({ jobs, before }: PublishSession): JobChange<StoredJob>[] {
  return [...jobs.values()]
    .map((after) => ({ before: before.get(after.id), after }))
    .filter((change) => change.before?.version !== change.after.version)
    .map((change) => ({ before: shownBefore(change.before), after: change.after }));
}

function shownBefore(job: StoredJob | undefined): StoredJob | null {
  return job?.duplicateOf === null ? job : null;
}

/** Jobs that are shown from now on, in the place of the one they were folded into. */
async function appearances(session: PublishSession, ids: readonly string[]): Promise<JobChange<StoredJob>[]> {
  const jobs = ids.length === 0 ? [] : [...(await readStoredJobs(session.db, ids)).values()];
  return jobs.map((after) => ({ before: null, after }));
}

function publishable(session: PublishSession, posting: StoredPosting): PublishablePosting {
  return {
    content: posting.content,
    flags: posting.flags,
    identities: posting.identities,
    textBands: posting.textBands,
    observation: {
      sourceId: session.batch.sourceId,
      observedAt: posting.observedAt,
      batchId: session.batch.id,
      rowNumber: posting.rowNumber,
    },
  };
}

async function holdDoubtfulMerge(
  session: PublishSession,
  posting: StoredPosting,
  [left, right]: [string, string],
): Promise<void> {
  const finding: Finding = {
    rule: 'identity_merge_doubtful',
    field: null,
    raw: null,
    message: `${RULES.identity_merge_doubtful.summary} Jobs ${left} and ${right}.`,
  };
  const rules = ['identity_merge_doubtful'];
  await holdPosting(session.db, session.batch.id, { ...posting, rules }, session.now);
  session.outcomes.push({
    rowNumber: posting.rowNumber,
    outcome: 'quarantined',
    jobId: left,
    rules,
    findings: [finding, ...posting.findings],
  });
}
