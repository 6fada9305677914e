import type { Db } from '../db/connection';
import { findDuplicateCandidates } from '../db/duplicates';
import type { StoredPosting } from '../db/postings';
import { type DuplicateDecision, duplicateDecision, visibleOf } from '../domain/nearDuplicate';
import type { StoredJob } from '../domain/publishing';
import { mergedFlags, qualityScore } from '../domain/verification';
import { type Finding, RULES } from '../domain/verificationRules';
import { type DuplicateIndex, jobOf, type PublishSession } from './publishState';

export async function openDuplicateIndex(
  db: Db,
  postings: readonly StoredPosting[],
): Promise<DuplicateIndex> {
  const found = await findDuplicateCandidates(db, postings);
  const candidates = new Map<number, string[]>();
  for (const { rowNumber, jobId } of found) {
    candidates.set(rowNumber, [...(candidates.get(rowNumber) ?? []), jobId]);
  }
  const jobIds = found.flatMap(({ jobId, shownId }) => [jobId, shownId]);
  return { candidates, jobIds: [...new Set(jobIds)], madeHere: new Map() };
}

/** Jobs of this batch remembered per band: more say the same as the first. */
const MAX_PER_BAND = 5;
const MAX_CANDIDATES = 10;

/**
 * Folds a new job with the posting it repeats, when one client posted both: the one of the two that is to be shown stands for
 * the other. Returns the finding; null when it repeats none.
 */
export function foldRepost(session: PublishSession, posting: StoredPosting, job: StoredJob): Finding | null {
  const candidates = candidatesOf(session, posting, job);
  noteMadeHere(session, job);
  const repeated = candidates.find((candidate) => decide(job, candidate) === 'fold');
  if (!repeated) return null;
  const shown = repeated.duplicateOf === null ? repeated : jobOf(session, repeated.duplicateOf);
  const [visible, hidden] = visibleOf(job, shown) === job ? [job, shown] : [shown, job];
  hide(session, hidden, visible);
  return {
    rule: 'duplicate_folded',
    field: null,
    raw: null,
    message: `${RULES.duplicate_folded.summary} It repeats ${repeated.id}; ${visible.id} is shown.`,
  };
}

function hide(session: PublishSession, hidden: StoredJob, visible: StoredJob): void {
  const isNew = session.inserted.has(hidden.id);
  session.jobs.set(hidden.id, {
    ...hidden,
    duplicateOf: visible.id,
    // An index that holds it has to hear of it.
    version: isNew ? hidden.version : hidden.version + 1,
    updatedAt: session.now,
  });
  if (!isNew) session.updated.add(hidden.id);
  session.repointed.set(hidden.id, visible.id);
  for (const [id, job] of session.jobs) {
    if (job.duplicateOf === hidden.id) session.jobs.set(id, { ...job, duplicateOf: visible.id });
  }
}

/**
 * Flags a new job and those it nearly repeats, where it is not known to be of the same client: all stay shown. Returns the
 * finding; null when there are none.
 */
export function flagPossibleDuplicates(
  session: PublishSession,
  posting: StoredPosting,
  job: StoredJob,
): Finding | null {
  const alike = candidatesOf(session, posting, job).filter((candidate) => decide(job, candidate) === 'flag');
  if (alike.length === 0) return null;
  for (const { id } of [job, ...alike]) {
    const current = jobOf(session, id);
    if (current.flags.includes('possible_duplicate')) continue;
    const flags = mergedFlags(current, [...current.flags, 'possible_duplicate']);
    const isNew = session.inserted.has(id);
    session.jobs.set(id, {
      ...current,
      flags,
      qualityScore: qualityScore(flags),
      version: isNew ? current.version : current.version + 1,
      updatedAt: session.now,
    });
    if (!isNew) session.updated.add(id);
  }
  return {
    rule: 'possible_duplicate',
    field: null,
    raw: null,
    message: `${RULES.possible_duplicate.summary} It is like ${alike.map(({ id }) => id).join(', ')}.`,
  };
}

function candidatesOf(session: PublishSession, posting: StoredPosting, job: StoredJob): StoredJob[] {
  const { candidates, madeHere } = session.duplicates;
  const ids = new Set([
    ...(candidates.get(posting.rowNumber) ?? []),
    ...posting.textBands.flatMap((band) => madeHere.get(band) ?? []),
  ]);
  ids.delete(job.id);
  return [...ids].slice(0, MAX_CANDIDATES).flatMap((id) => {
    const candidate = session.jobs.get(id);
    return candidate ? [candidate] : [];
  });
}

function noteMadeHere(session: PublishSession, job: StoredJob): void {
  const { madeHere } = session.duplicates;
  for (const band of job.textBands) {
    madeHere.set(band, [...(madeHere.get(band) ?? []), job.id].slice(-MAX_PER_BAND));
  }
}

function decide(job: StoredJob, candidate: StoredJob): DuplicateDecision {
  return job.postedOn >= candidate.postedOn
    ? duplicateDecision(job, candidate)
    : duplicateDecision(candidate, job);
}
