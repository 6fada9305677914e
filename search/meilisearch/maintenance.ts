import type { Meilisearch } from 'meilisearch';
import type { Db } from '../../db/connection';
import {
  countIndexed,
  countJobsSince,
  filterIndexable,
  readIndexableJobs,
  readJobsAfter,
  readVersionsAfter,
} from '../../db/indexableJobs';
import { readVersions } from '../../db/jobIndexState';
import { learnWords } from '../../db/searchWords';
import { notifyJobsChanged } from '../../db/notifications';
import { AppError } from '../../domain/errors';
import type { Job, JobVersion } from '../../domain/job';
import { addMillis, type Timestamp, toMillis, toTimestamp } from '../../domain/time';
import type { IndexState, OpenedRebuild, RebuildStep, SearchIndex } from '../searchIndex';
import { answered, done } from './client';
import { documentKey, documentStamp, type IndexedJob, jobIdOf, toDocument } from './document';
import { isIndexNotFound } from './failure';
import { isSeal, isSealed, seal, unseal } from './seal';
import { differingSettings, INDEX_SETTINGS } from './settings';

export interface Maintenance {
  db: Db;
  client: Meilisearch;
  indexUid: string;
  /** Jobs posted before this are not held. */
  hotEdge: () => Timestamp;
  now: () => Timestamp;
}

const BATCH_SIZE = 2_000;
/** Larger, for the engine merges each into all that it holds: at 200,000 jobs that takes longer than taking 2,000 in. */
const REBUILD_BATCH_SIZE = 10_000;
/** More documents than a push for which somebody waits. */
const BULK_SIZE = 100;
const PRIMARY_KEY: keyof IndexedJob = 'key';
/** A job that changes again and again while it is brought up to date is left to the next time. */
const MAX_ROUNDS = 5;
const MAX_INDEXES_LISTED = 1_000;
/** Documents more or fewer than expected that are put down to what is under way. */
const COUNT_TOLERANCE = 100;
const RELATIVE_COUNT_TOLERANCE = 0.01;
/** A job is stored within so long after the time that it says it changed at. */
const STORED_WITHIN_MS = 5 * 60_000;

type MaintenanceOperations = Omit<SearchIndex, 'search' | 'facets'>;

export function createMaintenance({
  db,
  client,
  indexUid,
  hotEdge,
  now,
}: Maintenance): MaintenanceOperations {
  const index = (uid = indexUid) => client.index<IndexedJob>(uid);

  /** Null when there is no such index. */
  async function find(uid: string): Promise<{ createdAt: number } | null> {
    try {
      const { createdAt } = await answered(client.getRawIndex(uid));
      return { createdAt: Date.parse(createdAt) };
    } catch (error) {
      if (error instanceof AppError && isIndexNotFound(error.cause)) return null;
      throw error;
    }
  }

  async function add(uid: string, jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return;
    const isBulk = jobs.length > BULK_SIZE;
    await done(index(uid).addDocuments(jobs.map(toDocument), { primaryKey: PRIMARY_KEY }), { isBulk });
  }

  async function remove(jobIds: readonly string[]): Promise<void> {
    for (const ids of slices(jobIds)) {
      if ((await find(indexUid)) === null) return;
      await done(index().deleteDocuments(ids.map(documentKey)));
      await notifyJobsChanged(db);
    }
  }

  async function upsert(jobIds: readonly string[]): Promise<JobVersion[]> {
    const versions: JobVersion[] = [];
    for (const ids of slices([...new Set(jobIds)])) {
      await learnWords(db, ids);
      // Where the index is missing, Postgres answers, where all is found that is committed; a rebuild will take these jobs in.
      versions.push(
        ...((await find(indexUid)) === null ? await readVersions(db, ids) : await upsertSome(ids)),
      );
    }
    return versions;
  }

  /**
   * Another process may send an older version of the same job after ours, or ours after its newer one. Whoever sent last looks
   * after that, sees what Postgres has, and sends again: so the newest wins.
   */
  async function upsertSome(ids: readonly string[], uid = indexUid): Promise<JobVersion[]> {
    const sent = new Map<string, number | null>();
    let behind: readonly string[] = ids;
    for (let round = 0; behind.length > 0 && round < MAX_ROUNDS; round += 1) {
      const edge = hotEdge();
      const found = await readIndexableJobs(db, behind);
      const hot = found
        .filter(({ job, isFolded }) => job.postedOn >= edge && !isFolded)
        .map(({ job }) => job);
      const hotIds = new Set(hot.map(({ id }) => id));
      const others = behind.filter((id) => !hotIds.has(id));
      await Promise.all([
        add(uid, hot),
        others.length > 0 ? done(index(uid).deleteDocuments(others.map(documentKey))) : undefined,
      ]);
      for (const id of behind) sent.set(id, null);
      for (const { job } of found) sent.set(job.id, job.version);
      const present = new Map((await readVersions(db, ids)).map(({ id, version }) => [id, version]));
      behind = ids.filter((id) => (present.get(id) ?? null) !== sent.get(id));
    }
    await notifyJobsChanged(db);
    return [...sent].flatMap(([id, version]) => (version === null ? [] : [{ id, version }]));
  }

  async function beginRebuild(): Promise<OpenedRebuild> {
    const { results } = await answered(client.getRawIndexes({ limit: MAX_INDEXES_LISTED }));
    for (const { uid } of results) {
      if (isRebuildOf(indexUid, uid)) await done(index(uid).delete());
    }
    const name = `${indexUid}_${toMillis(now())}`;
    await done(client.createIndex(name, { primaryKey: PRIMARY_KEY }));
    await done(index(name).updateSettings(INDEX_SETTINGS));
    return { name, jobs: await countJobsSince(db, hotEdge()) };
  }

  async function fillRebuild(name: string, afterId: string | null): Promise<RebuildStep> {
    // Documents for an index that is not there would make one without our settings.
    if ((await find(name)) === null) throw lostRebuild(name);
    const jobs = await readJobsAfter(db, { afterId, postedSince: hotEdge(), limit: REBUILD_BATCH_SIZE });
    await add(name, jobs);
    return { jobs: jobs.length, lastId: jobs.length < REBUILD_BATCH_SIZE ? null : (jobs.at(-1)?.id ?? null) };
  }

  /** Sees to it that an index has the jobs that changed since, or all, in their present version. Gives how many it looked at. */
  async function mend(
    uid: string,
    updatedSince: Timestamp | null,
    onProgress: (jobs: number) => void,
  ): Promise<{ seen: number; mended: number }> {
    const report = { seen: 0, mended: 0 };
    for (let afterId: string | null = null; ;) {
      const page = { afterId, postedSince: hotEdge(), updatedSince, limit: BATCH_SIZE };
      const wanted = await readVersionsAfter(db, page);
      const last = wanted.at(-1);
      if (!last) return report;
      const ids = wanted.map(({ id }) => id);
      const held = await readStamps(uid, ids);
      const stale = wanted.filter(({ id, version }) => held.get(id) !== documentStamp(version));
      const staleIds = stale.map(({ id }) => id);
      if (staleIds.length > 0) await upsertSome(staleIds, uid);
      report.mended += stale.length;
      report.seen += wanted.length;
      onProgress(report.seen);
      afterId = last.id;
    }
  }

  /**
   * What changed while the index was built went to the one that serves: it is brought over before readers come to the new one, and
   * what slipped through between directly after. May be repeated after it was cut off: the older of the two indexes is the
   * one to go.
   */
  async function finishRebuild(name: string): Promise<void> {
    const [built, serving] = await Promise.all([find(name), find(indexUid)]);
    if (!built) {
      if (serving) return;
      throw lostRebuild(name);
    }
    if (!isNewer(serving, built)) {
      const beganAt = now();
      await mend(name, changedSince(startOf(indexUid, name)), () => undefined);
      await seal(client, name);
      const stillServing = await find(indexUid);
      // An attempt that was given up for dead may have come this far: a second swap would undo its own.
      if (!isNewer(stillServing, built)) {
        await done(client.swapIndexes([{ indexes: [name, indexUid], rename: !stillServing }]));
        await notifyJobsChanged(db);
        await mend(indexUid, changedSince(beganAt), () => undefined);
      }
    }
    if (await find(name)) await done(index(name).delete());
  }

  async function check(): Promise<IndexState> {
    if ((await find(indexUid)) === null) return 'missing';
    const differing = differingSettings(await answered(index().getSettings()));
    if (Object.keys(differing).length > 0) await done(index().updateSettings(differing));
    const edge = hotEdge();
    await done(index().deleteDocuments({ filter: `posted_on < ${toMillis(edge)}` }));

    if (!(await isSealed(client, indexUid))) return 'behind';
    const off = await countOff(await countIndexed(db, edge));
    // Readers are kept from what lacks jobs; jobs too many do no harm, for they are not in Postgres.
    if (off === 'short') await unseal(client, indexUid);
    return off === null ? 'whole' : 'behind';
  }

  /** How the number of documents differs from that of jobs by more than what is under way. */
  async function countOff(expected: number): Promise<'short' | 'over' | null> {
    const { numberOfDocuments } = await answered(index().getStats());
    const tolerance = Math.max(COUNT_TOLERANCE, expected * RELATIVE_COUNT_TOLERANCE);
    if (Math.abs(numberOfDocuments - expected) <= tolerance) return null;
    return numberOfDocuments < expected ? 'short' : 'over';
  }

  async function compare(onProgress: (jobs: number) => void): Promise<number> {
    const { seen, mended } = await mend(indexUid, null, onProgress);
    const dropped = await dropStrangers(onProgress);
    // An index that was emptied in the middle of this is as short as before.
    if ((await countOff(seen)) !== 'short') await seal(client, indexUid);
    return mended + dropped;
  }

  /** What an index holds of these jobs. */
  async function readStamps(uid: string, ids: readonly string[]): Promise<Map<string, string>> {
    const { results } = await answered(
      index(uid).getDocuments({
        ids: ids.map(documentKey),
        // With a filter the client asks by POST: a thousand ids are too long for a URL.
        filter: 'sort_key EXISTS',
        fields: ['sort_key', 'stamp'],
        limit: ids.length,
      }),
    );
    return new Map(results.map((document) => [jobIdOf(document), document.stamp]));
  }

  /** Takes out documents whose job is no more, or folded into another. */
  async function dropStrangers(onProgress: (jobs: number) => void): Promise<number> {
    let dropped = 0;
    for (let offset = 0; ;) {
      const { results } = await answered(
        index().getDocuments({ fields: ['sort_key'], offset, limit: BATCH_SIZE }),
      );
      if (results.length === 0) return dropped;
      const ids = results.filter((document) => !isSeal(document)).map(jobIdOf);
      const known = await filterIndexable(db, ids);
      const strangers = ids.filter((id) => !known.has(id));
      await remove(strangers);
      dropped += strangers.length;
      offset += results.length - strangers.length;
      onProgress(offset);
    }
  }

  return { upsert, remove, beginRebuild, fillRebuild, finishRebuild, check, compare };
}

/** Whether the index that serves is already the one that was built: a swap takes the time of creation along. */
function isNewer(serving: { createdAt: number } | null, other: { createdAt: number }): boolean {
  return serving !== null && serving.createdAt >= other.createdAt;
}

/** From when on to look for what was stored since a time. */
function changedSince(time: Timestamp): Timestamp {
  return addMillis(time, -STORED_WITHIN_MS);
}

function lostRebuild(name: string): AppError {
  return new AppError(
    'conflict',
    `The index ${name} that was being built is gone: the rebuild must begin anew.`,
  );
}

/** When the rebuild that fills this index began: its name says so. */
function startOf(indexUid: string, name: string): Timestamp {
  return toTimestamp(Number(name.slice(indexUid.length + 1)));
}

function isRebuildOf(indexUid: string, uid: string): boolean {
  return uid.startsWith(`${indexUid}_`) && /^\d+$/.test(uid.slice(indexUid.length + 1));
}

function slices<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH_SIZE) }, (_, number) =>
    items.slice(number * BATCH_SIZE, (number + 1) * BATCH_SIZE),
  );
}
