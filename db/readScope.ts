import type { Knex } from 'knex';
import type { ReadScope } from '../domain/readScope';

/** A piece of a where clause with its bindings, to be put together with `and`. */
export interface Condition {
  /** `?` for each binding. */
  sql: string;
  bindings: Knex.RawBinding[];
}

/**
 * The conditions on a row of `jobs` under which a caller may see it: `isReadable` holds, and it is shown itself, not folded into
 * another.
 */
export function readScopeConditions(scope: ReadScope): Condition[] {
  return [{ sql: 'duplicate_of is null', bindings: [] }, ...readableConditions(scope)];
}

/** `isReadable` as conditions on `posted_on` and `is_sample`. */
export function readableConditions({ postedSince, samples }: ReadScope): Condition[] {
  const conditions: Condition[] = [];
  if (postedSince !== null) conditions.push({ sql: 'posted_on >= ?::timestamptz', bindings: [postedSince] });
  if (samples === 'only') conditions.push({ sql: 'is_sample', bindings: [] });
  if (samples === 'hidden') conditions.push({ sql: 'not is_sample', bindings: [] });
  return conditions;
}

/** All conditions as one; true when there are none. */
export function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(' and ') || 'true',
    bindings: conditions.flatMap(({ bindings }) => bindings),
  };
}
