import type { Db } from '../../db/connection';
import { deleteJob, insertJobs, readStoredJobs, updateJobs } from '../../db/jobs';
import { emptyContent } from '../../domain/job';
import { firstProvenance } from '../../domain/merge';
import type { StoredJob } from '../../domain/publishing';
import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { canonicalRecord, ingestRows } from '../support/ingest';
import { observation } from '../support/jobs';
import { changesAreFinal, Mirror } from '../support/mirror';

const YESTERDAY = addMillis(NOW, -DAY_MS);
const BEGINNING = addMillis(NOW, -30 * DAY_MS);

function storedJob(id: string): StoredJob {
  return {
    ...emptyContent(),
    id,
    title: 'version 1',
    postedOn: YESTERDAY,
    version: 1,
    lastVisitedAt: YESTERDAY,
    firstSeenAt: YESTERDAY,
    verifiedAt: YESTERDAY,
    updatedAt: YESTERDAY,
    searchableAt: null,
    flags: [],
    qualityScore: 1,
    isSample: false,
    provenance: firstProvenance(observation(YESTERDAY)),
    textBands: [],
    duplicateOf: null,
  };
}

/** Numbers from 0 to below `bound` that are the same in every run. */
function createDice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % bound;
  };
}

describe('a mirror that follows changes while others publish', () => {
  let api: TestApi;
  let key: string;

  beforeEach(async () => {
    api = await createTestApi();
    key = (await api.issueKey({ planId: 'enterprise' })).secret;
  });
  afterEach(() => api.drop());

  const mirrorOf = (limit: number) => new Mirror((path) => api.get(path, key), BEGINNING, limit);

  /** Asks again and again while the work goes on, and to the end once it is done. Returns how often. */
  const followDuring = async (mirror: Mirror, work: Promise<unknown>): Promise<number> => {
    const state = { isOver: false };
    const over = work.finally(() => (state.isOver = true));
    over.catch(() => undefined);
    let polls = 0;
    for (; !state.isOver; polls += 1) await mirror.poll();
    await over;
    await changesAreFinal(api.db);
    await mirror.poll();
    return polls;
  };

  const shownTitles = async (): Promise<string[]> => {
    const { rows } = await api.db.raw<{ rows: { shown: string }[] }>(
      `select id || ': ' || (content ->> 'title') as shown from jobs where duplicate_of is null`,
    );
    return rows.map(({ shown }) => shown).sort();
  };

  it('is told nothing behind a transaction that is still open, and all of it once it ends', async () => {
    const mirror = mirrorOf(10);
    await insertJobs(api.db, [storedJob('early')]);
    await changesAreFinal(api.db);
    await mirror.poll();
    const open = await api.db.transaction();
    try {
      await insertJobs(open, [storedJob('late')]);
      await insertJobs(api.db, [storedJob('between')]);
      await deleteJob(api.db, 'early');
      await mirror.poll();
      expect(mirror.titles()).toEqual(['early: version 1']);
    } finally {
      await open.commit();
    }
    await changesAreFinal(api.db);
    expect((await mirror.poll()).map(({ change, id }) => `${change} ${id}`)).toEqual([
      'created late',
      'created between',
      'removed early',
    ]);
    expect(mirror.titles()).toEqual(['between: version 1', 'late: version 1']);
  });

  it('keeps a job that an older transaction brings back after a newer one has deleted it', async () => {
    const mirror = mirrorOf(10);
    await insertJobs(api.db, [storedJob('job')]);
    await changesAreFinal(api.db);
    await mirror.poll();
    const older = await api.db.transaction();
    try {
      await older.raw('select pg_current_xact_id()');
      await deleteJob(api.db, 'job');
      await insertJobs(older, [storedJob('job')]);
    } finally {
      await older.commit();
    }
    await changesAreFinal(api.db);
    await mirror.poll();
    expect(mirror.titles()).toEqual(['job: version 1']);
  });

  it('misses nothing of transactions that end in another order than they began', async () => {
    const ids = Array.from({ length: 40 }, (_, number) => `job-${number + 10}`);
    const writers = Array.from({ length: 6 }, async (_, number) => {
      const dice = createDice(number + 1);
      for (let round = 0; round < 50; round += 1) {
        const begun = await api.db.transaction();
        // Its place in the order is taken here; what it writes comes later.
        await begun.raw('select pg_current_xact_id()');
        const chosen = [...new Set([1, 2, 3].map(() => ids[dice(ids.length)]!))].sort();
        for (const id of chosen) await changeSomehow(begun, id, dice);
        for (let turn = dice(4); turn > 0; turn -= 1) await begun.raw('select 1');
        await (dice(8) === 0 ? begun.rollback() : begun.commit());
      }
    });
    const mirror = mirrorOf(7);
    expect(await followDuring(mirror, Promise.all(writers))).toBeGreaterThan(5);
    expect(mirror.titles()).toEqual(await shownTitles());
    expect(mirror.titles().length).toBeGreaterThan(5);
    expect(await api.db('job_removals').pluck('job_id')).not.toEqual([]);
  });

  it('misses nothing of batches that several sources publish at once', async () => {
    const start = 2013625432109875200n;
    const sources = [1, 2, 3].map(async (source) => {
      const dice = createDice(source);
      for (let round = 0; round < 5; round += 1) {
        const seenAt = addMillis(NOW, round * 60_000);
        const records = Array.from({ length: 25 }, () => {
          const number = dice(60);
          return canonicalRecord({
            id: String(start + BigInt(number)),
            title: `Posting ${number} in round ${round} of ${source}`,
            // Each third of them reposts another one.
            description: `${'A booking page for a hotel by the sea, with a calendar and card payments. '.repeat(4)} ${number % 3 === 0 ? 'Again.' : `Number ${'x'.repeat(number)}.`}`,
            buyer: { country: 'PT', city: 'Faro', contract_date: '2021-04-02T00:00:00.000Z' },
            status: dice(5) === 0 ? 2 : 1,
            posted_on: addMillis(NOW, -(number + 1) * 3_600_000),
          });
        });
        await ingestRows(api.db, records, {
          sourceId: `source-${source}`,
          now: seenAt,
          seenAt,
          batchSize: 10,
        });
      }
    });
    const mirror = mirrorOf(9);
    expect(await followDuring(mirror, Promise.all(sources))).toBeGreaterThan(5);
    expect(mirror.titles()).toEqual(await shownTitles());
    expect(mirror.titles().length).toBeGreaterThan(10);
    const folded = await api.db('jobs').whereNotNull('duplicate_of').pluck('id');
    expect(folded).not.toEqual([]);
  });
});

/** Creates, updates, folds, unfolds or deletes the job, under a lock as publishing takes one. */
async function changeSomehow(db: Db, id: string, dice: (bound: number) => number): Promise<void> {
  await db.raw('select pg_advisory_xact_lock(hashtext(:id))', { id });
  const job = (await readStoredJobs(db, [id], { lock: true })).get(id);
  if (!job) {
    await insertJobs(db, [storedJob(id)]);
    return;
  }
  const version = job.version + 1;
  const next = { ...job, version, title: `version ${version}` };
  const kind = dice(6);
  if (kind === 0) await deleteJob(db, id);
  else if (kind === 1) await updateJobs(db, [{ ...next, duplicateOf: job.duplicateOf === null ? id : null }]);
  else await updateJobs(db, [next]);
}
