import type { Db } from '../db/connection';
import { JOB_COLUMNS } from '../db/jobRows';
import { allOf, type Condition } from '../db/readScope';
import type { WalkSort } from '../domain/jobFilter';
import type { Place } from './cursor';
import { ORDERS, type PageRow } from './postgresOrder';

const PAGE_COLUMNS = [...JOB_COLUMNS, 'budget_amount', 'ingested_transaction', 'ingested_number'].join(', ');
/** Few and narrow, for an offset may have ten thousand rows sorted before it drops them. */
const ORDER_COLUMNS = 'id, posted_on, last_visited_at, budget_amount, ingested_transaction, ingested_number';

interface Page {
  sort: WalkSort;
  /** Where an earlier page ended. */
  place: Place | null;
  offset: number;
  limit: number;
}

/** Rows of a page in an order; those of the posting time have a quicker way (postgresTimeWalk.ts). */
export async function readPage(
  db: Db,
  filtered: Condition,
  { sort, place, offset, limit }: Page,
): Promise<PageRow[]> {
  const { orderBy, parts, restriction } = ORDERS[sort];
  const matching = restriction === null ? filtered : allOf([filtered, { sql: restriction, bindings: [] }]);
  const needed = offset + limit;
  const selects = parts(place).map((part, number) => {
    const { sql, bindings } = allOf([matching, part, ...(number > 0 ? [isShort(number - 1, needed)] : [])]);
    const select = `select ${ORDER_COLUMNS} from jobs where ${sql} order by ${part.orderBy} limit ?`;
    return { sql: `part_${number} as (${select})`, bindings: [...bindings, needed] };
  });
  const candidates = selects.map((_, number) => `select * from part_${number}`).join(' union all ');
  const { rows } = await db.raw<{ rows: PageRow[] }>(
    `with ${selects.map(({ sql }) => sql).join(', ')},
     page as materialized (
       select id from (${candidates}) as candidates order by ${orderBy} limit ? offset ?
     )
     select ${PAGE_COLUMNS} from page join jobs using (id) order by ${orderBy}`,
    [...selects.flatMap(({ bindings }) => bindings), limit, offset],
  );
  return rows;
}

/** Keeps Postgres from reading a part that the parts before it make needless. */
function isShort(part: number, needed: number): Condition {
  return { sql: `(select count(*) from part_${part}) < ?`, bindings: [needed] };
}
