import type { JobFilter, MovingBounds, TimeBound } from '../jobFilter/filter';
import type { FilterMember } from '../jobFilter/matchesFilter';
import type { SearchExpression } from '../searchExpression';

/** One of the conditions that a filter comes to: it holds for a job exactly if all of them do. */
export interface FilterPart {
  member: FilterMember;
  /** The member, and what is decided with it. */
  filter: JobFilter;
  /** Instead of the member, where its bound moves: how far it lies back from now, in milliseconds. */
  spanMs?: number | undefined;
}

/** Decided together, for they are alternatives. */
const PAY_MEMBERS = ['budget', 'amounts', 'hourly', 'hourlyRates'] as const satisfies FilterMember[];

/** The conditions that decide a filter whose moving bounds are those. */
export function filterParts(filter: JobFilter, movingBounds: MovingBounds): FilterPart[] {
  const { search, searchIn, budget, amounts, hourly, hourlyRates, ...others } = filter;
  const pay = { budget, amounts, hourly, hourlyRates };
  const payMember = PAY_MEMBERS.find((member) => pay[member] !== undefined);
  return [
    ...(search ? conjuncts(search).map((part) => searchPart(part, searchIn)) : []),
    ...(payMember ? [{ member: payMember, filter: pay }] : []),
    ...(Object.keys(others) as (keyof typeof others)[])
      .filter((member) => others[member] !== undefined && !(member in movingBounds))
      .map((member) => ({ member, filter: { [member]: others[member] } })),
    ...(Object.entries(movingBounds) as [TimeBound, number][]).map(([member, spanMs]) => ({
      member,
      filter: {},
      spanMs,
    })),
  ];
}

function searchPart(search: SearchExpression, searchIn: JobFilter['searchIn']): FilterPart {
  return { member: 'search', filter: { search, searchIn } };
}

function conjuncts(expression: SearchExpression): SearchExpression[] {
  return expression.kind === 'and' ? expression.parts.flatMap(conjuncts) : [expression];
}

/** The same text for equal parts, in whatever order the members of their values stand. */
export function partKey({ member, filter, spanMs }: FilterPart): string {
  return spanMs === undefined ? JSON.stringify(filter, sortMembers) : `${member} ${spanMs}`;
}

function sortMembers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
