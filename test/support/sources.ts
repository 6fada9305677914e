import type { Db } from '../../db/connection';
import { type AddedSource, type NewSource, putSource } from '../../db/sources';
import { TEST_NOW } from './ingest';

/** Adds a source read over HTTP, as the command line does. */
export async function addHttpSource(
  db: Db,
  location: string,
  fields: Partial<NewSource> = {},
): Promise<AddedSource> {
  return await putSource(db, {
    id: 'feed',
    kind: 'http',
    location,
    intervalSeconds: 3_600,
    mapping: null,
    options: {},
    now: TEST_NOW,
    ...fields,
  });
}

/** A mapping document that needs a title and a uid under names of its own. */
export const OWN_MAPPING = {
  name: 'own-feed',
  match: { all: ['headline', 'number'] },
  fields: {
    uid: { from: 'number' },
    title: { from: 'headline' },
    posted_on: { from: 'number', parse: 'idTime' },
  },
};
