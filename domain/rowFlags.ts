import type { ObservationRef, Provenance, RowFlags, Sightings } from './merge';
import type { RuleId } from './verificationRules';

/** Flags that a job has of itself, whatever rows come. */
const JOB_FLAGS: ReadonlySet<string> = new Set<RuleId>(['possible_duplicate']);

interface FlaggedJob {
  flags: readonly string[];
  provenance: Provenance;
}

/** Flags by source. Of a job from before they were kept apart, all count as those of the source it began with. */
function rowFlagsOf({ flags, provenance }: FlaggedJob): RowFlags {
  if (provenance.rowFlags) return provenance.rowFlags;
  const [first] = provenance.observations;
  return first ? { [first.sourceId]: flags.filter((flag) => !JOB_FLAGS.has(flag)) } : {};
}

/** The flags by source after one more row: those of the source's row before are gone, unless it was the later one. */
export function rowFlagsAfter(
  job: FlaggedJob,
  { flags, observation }: { flags: readonly string[]; observation: ObservationRef },
  sightings: Sightings,
): RowFlags {
  const { sourceId, observedAt } = observation;
  const known = rowFlagsOf(job);
  const lastLook = sightings[sourceId];
  if (lastLook !== undefined && lastLook > observedAt) return known;
  return withoutEmpty({ ...known, [sourceId]: flags });
}

/** The flags by source of two jobs that are one. */
export function mergedRowFlags(kept: FlaggedJob, merged: FlaggedJob): RowFlags {
  const flags: Record<string, readonly string[]> = { ...rowFlagsOf(kept) };
  for (const [sourceId, more] of Object.entries(rowFlagsOf(merged))) {
    flags[sourceId] = [...new Set([...(flags[sourceId] ?? []), ...more])];
  }
  return flags;
}

/** All flags that rows gave, and those the job has of itself. */
export function flagsBesideContent({ flags }: Pick<FlaggedJob, 'flags'>, rowFlags: RowFlags): string[] {
  return [...Object.values(rowFlags).flat(), ...flags.filter((flag) => JOB_FLAGS.has(flag))];
}

function withoutEmpty(flags: RowFlags): RowFlags {
  return Object.fromEntries(Object.entries(flags).filter(([, ofSource]) => ofSource.length > 0));
}
