import {
  DEFAULT_INTERVALS_AT_MOST,
  MAX_INTERVALS,
  TREND_GROUPINGS,
  TREND_INTERVALS,
  type TrendGrouping,
  type TrendInterval,
} from '../trends';
import { type JobFilter, skillKey } from './filter';
import { type LimitDraft, limitRow } from './limitRow';
import { nearestOf } from './nearest';
import { choice, FILTER_ROWS, row } from './parameters';
import { checkFilter } from './parseJobQuery';
import { createQueryGrammar, type QueryGrammar } from './queryGrammar';
import { type QueryDraft, type Reader, scalar } from './reading';

const DEFAULT_SIMILAR = 10;

interface ParsedSimilarQuery {
  /** 1 to 50. */
  limit: number;
}

/** `GET /jobs/{id}/similar` */
export const SIMILAR_QUERY_GRAMMAR: QueryGrammar<ParsedSimilarQuery> = createQueryGrammar({
  rows: [limitRow({ noun: 'Jobs', most: 50, standard: DEFAULT_SIMILAR })],
  createDraft: (empty): LimitDraft => empty,
  finish: ({ limit = DEFAULT_SIMILAR }) => ({ limit }),
});

const DEFAULT_SKILLS = 20;
const MAX_PREFIX_LENGTH = 200;

interface SkillsDraft extends LimitDraft {
  prefix?: string;
}

interface ParsedSkillsQuery {
  /** In the form of `skillKey`; empty for all skills. */
  prefix: string;
  /** 1 to 100. */
  limit: number;
}

/** `GET /skills` */
export const SKILLS_QUERY_GRAMMAR: QueryGrammar<ParsedSkillsQuery> = createQueryGrammar({
  rows: [
    row<SkillsDraft>('prefix', 'text', {
      description: 'Only skills that begin so. Case and repeated blanks do not matter.',
      example: 'post',
      maximum: MAX_PREFIX_LENGTH,
      read: scalar(
        (text) => (text.length <= MAX_PREFIX_LENGTH ? skillKey(text) : null),
        `a text of at most ${MAX_PREFIX_LENGTH} characters`,
        (draft: SkillsDraft, value) => (draft.prefix = value),
      ),
    }),
    limitRow({ noun: 'Skills', most: 100, standard: DEFAULT_SKILLS }),
  ],
  createDraft: (empty): SkillsDraft => empty,
  finish: ({ prefix = '', limit = DEFAULT_SKILLS }) => ({ prefix, limit }),
});

interface TrendsDraft extends QueryDraft {
  interval?: TrendInterval;
  groupBy?: TrendGrouping;
}

export interface ParsedTrendsQuery {
  filter: JobFilter;
  /** Null: as the span suggests. */
  interval: TrendInterval | null;
  groupBy: TrendGrouping | null;
  warnings: string[];
}

/** `GET /jobs/trends` */
export const TRENDS_QUERY_GRAMMAR: QueryGrammar<ParsedTrendsQuery> = createQueryGrammar({
  rows: [
    ...FILTER_ROWS,
    row<TrendsDraft>('interval', 'enum', {
      description:
        `Length of the intervals, which begin in UTC; weeks on Monday. The shortest of which at most ${DEFAULT_INTERVALS_AT_MOST} make up ` +
        `the span, unless given. At most ${MAX_INTERVALS.ungrouped}, and ${MAX_INTERVALS.grouped} with group_by.`,
      example: 'day',
      values: TREND_INTERVALS,
      read: oneOf('an interval', TREND_INTERVALS, (draft, value) => (draft.interval = value)),
    }),
    row<TrendsDraft>('group_by', 'enum', {
      description:
        'A row for each of these besides. A job counts once in each of its skills and tags with `skill`; `category` is the one that the ' +
        'posting states, at its own level; `country` is that of the client, `tier` the contractor tier.',
      example: 'category',
      values: TREND_GROUPINGS,
      read: oneOf('a grouping', TREND_GROUPINGS, (draft, value) => (draft.groupBy = value)),
    }),
  ],
  createDraft: (empty): TrendsDraft => empty,
  finish: (draft) => {
    checkFilter(draft);
    const { filter, interval = null, groupBy = null, warnings } = draft;
    return { filter, interval, groupBy, warnings };
  },
});

function oneOf<Value extends string>(
  noun: string,
  values: readonly Value[],
  assign: (draft: TrendsDraft, value: Value) => void,
): Reader<TrendsDraft> {
  const find = (text: string): Value | null =>
    values.find((value) => value === text.trim().toLowerCase()) ?? null;
  return scalar(find, choice(noun, values), assign, nearestOf(values));
}
