import type { Db } from '../db/connection';
import type { Condition } from '../db/readScope';
import { toTsqueryLiteral } from '../db/searchVector';
import type { SearchExpression } from '../domain/searchExpression';
import type { SearchedPart } from '../domain/searchTerms';

/** So many of the newest matches are ranked; those older follow, the newest first. Ranking reads each one's words. */
export const MAX_RANKED = 1_000;
/** Of a match in the rest, the description, skills, the title. */
const WEIGHTS = '{0.1, 0.3, 0.7, 1.0}';
/** Divides the rank by the logarithm of the length: a long description mentions everything. */
const BY_LENGTH = 1;

const NEWEST_FIRST = 'posted_on desc, id desc';

interface RelevancePage {
  matching: Condition;
  expression: SearchExpression;
  searchIn: readonly SearchedPart[] | undefined;
  offset: number;
  limit: number;
}

/** Ids of a page of what matches, the most relevant first. */
export async function readRelevantIds(
  db: Db,
  { matching, expression, searchIn, offset, limit }: RelevancePage,
): Promise<string[]> {
  const beyond = Math.max(0, offset + limit - MAX_RANKED);
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `with newest as materialized (
       select id, posted_on, search_vector from jobs where ${matching.sql} order by ${NEWEST_FIRST} limit ?
     ), ranked as (
       select id, row_number() over (
         order by ts_rank(?::float4[], search_vector, ?::tsquery, ?) desc, ${NEWEST_FIRST}
       ) as place from newest
     ), others as (
       select id, ? + row_number() over (order by ${NEWEST_FIRST}) as place from (
         select id, posted_on from jobs where ? > 0 and ${matching.sql} order by ${NEWEST_FIRST} offset ? limit ?
       ) as older
     )
     select id from (select * from ranked union all select * from others) as all_places
     order by place offset ? limit ?`,
    [
      ...matching.bindings,
      MAX_RANKED,
      WEIGHTS,
      toTsqueryLiteral(expression, searchIn),
      BY_LENGTH,
      MAX_RANKED,
      beyond,
      ...matching.bindings,
      MAX_RANKED,
      beyond,
      offset,
      limit,
    ],
  );
  return rows.map(({ id }) => id);
}
