import { MockActivityEnvironment } from '@temporalio/testing';
import { createIndexingActivities } from '../../activities/indexing';
import { createPublishingActivities } from '../../activities/publishing';
import type { Db } from '../../db/connection';
import { readJobHistory } from '../../db/jobHistory';
import { unmergeJob } from '../../db/jobUnmerge';
import { AppError } from '../../domain/errors';
import { provenanceOf } from '../../domain/merge';
import { createPostgresIndex } from '../../search/postgres';
import { createTestDatabase } from '../support/database';
import {
  canonicalRecord,
  createRun,
  ingestionActivities,
  ingestRows,
  recordRow,
  TEST_NOW,
  tellNobody,
} from '../support/ingest';

const UID = '2013625432109875200';
const OLDER_CIPHERTEXT = '~01bcd1a198c301aebc';
const EARLY = '2026-01-11T10:00:00.000Z';
const LATER = '2026-01-12T10:00:00.000Z';

let db: Db;
let drop: () => Promise<void>;

beforeEach(async () => {
  ({ db, drop } = await createTestDatabase());
});

afterEach(async () => {
  await drop();
});

const jobOf = async (id: string) => {
  const history = await readJobHistory(db, id);
  if (!history?.job) throw new Error(`no job ${id}`);
  return { ...history, job: history.job };
};

const countJobs = async () => Number((await db('jobs').count<{ count: number }[]>('* as count'))[0]?.count);

describe('publishing', () => {
  it('accepts a new posting and says where its fields came from', async () => {
    const report = await ingestRows(db, [canonicalRecord()], { seenAt: EARLY });
    expect(report).toMatchObject({ received: 1, accepted: 1 });
    const { job, verdicts, index } = await jobOf(UID);
    expect(job).toMatchObject({ id: UID, version: 1, title: 'Build a booking page', firstSeenAt: TEST_NOW });
    expect(provenanceOf(job.provenance, 'title')).toMatchObject({
      sourceId: 'feed',
      observedAt: EARLY,
      rowNumber: 1,
    });
    expect(verdicts).toMatchObject([{ outcome: 'accepted', mappingName: 'canonical' }]);
    expect(index).toMatchObject({ indexedVersion: 1 });
  });

  it('leaves everything as it is when the same rows come again', async () => {
    await ingestRows(db, [canonicalRecord()], { seenAt: EARLY });
    const before = await db('jobs').select('*');
    const report = await ingestRows(db, [canonicalRecord()], { seenAt: LATER });
    expect(report).toMatchObject({ received: 1, unchanged: 1, accepted: 0, updated: 0 });
    expect(await db('jobs').select('*')).toEqual(before);
    expect((await jobOf(UID)).sightings).toEqual({ feed: LATER });
  });

  it('updates a job by a newer posting and not by an older one', async () => {
    await ingestRows(db, [canonicalRecord()], { seenAt: LATER });
    const older = await ingestRows(db, [canonicalRecord({ title: 'An older title' })], { seenAt: EARLY });
    expect(older).toMatchObject({ unchanged: 1, updated: 0 });
    const newer = await ingestRows(db, [canonicalRecord({ title: 'A newer title' })], {
      seenAt: '2026-01-13T10:00:00Z',
    });
    expect(newer).toMatchObject({ unchanged: 0, updated: 1 });
    expect((await jobOf(UID)).job).toMatchObject({ title: 'A newer title', version: 2 });
  });

  it('drops a flag with the next row of the source that does not earn it', async () => {
    const flagsAfter = async (record: Record<string, unknown>, sourceId: string, seenAt: string) => {
      await ingestRows(db, [canonicalRecord(record)], { sourceId, seenAt });
      return (await jobOf(UID)).job.flags;
    };
    const broken = { renewed_on: 'the day before yesterday', title: 'Build a page' };
    expect(await flagsAfter(broken, 'feed', EARLY)).toContain('value_unparsed');
    expect(await flagsAfter({ title: 'Build a better page' }, 'other', LATER)).toContain('value_unparsed');
    expect(await flagsAfter({ title: 'Build the best page' }, 'feed', TEST_NOW)).not.toContain(
      'value_unparsed',
    );
  });

  it('does not let a sparse source blank a rich one', async () => {
    await ingestRows(db, [canonicalRecord()], { seenAt: EARLY, sourceId: 'rich' });
    const sparse = {
      id: UID,
      title: 'Build a booking page',
      posted_on: '2026-01-10T09:00:00.000Z',
      skills: [],
    };
    await ingestRows(
      db,
      [canonicalRecord({ ...sparse, budget: null, buyer: {}, category: null, job_type: null })],
      {
        seenAt: LATER,
        sourceId: 'sparse',
      },
    );
    const { job, sightings } = await jobOf(UID);
    expect(job).toMatchObject({
      budget: { amountMinor: 50_000, currency: 'USD' },
      buyerCountry: 'DE',
      skills: ['javascript', 'css'],
      version: 1,
    });
    expect(sightings).toEqual({ rich: EARLY, sparse: LATER });
  });

  it('makes one job of a posting that comes twice in a batch', async () => {
    const report = await ingestRows(db, [canonicalRecord(), canonicalRecord({ title: 'Retitled' })]);
    expect(report).toMatchObject({ received: 2, accepted: 1, unchanged: 1 });
    expect(await countJobs()).toBe(1);
  });

  it('gives every row an outcome, whatever its kind', async () => {
    const report = await ingestRows(db, [
      canonicalRecord(),
      canonicalRecord(),
      canonicalRecord({ id: '2013625432109875201', title: null }),
      { column: 'no shape we know' },
      { record: null, text: '{"id": "201', broken: 'Line 5 is no JSON.' },
      { id: '', title: ' ' },
    ]);
    expect(report).toEqual({
      received: 6,
      accepted: 1,
      updated: 0,
      unchanged: 1,
      duplicates: 0,
      quarantined: 0,
      rejected: 4,
      reasons: { mapping_missing: 1, row_empty: 1, row_malformed: 1, title_missing: 1 },
    });
  });

  it('does nothing more when a stage is run again after its end', async () => {
    const activities = ingestionActivities(db, [recordRow(canonicalRecord()), recordRow({ column: 'x' })]);
    const { runId } = await createRun(db);
    const { batchId } = await activities.receivePage(runId, 0);
    expect(await activities.receivePage(runId, 0)).toMatchObject({ batchId, rowCount: 2 });
    for (const stage of ['verifyBatch', 'screenBatch', 'publishBatch', 'indexBatch'] as const) {
      await activities[stage](batchId);
      await activities[stage](batchId);
    }
    expect(await activities.reportBatch(batchId)).toMatchObject({ received: 2, accepted: 1, rejected: 1 });
    expect((await jobOf(UID)).job.version).toBe(1);
  });

  it('decides one after the other when two sources bring the same new posting at once', async () => {
    const reports = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        ingestRows(db, [canonicalRecord()], { sourceId: `feed-${index}` }),
      ),
    );
    expect(reports.filter((report) => report.accepted === 1)).toHaveLength(1);
    expect(reports.filter((report) => report.unchanged === 1)).toHaveLength(5);
    expect(await countJobs()).toBe(1);
  });
});

describe('indexing a batch', () => {
  const indexing = (failure: Error, attempt: number) => {
    const search = { ...createPostgresIndex(db), upsert: () => Promise.reject(failure) };
    const { indexBatch } = createPublishingActivities({
      db,
      search,
      announce: tellNobody,
      wakeEndpoints: () => Promise.resolve(),
      now: () => TEST_NOW,
    });
    return new MockActivityEnvironment({ attempt }).run(indexBatch, 'any');
  };
  const away = new AppError('unavailable', 'Meilisearch is not available: connection refused');

  it('waits for an engine that is away, but not for ever', async () => {
    await expect(indexing(away, 7)).rejects.toThrow(away.message);
    expect(await indexing(away, 8)).toEqual({ indexed: 0, leftToRepair: away.message });
  });

  it('is made up for by the repair, which takes out what was merged away', async () => {
    const posting = canonicalRecord({ ciphertext: null });
    await ingestRows(db, [posting, canonicalRecord({ id: OLDER_CIPHERTEXT })], { seenAt: EARLY, now: EARLY });
    await ingestRows(db, [canonicalRecord({ ciphertext: OLDER_CIPHERTEXT })], { seenAt: LATER });
    await db('batches').update({ indexed_at: null });
    const removed: string[] = [];
    const remove = (ids: readonly string[]) => Promise.resolve(void removed.push(...ids));
    const search = { ...createPostgresIndex(db), remove };
    const { catchUpIndex } = createIndexingActivities({ db, search, now: () => TEST_NOW });
    await new MockActivityEnvironment().run(catchUpIndex);
    expect(removed).toHaveLength(1);
    expect(await db('jobs').whereIn('id', removed)).toEqual([]);
    expect(await db('batches').whereNull('indexed_at')).toEqual([]);
  });

  it('waits for Postgres as long as it takes', async () => {
    await expect(indexing(new Error('Connection terminated'), 50)).rejects.toThrow('Connection terminated');
  });
});

describe('a row that names two known jobs', () => {
  const byUid = () => canonicalRecord({ ciphertext: null });
  const byCiphertext = (fields = {}) => canonicalRecord({ id: OLDER_CIPHERTEXT, ...fields });
  const byBoth = () => canonicalRecord({ ciphertext: OLDER_CIPHERTEXT });

  it('merges them when their texts agree; the newer id stays an alias, and the merge can be taken back', async () => {
    await ingestRows(db, [byUid()], { seenAt: EARLY, now: EARLY });
    await ingestRows(db, [byCiphertext({ buyer: { country: 'DE', city: 'Bremen' } })], {
      seenAt: EARLY,
      now: LATER,
    });
    expect(await countJobs()).toBe(2);

    expect(await ingestRows(db, [byBoth()], { seenAt: LATER })).toMatchObject({ updated: 1 });
    expect(await countJobs()).toBe(1);
    expect((await jobOf(OLDER_CIPHERTEXT)).job).toMatchObject({ id: UID, buyerCity: 'Bremen' });

    expect(await unmergeJob(db, OLDER_CIPHERTEXT, TEST_NOW)).toEqual({ keptId: UID });
    expect(await countJobs()).toBe(2);
    expect((await jobOf(UID)).job.buyerCity).toBeNull();
    expect((await jobOf(OLDER_CIPHERTEXT)).job).toMatchObject({ id: OLDER_CIPHERTEXT, buyerCity: 'Bremen' });

    expect(await ingestRows(db, [byBoth()], { seenAt: TEST_NOW })).toMatchObject({ quarantined: 1 });
  });

  it('goes to quarantine when their texts differ', async () => {
    await ingestRows(db, [byUid()], { seenAt: EARLY });
    const other = {
      title: 'Translate a cookbook',
      description: 'Sixty recipes from Italian into plain English.',
    };
    await ingestRows(db, [byCiphertext(other)], { seenAt: EARLY });
    const report = await ingestRows(db, [byBoth()], { seenAt: LATER });
    expect(report).toMatchObject({ quarantined: 1, reasons: { identity_merge_doubtful: 1 } });
    expect(await countJobs()).toBe(2);
  });
});

describe('shifting to now', () => {
  it('moves all postings so that the newest is at the time given, and a repeat changes nothing', async () => {
    const rows = () => [
      canonicalRecord({ id: '2013625432109875200', posted_on: '2023-01-10T09:00:00.000Z' }),
      canonicalRecord({ id: '2013625432109875201', posted_on: '2023-01-09T09:00:00.000Z' }),
    ];
    const options = { shiftTo: TEST_NOW, seenAt: '2023-01-10T10:00:00.000Z' };
    await ingestRows(db, rows(), options);
    expect((await jobOf('2013625432109875200')).job.postedOn).toBe(TEST_NOW);
    expect((await jobOf('2013625432109875201')).job.postedOn).toBe('2026-01-19T12:00:00.000Z');
    const again = await ingestRows(db, rows(), { ...options, shiftTo: '2026-01-20T12:05:00.000Z' });
    expect(again).toMatchObject({ received: 2, unchanged: 2 });
  });
});
