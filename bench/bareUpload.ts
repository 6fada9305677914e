import type { Settings } from 'meilisearch';
import { Meilisearch } from 'meilisearch';
import { readJobsAfter } from '../db/indexableJobs';
import { toDocument } from '../search/meilisearch/document';
import { INDEX_SETTINGS } from '../search/meilisearch/settings';
import { stopwatch } from './measures';
import type { BenchStack } from './stack';

const DOCUMENTS_PER_UPLOAD = 1_000;
const INDEX = 'bench_upload';
const PATIENCE = { timeout: 1_800_000, interval: 50 };
const BEGINNING_OF_TIME = '1970-01-01T00:00:00.000Z';

/**
 * The floor for indexing: uploads the documents of all jobs into a fresh index with our settings, as fast as Meilisearch takes
 * them, and waits until they can be found. Documents are prepared beforehand. Null where no Meilisearch runs.
 */
export async function bareUploadOfSameDocuments({
  db,
  file,
  config,
  secrets,
}: BenchStack): Promise<{ rows: number; seconds: number } | null> {
  if (file.meiliUrl === undefined) return null;
  const client = new Meilisearch({
    host: file.meiliUrl,
    apiKey: file.ports.meilisearch === undefined ? config.meiliMasterKey : meiliKey(config, secrets),
  });
  const uploads: string[] = [];
  let rows = 0;
  for (let afterId: string | null = null; ;) {
    const jobs = await readJobsAfter(db, {
      afterId,
      postedSince: BEGINNING_OF_TIME,
      limit: DOCUMENTS_PER_UPLOAD,
    });
    if (jobs.length === 0) break;
    rows += jobs.length;
    afterId = jobs.at(-1)?.id ?? null;
    uploads.push(JSON.stringify(jobs.map(toDocument)));
  }

  await client.createIndex(INDEX, { primaryKey: 'key' }).waitTask(PATIENCE);
  const settings: Settings = INDEX_SETTINGS;
  await client.index(INDEX).updateSettings(settings).waitTask(PATIENCE);
  const took = stopwatch();
  const tasks = [];
  for (const upload of uploads) {
    tasks.push(await client.index(INDEX).addDocumentsFromString(upload, 'application/json'));
  }
  for (const { taskUid } of tasks) {
    const { status, error } = await client.tasks.waitForTask(taskUid, PATIENCE);
    if (status !== 'succeeded')
      throw new Error(`Meilisearch did not take an upload: ${error?.message ?? status}`);
  }
  const seconds = took();
  await client.index(INDEX).delete().waitTask(PATIENCE);
  return { rows, seconds };
}

function meiliKey(config: BenchStack['config'], secrets: BenchStack['secrets']): string {
  return config.meiliMasterKey ?? secrets.meiliMasterKey;
}
