/** As many rows as a page of jobs has at most. */
const PAGE_SIZE = 50;
/** The API skips no more rows than this. */
const MAX_OFFSET = 10_000;

/** What all lists have in common. */
export interface Page<Item> {
  data: Item[];
  total?: number;
  next_cursor?: string | null;
  /** Of lists that hand out a cursor even at their end. */
  has_more?: boolean;
}

/** Members of a query that say which page is meant. */
export interface PagePlace {
  limit: number;
  cursor?: string;
  offset?: number;
}

/**
 * Every page, each beginning where the one before ended; the first at `start`, a cursor. In orders that have no cursor (by
 * relevance) rows are skipped instead, as far as the API skips any.
 */
export async function* pagesOf<Result extends Page<unknown>>(
  read: (place: PagePlace) => Promise<Result>,
  start?: string,
): AsyncGenerator<Result, void> {
  let place: PagePlace = { limit: PAGE_SIZE, ...(start !== undefined && { cursor: start }) };
  for (;;) {
    const page = await read(place);
    yield page;
    const next = placeAfter(place, page);
    if (!next) return;
    place = next;
  }
}

function placeAfter({ cursor, offset = 0 }: PagePlace, page: Page<unknown>): PagePlace | null {
  if (page.has_more === false) return null;
  if (typeof page.next_cursor === 'string') {
    return page.next_cursor === cursor ? null : { limit: PAGE_SIZE, cursor: page.next_cursor };
  }
  const seen = offset + page.data.length;
  const isOver = cursor !== undefined || page.data.length < PAGE_SIZE || seen >= (page.total ?? 0);
  return isOver || seen > MAX_OFFSET ? null : { limit: PAGE_SIZE, offset: seen };
}

/** The rows of the pages, one by one. */
export async function* itemsOf<Item>(pages: AsyncIterable<Page<Item>>): AsyncGenerator<Item, void> {
  for await (const { data } of pages) yield* data;
}
