import { createPostgresIndex } from '../../../search/postgres';
import { rebuild } from '../../../search/searchIndex';
import { createTestMeilisearch, describeWithMeilisearch } from '../../support/meilisearch';
import { describeContract } from './describeContract';
import { NOW } from './jobs';

describe('searching in Postgres', () => {
  describeContract('postgres', (db) =>
    Promise.resolve({ index: createPostgresIndex(db), drop: () => Promise.resolve() }),
  );
});

describeWithMeilisearch('searching in Meilisearch', () => {
  describeContract('meilisearch', async (db) => {
    const { index, drop } = createTestMeilisearch(db, { now: () => NOW });
    await rebuild(index);
    return { index, drop };
  });
});
