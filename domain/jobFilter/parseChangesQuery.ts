import { type ChangeCursor, parseChangeCursor, TOMBSTONE_DAYS, tombstonesSince } from '../jobChanges';
import type { Timestamp } from '../time';
import { MAX_TEXT_LENGTH, type ParameterRow, row } from './parameters';
import { createQueryGrammar, type QueryGrammar } from './queryGrammar';
import { addFault, type QueryDraft, type Reader, scalar, singleValue } from './reading';
import { parseTime, parseWhole } from './values';

/** Whole jobs come with the changes, and a mirror that catches up asks for many. */
const MAX_CHANGES = 200;
const DEFAULT_CHANGES = 100;

/** What a reader does that cannot go on. */
export const FRESH_START =
  'Start afresh: note the time, take all jobs (GET /jobs?sort=ingested_asc to its last page, or GET /jobs/export), ' +
  'then ask for the changes since the time you noted.';

export interface ParsedChangesQuery {
  /** A time to begin at, or where an earlier page ended. */
  since: { time: Timestamp } | { cursor: ChangeCursor };
  /** 1 to 200. */
  limit: number;
  warnings: string[];
}

interface ChangesDraft extends QueryDraft {
  /** Null when what was given is no start. */
  since?: ParsedChangesQuery['since'] | null;
  limit?: number;
}

const EXPECTED_SINCE =
  'next_cursor of an earlier answer, or to begin with an ISO 8601 time (2026-01-20T12:00:00Z) or a span back from now (-24h, -7d)';

const readSince: Reader<ChangesDraft> = (given, draft) => {
  draft.since = null;
  const text = singleValue(given, draft);
  if (text === null) return;
  const cursor = parseChangeCursor(text);
  const time = cursor ? cursor.at : parseTime(text, draft.now);
  if (time === null) {
    const message = 'since is neither a time nor a next_cursor of an earlier answer.';
    addFault(draft, given, { message, received: text, expected: EXPECTED_SINCE });
  } else if (time < tombstonesSince(draft.now)) {
    const message =
      `since is older than ${TOMBSTONE_DAYS} days, for which it is kept which jobs were removed: ` +
      `an answer could miss some. ${FRESH_START}`;
    addFault(draft, given, { message, received: text, expected: `at most ${TOMBSTONE_DAYS} days back` });
  } else {
    draft.since = cursor ? { cursor } : { time };
  }
};

const ROWS: readonly ParameterRow<ChangesDraft>[] = [
  row<ChangesDraft>('since', 'text', {
    description:
      'Where to begin: `next_cursor` of the answer before, or the first time a time, ISO 8601 or back from now, at most ' +
      `${TOMBSTONE_DAYS} days. Changes of a few minutes before a time may come along; none after it is left out. Required.`,
    example: '-24h',
    maximum: MAX_TEXT_LENGTH,
    read: readSince,
  }),
  row<ChangesDraft>('limit', 'integer', {
    description: `Changes in one answer. Above ${MAX_CHANGES} it is taken as ${MAX_CHANGES}, with a warning.`,
    example: '100',
    minimum: 1,
    maximum: MAX_CHANGES,
    default: DEFAULT_CHANGES,
    read: scalar(parseWhole, 'a whole number', (draft: ChangesDraft, value) => (draft.limit = value)),
  }),
];

/** `GET /jobs/changes`. */
export const CHANGES_QUERY_GRAMMAR: QueryGrammar<ParsedChangesQuery> = createQueryGrammar({
  rows: ROWS,
  createDraft: (empty): ChangesDraft => empty,
  finish: (draft) => {
    if (draft.since === undefined) {
      const message = 'since is missing: it says where to begin.';
      addFault(draft, { name: 'since' }, { message, expected: EXPECTED_SINCE });
    }
    return {
      since: draft.since ?? { time: draft.now },
      limit: readLimit(draft),
      warnings: draft.warnings,
    };
  },
});

function readLimit(draft: ChangesDraft): number {
  const { limit = DEFAULT_CHANGES } = draft;
  if (limit < 1) {
    const expected = `a whole number from 1 to ${MAX_CHANGES}`;
    addFault(draft, { name: 'limit' }, { message: 'limit is below 1.', received: String(limit), expected });
  }
  if (limit <= MAX_CHANGES) return limit;
  draft.warnings.push(`limit ${limit} is above the largest page: ${MAX_CHANGES} changes are given.`);
  return MAX_CHANGES;
}
