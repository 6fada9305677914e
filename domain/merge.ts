import { JOB_FIELDS, type JobContent, type JobField } from './job';
import type { Timestamp } from './time';

/** The row that a value came from. */
export interface ObservationRef {
  sourceId: string;
  observedAt: Timestamp;
  batchId: string;
  rowNumber: number;
}

/** Flags of a job by source: what its last row was flagged with. Sources whose last row had no flags are left out. */
export type RowFlags = Readonly<Record<string, readonly string[]>>;

/** Where each field of a job came from: the index of its observation; fields not named came from the first. */
export interface Provenance {
  observations: ObservationRef[];
  fields: Partial<Record<JobField, number>>;
  /** Not in jobs that were published before flags were kept by source. */
  rowFlags?: RowFlags;
}

export interface MergedState {
  content: JobContent;
  provenance: Provenance;
}

export interface MergeResult extends MergedState {
  changedFields: JobField[];
}

/** Last time each source showed the job, changed or not. */
export type Sightings = Readonly<Record<string, Timestamp>>;

export function firstProvenance(observation: ObservationRef): Provenance {
  return { observations: [observation], fields: {} };
}

export function provenanceOf(provenance: Provenance, field: JobField): ObservationRef {
  const observation = provenance.observations[provenance.fields[field] ?? 0];
  if (!observation) throw new RangeError(`Provenance of ${field} names an observation that is not there.`);
  return observation;
}

export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  return stableJson(left) === stableJson(right);
}

/** A source that lists no skills does not deny those that another one lists. */
function saysNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** Keys sorted: jsonb gives them back in another order than they went in. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Whether every value the row gives is there already: an exact repeat. */
export function addsNothing(current: JobContent, incoming: JobContent): boolean {
  return JOB_FIELDS.every(
    (field) => saysNothing(incoming[field]) || sameValue(current[field], incoming[field]),
  );
}

/**
 * Takes one more observation into a job. Newer values win field by field; null and empty lists never overwrite; at the same or an
 * older time only gaps are filled, so that reading a file twice, or late, changes nothing.
 */
export function mergeObservation(
  current: MergedState,
  incoming: { content: JobContent; observation: ObservationRef },
  sightings: Sightings,
): MergeResult {
  const changedFields = JOB_FIELDS.filter((field) => takesValue(field, current, incoming, sightings));
  if (changedFields.length === 0) return { ...current, changedFields };
  return { ...takeFields(current, incoming, changedFields), changedFields };
}

function takesValue(
  field: JobField,
  current: MergedState,
  incoming: { content: JobContent; observation: ObservationRef },
  sightings: Sightings,
): boolean {
  const value = incoming.content[field];
  const known = current.content[field];
  if (saysNothing(value) || sameValue(known, value)) return false;
  if (saysNothing(known)) return true;
  const origin = provenanceOf(current.provenance, field);
  // The value counts as confirmed up to the last look of the source that gave it.
  const lastLook = sightings[origin.sourceId];
  const confirmedAt = lastLook !== undefined && lastLook > origin.observedAt ? lastLook : origin.observedAt;
  if (incoming.observation.observedAt <= confirmedAt) return false;
  return field !== 'postedOn' || !isMovedByRenewal(current.content, incoming.content);
}

/** `posted_on` is when the posting was first made public: once either side knows of a renewal, no later time moves it. */
function isMovedByRenewal(current: JobContent, incoming: JobContent): boolean {
  if (current.postedOn === null || incoming.postedOn === null) return false;
  const isRenewed = incoming.renewedOn !== null || current.renewedOn !== null;
  return isRenewed && incoming.postedOn > current.postedOn;
}

function takeFields(
  current: MergedState,
  incoming: { content: JobContent; observation: ObservationRef },
  fields: JobField[],
): MergedState {
  const taken = Object.fromEntries(fields.map((field) => [field, incoming.content[field]]));
  const content = { ...current.content, ...taken };
  const origins = new Map(JOB_FIELDS.map((field) => [field, provenanceOf(current.provenance, field)]));
  for (const field of fields) origins.set(field, incoming.observation);
  return { content, provenance: packProvenance(content, origins) };
}

/** Keeps only the observations that still stand behind a value. */
function packProvenance(content: JobContent, origins: Map<JobField, ObservationRef>): Provenance {
  const observations: ObservationRef[] = [];
  const fields: Provenance['fields'] = {};
  for (const field of JOB_FIELDS) {
    const origin = origins.get(field);
    if (!origin || content[field] === null) continue;
    let index = observations.findIndex((known) => known === origin || sameValue(known, origin));
    if (index === -1) index = observations.push(origin) - 1;
    if (index > 0) fields[field] = index;
  }
  return { observations, fields };
}

/** Two jobs found to be one: the values of both, field by field by the same rule; `sightings` are those of the kept job. */
export function mergeStates(kept: MergedState, merged: MergedState, sightings: Sightings): MergedState {
  let state = kept;
  merged.provenance.observations.forEach((observation, index) => {
    const fields = JOB_FIELDS.filter(
      (field) => (merged.provenance.fields[field] ?? 0) === index && merged.content[field] !== null,
    );
    const content = { ...merged.content };
    for (const field of JOB_FIELDS) if (!fields.includes(field)) Object.assign(content, { [field]: null });
    state = mergeObservation(state, { content, observation }, sightings);
  });
  return { content: state.content, provenance: state.provenance };
}
