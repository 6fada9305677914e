import type { z } from 'zod';
import { listSchema } from '../../envelope';

/** Body of a page of a list that is not counted, before the stamp. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return listSchema(item).omit({ total: true, total_is_exact: true, warnings: true });
}

/** @param found one more than the page holds, if there are. The cursor is the id of the last on the page. */
export function pageBody<Item extends { id: string | number }>(found: readonly Item[], limit: number) {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return {
    success: true as const,
    data,
    count: data.length,
    next_cursor: last && found.length > limit ? String(last.id) : null,
  };
}
