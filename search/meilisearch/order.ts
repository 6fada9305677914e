import type { WalkSort } from '../../domain/jobFilter';
import { toMillis, toTimestamp } from '../../domain/time';
import type { Place } from '../cursor';
import { type IndexedPlace, jobIdOf, sortKey } from './document';
import { allOf, anyOf, compares } from './filter';

interface Order {
  sort: string[];
  /** What of a document the cursor keeps: as of the same job's row in Postgres. */
  place: (document: IndexedPlace) => Place;
  /** The condition on documents behind a place. */
  behind: (place: Place) => string;
}

function byTime(attribute: 'posted_on' | 'last_visited_at', direction: 'asc' | 'desc'): Order {
  const sign = direction === 'desc' ? '<' : '>';
  return {
    sort: [`${attribute}:${direction}`, `sort_key:${direction}`],
    place: (document) => [toTimestamp(document[attribute]), jobIdOf(document)],
    behind: ([time, id]) => {
      const at = toMillis(String(time));
      return anyOf([
        compares(attribute, sign, at) ?? '',
        allOf([compares(attribute, '=', at) ?? '', behindId(sign, id)]),
      ]);
    },
  };
}

/** Meilisearch puts documents without the attribute last in both directions. */
function byBudget(direction: 'asc' | 'desc'): Order {
  const sign = direction === 'desc' ? '<' : '>';
  const unknown = 'budget_amount NOT EXISTS';
  return {
    sort: [`budget_amount:${direction}`, `sort_key:${direction}`],
    place: (document) => [document.budget_amount ?? null, jobIdOf(document)],
    behind: ([amount, id]) => {
      if (amount === null || amount === undefined) return allOf([unknown, behindId(sign, id)]);
      return anyOf([
        compares('budget_amount', sign, amount) ?? '',
        allOf([compares('budget_amount', '=', amount) ?? '', behindId(sign, id)]),
        unknown,
      ]);
    },
  };
}

function behindId(sign: '<' | '>', id: Place[number] | undefined): string {
  return compares('sort_key', sign, sortKey(String(id))) ?? '';
}

/** Orders that Meilisearch can give; that of ingestion is known to Postgres alone. */
export const ORDERS: Readonly<Partial<Record<WalkSort, Order>>> = {
  posted_on_desc: byTime('posted_on', 'desc'),
  posted_on_asc: byTime('posted_on', 'asc'),
  last_visited_desc: byTime('last_visited_at', 'desc'),
  last_visited_asc: byTime('last_visited_at', 'asc'),
  budget_desc: byBudget('desc'),
  budget_asc: byBudget('asc'),
};
