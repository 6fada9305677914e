import type { Meilisearch, MultiSearchQuery } from 'meilisearch';
import { answered, done } from './client';
import type { IndexedJob } from './document';

/**
 * A document that says that the index holds what it should. It is put in once all jobs are in and goes with everything else when
 * an index is emptied, so that one that lost its jobs, or has only those that came since, is not taken for whole. No job has
 * such a key or sort key, and no search finds it: it was posted at no time.
 */
const SEAL = { key: 'zqseal', sort_key: 'seal' } satisfies Partial<IndexedJob>;

/** Finds the seal, if it is there. */
export function sealQuery(indexUid: string): MultiSearchQuery {
  return {
    indexUid,
    q: '',
    filter: `sort_key = ${SEAL.sort_key}`,
    limit: 1,
    attributesToRetrieve: ['sort_key'],
  };
}

export function isSeal({ sort_key }: Pick<IndexedJob, 'sort_key'>): boolean {
  return sort_key === SEAL.sort_key;
}

export async function isSealed(client: Meilisearch, indexUid: string): Promise<boolean> {
  const { results } = await answered(
    client.index(indexUid).getDocuments({ ids: [SEAL.key], fields: ['sort_key'], limit: 1 }),
  );
  return results.length > 0;
}

export async function seal(client: Meilisearch, indexUid: string): Promise<void> {
  await done(client.index(indexUid).addDocuments([SEAL], { primaryKey: 'key' }));
}

export async function unseal(client: Meilisearch, indexUid: string): Promise<void> {
  await done(client.index(indexUid).deleteDocument(SEAL.key));
}
