import type { Meilisearch } from 'meilisearch';
import { z } from 'zod';
import type { Job } from '../../domain/job';
import { type IndexedPlace, jobIdOf } from './document';
import { MeilisearchFailure } from './failure';
import { anyOf, compares } from './filter';
import { searchWhole } from './searchWhole';

const hitSchema = z.object({ shown: z.string().max(2_000_000) });

/**
 * The jobs of hits as the index itself holds them, by id: as of when it was last brought up to date.
 * @throws MeilisearchFailure when it holds none to show, as an index of an earlier make.
 */
export async function readShownJobs(
  client: Meilisearch,
  hits: readonly IndexedPlace[],
  { indexUid, deadlineMs }: { indexUid: string; deadlineMs: number },
): Promise<Job[]> {
  const query = {
    indexUid,
    q: '',
    filter: anyOf(hits.flatMap(({ sort_key: key }) => compares('sort_key', '=', key) ?? [])),
    limit: hits.length,
    attributesToRetrieve: ['sort_key', 'stamp', 'posted_on', 'last_visited_at', 'shown'],
  };
  const [found] = await searchWhole(client, { indexUid, queries: [query], deadlineMs });
  return (found?.hits ?? []).map((hit) => {
    const { data } = hitSchema.safeParse(hit);
    // It is of our own making: what has the id is the job.
    const job = data && (JSON.parse(data.shown) as Job);
    if (job?.id !== jobIdOf(hit))
      throw new MeilisearchFailure('nonsense', 'Meilisearch holds no job to show.');
    return job;
  });
}
