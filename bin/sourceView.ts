import type { SourceView } from '../api/operatorsServices';
import type { AddedSource, ListedSource, SourceKind } from '../db/sources';
import { displayAddress, parseAddress } from '../sources/http/address';

/** A source as people and machines are shown it: no secret that its address may hold. */
export function viewSource({ id, kind, location, intervalSeconds, mapping, options, paused }: AddedSource) {
  return {
    source: id,
    kind,
    location: shownLocation(kind, location),
    interval_seconds: location === null ? null : intervalSeconds,
    mapping: mappingName(mapping),
    options: kind === 'http' ? options : null,
    paused,
  };
}

/** A source with what became of its last run. */
export function viewListedSource(source: ListedSource) {
  const { lastRun } = source;
  return {
    ...viewSource(source),
    last_run:
      lastRun === null
        ? null
        : {
            started_at: lastRun.startedAt,
            ended_at: lastRun.endedAt,
            outcome: runOutcome(lastRun),
            rows: lastRun.rows,
            failure: lastRun.failure,
          },
  } satisfies SourceView;
}

function runOutcome(run: NonNullable<ListedSource['lastRun']>): 'done' | 'failed' | 'under way' {
  if (run.failure !== null) return 'failed';
  return run.endedAt === null ? 'under way' : 'done';
}

function shownLocation(kind: SourceKind, location: string | null): string | null {
  return kind === 'http' && location !== null ? displayAddress(parseAddress(location)) : location;
}

function mappingName(mapping: unknown): string | null {
  return typeof mapping === 'object' && mapping !== null && 'name' in mapping ? String(mapping.name) : null;
}
