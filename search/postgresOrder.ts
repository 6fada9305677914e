import type { StoredJobRow } from '../db/jobRows';
import type { Condition } from '../db/readScope';
import type { WalkSort } from '../domain/jobFilter';
import type { Place } from './cursor';

/** A row of a page: the job, and what else its place in an order is made of. */
export interface PageRow extends StoredJobRow {
  budget_amount: number | null;
  /** An xid8: as text, for it needs 64 bits. */
  ingested_transaction: string;
  ingested_number: number;
}

/** Rows that follow one another in an order: a condition, and the order among them as an index has it. */
interface Part extends Condition {
  orderBy: string;
}

interface Order {
  /** Always total: ends with a unique column. */
  orderBy: string;
  /** On rows that this order may show at all. */
  restriction: string | null;
  /** What of a row the cursor keeps. */
  place: (row: PageRow) => Place;
  /**
   * The rows behind a place (all rows, without one), as parts one after the other. Each can be read off its own index, and
   * only when those before it do not fill the page.
   */
  parts: (place: Place | null) => Part[];
}

const EVERY_ROW: Condition = { sql: 'true', bindings: [] };

function byTime(column: 'posted_on' | 'last_visited_at', direction: 'asc' | 'desc'): Order {
  const sign = direction === 'desc' ? '<' : '>';
  const orderBy = `${column} ${direction}, id ${direction}`;
  return {
    orderBy,
    restriction: null,
    place: (row) => [row[column], row.id],
    parts: (place) => {
      const behind = { sql: `(${column}, id) ${sign} (?::timestamptz, ?)`, bindings: place ?? [] };
      return [{ ...(place ? behind : EVERY_ROW), orderBy }];
    },
  };
}

function byBudget(direction: 'asc' | 'desc'): Order {
  const sign = direction === 'desc' ? '<' : '>';
  const known = { sql: 'budget_amount is not null', orderBy: `budget_amount ${direction}, id ${direction}` };
  const unknown = { sql: 'budget_amount is null', orderBy: `id ${direction}` };
  return {
    orderBy: `budget_amount ${direction} nulls last, id ${direction}`,
    restriction: null,
    place: (row) => [row.budget_amount, row.id],
    parts: (place) => {
      const allUnknown = { ...unknown, bindings: [] };
      if (!place) return [{ ...known, bindings: [] }, allUnknown];
      const [amount = null, id = null] = place;
      if (amount === null) return [{ ...unknown, sql: `${unknown.sql} and id ${sign} ?`, bindings: [id] }];
      const behind = `${known.sql} and (budget_amount, id) ${sign} (?::numeric, ?)`;
      return [{ ...known, sql: behind, bindings: [amount, id] }, allUnknown];
    },
  };
}

function byIngestion(): Order {
  const orderBy = 'ingested_transaction, ingested_number';
  return {
    orderBy,
    // Below the oldest transaction still open nothing can appear any more: no walk misses a job that commits late.
    restriction: 'ingested_transaction < pg_snapshot_xmin(pg_current_snapshot())',
    place: (row) => [row.ingested_transaction, row.ingested_number],
    parts: (place) => {
      const behind = {
        sql: '(ingested_transaction, ingested_number) > (?::xid8, ?::bigint)',
        bindings: place ?? [],
      };
      return [{ ...(place ? behind : EVERY_ROW), orderBy }];
    },
  };
}

export const ORDERS: Readonly<Record<WalkSort, Order>> = {
  posted_on_desc: byTime('posted_on', 'desc'),
  posted_on_asc: byTime('posted_on', 'asc'),
  last_visited_desc: byTime('last_visited_at', 'desc'),
  last_visited_asc: byTime('last_visited_at', 'asc'),
  budget_desc: byBudget('desc'),
  budget_asc: byBudget('asc'),
  ingested_asc: byIngestion(),
};
