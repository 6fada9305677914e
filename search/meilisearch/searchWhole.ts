import type { Meilisearch, MultiSearchQuery, SearchResponse } from 'meilisearch';
import { z } from 'zod';
import { answered } from './client';
import type { IndexedPlace } from './document';
import { MeilisearchFailure } from './failure';
import { isSeal, sealQuery } from './seal';

/** Of any time that can be told, in milliseconds since 1970. */
const FURTHEST_TIME_MS = 8.64e15;
const timeSchema = z.int().min(-FURTHEST_TIME_MS).max(FURTHEST_TIME_MS);

/** What we read of an answer; anything can answer at an address. */
const answerSchema = z.object({
  estimatedTotalHits: z.int().min(0),
  hits: z
    .array(
      z.object({
        sort_key: z.string().regex(/^k[^\0]{1,200}$/),
        stamp: z.string().max(100),
        posted_on: timeSchema,
        last_visited_at: timeSchema,
        budget_amount: z.number().optional(),
      }),
    )
    .max(1_000),
});
const sealAnswerSchema = z.object({ hits: z.array(z.object({ sort_key: z.string() })).max(1) });

export interface WholeSearch {
  indexUid: string;
  queries: readonly MultiSearchQuery[];
  /** Of all queries together. */
  deadlineMs: number;
}

/**
 * Answers the queries, in their order, from an index that is whole.
 * @throws MeilisearchFailure when it is not, when the answer takes too long, or is none.
 */
export async function searchWhole(
  client: Meilisearch,
  { indexUid, queries, deadlineMs }: WholeSearch,
): Promise<SearchResponse<IndexedPlace>[]> {
  // The seal comes last: an index that is emptied between two queries has lost it by then.
  const asked = [...queries, sealQuery(indexUid)];
  const response: unknown = await answered(
    client.multiSearch({ queries: asked }, { signal: AbortSignal.timeout(deadlineMs) }),
  );
  const { results } = readAnswer(z.object({ results: z.array(z.unknown()).length(asked.length) }), response);
  const sealed = readAnswer(sealAnswerSchema, results.at(-1)).hits.some(isSeal);
  if (!sealed) throw new MeilisearchFailure('index_incomplete', 'The index in Meilisearch is not whole.');
  return results.slice(0, -1).map((result) => {
    readAnswer(answerSchema, result);
    return result as SearchResponse<IndexedPlace>;
  });
}

function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new MeilisearchFailure('nonsense', `Meilisearch answered nonsense. ${faults.slice(0, 3).join('; ')}`);
}
