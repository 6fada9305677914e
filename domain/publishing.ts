import { type Identity, identityKey } from './identity';
import { fullContent, type Job, type JobContent } from './job';
import {
  firstProvenance,
  mergeObservation,
  mergeStates,
  type ObservationRef,
  type Provenance,
  type Sightings,
} from './merge';
import { duplicateBands } from './nearDuplicate';
import { flagsBesideContent, mergedRowFlags, rowFlagsAfter } from './rowFlags';
import type { Timestamp } from './time';
import { mergedFlags, qualityScore } from './verification';

/** What publishing needs of a verified posting. */
export interface PublishablePosting {
  content: JobContent;
  flags: string[];
  identities: Identity[];
  observation: ObservationRef;
  textBands: string[];
}

/** A job as publishing works on it. */
export interface StoredJob extends Job {
  /** Where each field came from. */
  provenance: Provenance;
  /** By which its near duplicates are found. */
  textBands: string[];
  /** The job that is shown for this one; null for a job shown itself. */
  duplicateOf: string | null;
}

/** The uid where known, else the ciphertext, else the hash; once given it stays. */
export function newJobId(identities: readonly Identity[]): string {
  for (const kind of ['uid', 'ciphertext', 'derived'] as const) {
    const identity = identities.find((candidate) => candidate.kind === kind);
    if (identity) return identity.value;
  }
  throw new RangeError('A posting without identity cannot become a job.');
}

/** The first version of a job. */
export function newJob(
  posting: PublishablePosting,
  { now, isSample }: { now: Timestamp; isSample: boolean },
): StoredJob {
  return withDerived(
    {
      content: posting.content,
      provenance: {
        ...firstProvenance(posting.observation),
        rowFlags: posting.flags.length > 0 ? { [posting.observation.sourceId]: posting.flags } : {},
      },
    },
    {
      id: newJobId(posting.identities),
      version: 1,
      firstSeenAt: now,
      now,
      isSample,
      flags: posting.flags,
      observedAt: posting.observation.observedAt,
      textBands: posting.textBands,
      duplicateOf: null,
    },
  );
}

/** The job after one more observation; null when it brings nothing new. */
export function updatedJob(
  job: StoredJob,
  posting: PublishablePosting,
  { now, isSample, sightings }: { now: Timestamp; isSample: boolean; sightings: Sightings },
): StoredJob | null {
  const merged = mergeObservation(
    { content: job, provenance: job.provenance },
    { content: posting.content, observation: posting.observation },
    sightings,
  );
  const makesItReal = job.isSample && !isSample;
  if (merged.changedFields.length === 0 && !makesItReal) return null;
  const observedAt = newest(
    posting.observation.observedAt,
    ...job.provenance.observations.map((o) => o.observedAt),
  );
  const rowFlags = rowFlagsAfter(job, posting, sightings);
  const changesText = merged.changedFields.some((field) => field === 'title' || field === 'description');
  const provenance = { ...merged.provenance, rowFlags };
  return withDerived(
    { content: merged.content, provenance },
    {
      textBands: changesText
        ? duplicateBands({
            title: merged.content.title ?? job.title,
            description: merged.content.description,
          })
        : job.textBands,
      duplicateOf: job.duplicateOf,
      id: job.id,
      version: job.version + 1,
      firstSeenAt: job.firstSeenAt,
      now,
      isSample: job.isSample && isSample,
      flags: mergedFlags(merged.content, flagsBesideContent(job, rowFlags)),
      observedAt,
    },
  );
}

/** Two jobs that turned out to be one, under the id of the older. */
export function mergedJob(
  kept: StoredJob,
  merged: StoredJob,
  { now, sightings }: { now: Timestamp; sightings: Sightings },
): StoredJob {
  const state = mergeStates(
    { content: kept, provenance: kept.provenance },
    { content: merged, provenance: merged.provenance },
    sightings,
  );
  const rowFlags = mergedRowFlags(kept, merged);
  const flags = [...kept.flags, ...merged.flags];
  const provenance = { ...state.provenance, rowFlags };
  return withDerived(
    { content: state.content, provenance },
    {
      textBands: duplicateBands({ title: kept.title, description: state.content.description }),
      duplicateOf: kept.duplicateOf,
      id: kept.id,
      version: Math.max(kept.version, merged.version) + 1,
      firstSeenAt: kept.firstSeenAt,
      now,
      isSample: kept.isSample && merged.isSample,
      flags: mergedFlags(state.content, flagsBesideContent({ flags }, rowFlags)),
      observedAt: newest(...state.provenance.observations.map((observation) => observation.observedAt)),
    },
  );
}

/** Of two jobs the one seen first, ids deciding a tie: its id stays. */
export function olderFirst<T extends Job>(left: T, right: T): [T, T] {
  const leftIsOlder =
    left.firstSeenAt < right.firstSeenAt || (left.firstSeenAt === right.firstSeenAt && left.id < right.id);
  return leftIsOlder ? [left, right] : [right, left];
}

interface Derivation {
  id: string;
  version: number;
  firstSeenAt: Timestamp;
  now: Timestamp;
  isSample: boolean;
  flags: string[];
  observedAt: Timestamp;
  textBands: string[];
  duplicateOf: string | null;
}

function withDerived(
  { content, provenance }: { content: JobContent; provenance: Provenance },
  { id, version, firstSeenAt, now, isSample, flags, observedAt, textBands, duplicateOf }: Derivation,
): StoredJob {
  const { title, postedOn } = content;
  if (title === null || postedOn === null) throw new RangeError(`Job ${id} has no title or posting time.`);
  // Not by spreading, which takes thirty times as long for so many members.
  return Object.assign(fullContent(content), {
    title,
    postedOn,
    id,
    version,
    provenance,
    lastVisitedAt: content.lastBuyerActivity ?? observedAt,
    firstSeenAt,
    verifiedAt: now,
    updatedAt: now,
    searchableAt: null,
    flags,
    qualityScore: qualityScore(flags),
    isSample,
    textBands,
    duplicateOf,
  });
}

function newest(...times: Timestamp[]): Timestamp {
  return times.reduce((latest, time) => (time > latest ? time : latest));
}

/** Distinct jobs that a posting's identities point to. */
export function knownJobIds(identities: readonly Identity[], jobIds: ReadonlyMap<string, string>): string[] {
  const found = identities.map((identity) => jobIds.get(identityKey(identity)));
  return [...new Set(found.filter((id) => id !== undefined))];
}
