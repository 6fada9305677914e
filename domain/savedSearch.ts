import { AppError } from './errors';
import { type KeptFilter, SAVED_SEARCH_GRAMMAR } from './jobFilter';
import type { Plan } from './plan';
import { addMillis, DAY_MS, type Timestamp } from './time';

export const MAX_SAVED_SEARCH_NAME_LENGTH = 200;
/** Of an account, whatever its plan: each is matched against every job. */
export const MAX_SAVED_SEARCHES = 10_000;

export const PREVIEW_DAYS = 7;

type Parameters = Readonly<Record<string, unknown>>;

/** What is to be saved of a filter. */
export interface SavableFilter extends KeptFilter {
  /** By name as the caller gave them, without those that say nothing. JSON. */
  parameters: Parameters;
  warnings: string[];
}

/** @throws AppError `invalid_parameter` with every fault, by the names of the parameters; one of all of them together has no name. */
export function readSavableFilter(given: Parameters, now: Timestamp): SavableFilter {
  const parsed = SAVED_SEARCH_GRAMMAR.parse(given, now);
  const conditions = Object.keys(parsed.filter).filter((name) => name !== 'searchIn');
  if (conditions.length === 0) {
    const message =
      'There is no condition in it: it would find every job. Give one filter of GET /jobs at least.';
    throw new AppError('invalid_parameter', message, { faults: [{ parameter: '', message }] });
  }
  return { ...parsed, parameters: withoutEmpty(given) };
}

function withoutEmpty(given: Parameters): Parameters {
  const entries = Object.entries(given).map(
    ([name, value]) => [name, Array.isArray(value) ? value.filter(saysSomething) : value] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => saysSomething(value)));
}

function saysSomething(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

/** The days that a preview counts: the last ones, as far as the plan shows them; one at least. */
export function previewSpan(
  { retention_days: shown }: Pick<Plan, 'retention_days'>,
  now: Timestamp,
): { days: number; postedAfter: Timestamp } {
  const days = Math.max(1, Math.min(shown ?? PREVIEW_DAYS, PREVIEW_DAYS));
  return { days, postedAfter: addMillis(now, -days * DAY_MS) };
}
