import supertest from 'supertest';
import { createMetrics } from '../../api/metrics';
import { createOperatorsApp } from '../../api/operators';
import { type PlatformParts, registerPlatformMetrics } from '../../api/platformMetrics';
import { connect } from '../../db/connection';
import { markIndexed } from '../../db/jobIndexState';
import { putSource, registerSource, setSourcePaused } from '../../db/sources';
import { addMillis, type Timestamp } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { startDatabaseProxy } from '../support/databaseProxy';
import { samplesIn } from '../support/metrics';

const ago = (seconds: number): Timestamp => addMillis(NOW, -seconds * 1_000);

describe('the metrics of the platform', () => {
  let api: TestApi;
  let now: Timestamp;

  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());
  beforeEach(async () => {
    await api.db.raw('truncate jobs, sources, quarantined_postings cascade');
    now = NOW;
  });

  /** What operators of a process of its own are told, each time. */
  function startProcess(parts: Partial<PlatformParts> = {}) {
    const metrics = createMetrics();
    registerPlatformMetrics(metrics.registry, {
      db: api.db,
      listener: { isCurrent: () => true },
      isTemporalUp: () => Promise.resolve(true),
      now: () => now,
      ...parts,
    });
    const app = createOperatorsApp({ metrics, logger: api.services.logger, now: () => now });
    return async () => samplesIn((await supertest(app).get('/metrics').expect(200)).text);
  }
  const scrape = (parts?: Partial<PlatformParts>) => startProcess(parts)();

  const addSource = (id: string) =>
    putSource(api.db, {
      id,
      kind: 'http',
      location: 'https://example.com/jobs',
      intervalSeconds: 300,
      mapping: null,
      options: {},
      now: NOW,
    });

  interface Stages {
    received: number;
    published?: number;
    indexed?: number;
    rows?: number;
  }

  /** Batches of a source, each by how many seconds ago it got how far. */
  async function saveBatches(sourceId: string, batches: Stages[]) {
    const runId = `run-${sourceId}`;
    await api.db('ingest_runs').insert({ id: runId, source_id: sourceId, location: 'memory' });
    await api.db('batches').insert(
      batches.map(({ received, published, indexed, rows = 10 }, sequence) => ({
        id: `${runId}-${sequence}`,
        run_id: runId,
        source_id: sourceId,
        sequence,
        row_count: rows,
        is_last: false,
        seen_at: ago(received),
        received_at: ago(received),
        published_at: published === undefined ? null : ago(published),
        indexed_at: indexed === undefined ? null : ago(indexed),
      })),
    );
  }

  it('tell by source what waits to be published, since when, and when something last was', async () => {
    await addSource('feed');
    await saveBatches('feed', [
      { received: 900, published: 800, indexed: 790 },
      { received: 700, published: 600, indexed: 590 },
      { received: 240 },
      { received: 120 },
      { received: 100, rows: 0 },
    ]);
    await addSource('new');
    expect(await scrape()).toMatchObject({
      postgres_up: 1,
      'batches_waiting{source="feed"}': 2,
      'batches_oldest_seconds{source="feed"}': 240,
      'ingestion_lag_seconds{source="feed"}': 600,
      'batches_waiting{source="new"}': 0,
      'batches_oldest_seconds{source="new"}': 0,
    });
    expect(await scrape()).not.toHaveProperty(['ingestion_lag_seconds{source="new"}']);
  });

  it('tell no lag of a source that is to bring nothing now, but what of it waits', async () => {
    await addSource('paused');
    await setSourcePaused(api.db, 'paused', true);
    await registerSource(api.db, { id: 'by-hand', kind: 'file', isSample: false });
    await registerSource(api.db, { id: 'done', kind: 'file', isSample: false });
    await saveBatches('paused', [{ received: 60, published: 50, indexed: 40 }]);
    await saveBatches('by-hand', [{ received: 60, published: 50, indexed: 40 }, { received: 30 }]);
    await saveBatches('done', [{ received: 60, published: 50, indexed: 40 }]);
    const samples = await scrape();
    expect(Object.keys(samples).filter((name) => name.startsWith('ingestion_lag'))).toEqual([]);
    expect(samples).toMatchObject({
      'batches_waiting{source="paused"}': 0,
      'batches_waiting{source="by-hand"}': 1,
    });
    expect(samples).not.toHaveProperty(['batches_waiting{source="done"}']);
  });

  it('name a hundred sources at most, those with most waiting', async () => {
    for (let n = 0; n < 101; n += 1)
      await registerSource(api.db, { id: `s-${n}`, kind: 'push', isSample: false });
    await api.db('sources').update({ added_at: NOW });
    await saveBatches('s-99', [{ received: 60 }]);
    const named = Object.keys(await scrape()).filter((name) => name.startsWith('batches_waiting{'));
    expect(named).toHaveLength(100);
    expect(named).toContain('batches_waiting{source="s-99"}');
  });

  it('tell what waits for the index, by batch and by job', async () => {
    await registerSource(api.db, { id: 'feed', kind: 'file', isSample: false });
    await saveBatches('feed', [
      { received: 900, published: 800, indexed: 790 },
      { received: 400, published: 300 },
      { received: 300, published: 200 },
    ]);
    for (const id of ['held', 'behind', 'missing']) await api.saveJob({ id });
    await markIndexed(
      api.db,
      ['held', 'behind'].map((id) => ({ id, version: 1 })),
      NOW,
    );
    await api.db('jobs').where({ id: 'behind' }).update({ version: 2 });
    expect(await scrape()).toMatchObject({
      index_batches_waiting: 2,
      index_oldest_seconds: 300,
      index_stale_jobs: 2,
    });
  });

  it('tell what waits for an operator', async () => {
    await registerSource(api.db, { id: 'feed', kind: 'file', isSample: false });
    await saveBatches('feed', [{ received: 60 }]);
    await api.db('quarantined_postings').insert(
      ['pending', 'pending', 'accepted'].map((state, row) => ({
        identity_kind: 'uid',
        identity_value: String(row),
        state,
        batch_id: 'run-feed-0',
        row_number: row,
        title: 'A title',
        rules: [],
        held_at: ago(100 * (row + 1)),
      })),
    );
    expect(await scrape()).toMatchObject({ quarantine_waiting: 2, quarantine_oldest_seconds: 200 });
  });

  it('are zero where nothing waits', async () => {
    expect(await scrape()).toMatchObject({
      quarantine_waiting: 0,
      quarantine_oldest_seconds: 0,
      index_batches_waiting: 0,
      index_oldest_seconds: 0,
      index_stale_jobs: 0,
    });
  });

  it.each([
    ['answers', () => Promise.resolve(true), 1],
    ['does not', () => Promise.resolve(false), 0],
    ['fails', () => Promise.reject(new Error('no route to host')), 0],
  ])('tell whether Temporal is there: it %s', async (_how, isTemporalUp, value) => {
    expect(await scrape({ isTemporalUp })).toMatchObject({ temporal_up: value });
  });

  it('tell whether this process hears what Postgres notifies', async () => {
    expect(await scrape({ listener: { isCurrent: () => false } })).toMatchObject({ listener_current: 0 });
    expect(await scrape()).toMatchObject({ listener_current: 1 });
  });

  it('tell what the response cache holds, where there is one', async () => {
    const responses = { use: () => ({ answers: 3, bytes: 4_096 }) };
    expect(await scrape({ responses })).toMatchObject({
      response_cache_answers: 3,
      response_cache_bytes: 4_096,
    });
    expect(await scrape()).not.toHaveProperty('response_cache_bytes');
  });

  it('tell how much of the pool is taken, and who waits', async () => {
    const db = connect({ databaseUrl: api.databaseUrl, poolSize: 2 });
    const [first, second] = [await db.transaction(), await db.transaction()];
    const third = db.raw('select 1').then(() => undefined);
    // Others wait behind it, the reading of what waits among them: it is not waited for.
    const samples = await scrape({ db });
    expect(samples).toMatchObject({
      'database_connections{state="used"}': 2,
      'database_connections{state="free"}': 0,
      database_connections_max: 2,
      postgres_up: 0,
    });
    expect(samples.database_connections_waiting).toBeGreaterThanOrEqual(1);
    await Promise.all([first.rollback(), second.rollback(), third]);
    await db.destroy();
  });

  it('leave out what only Postgres knows while it is away, tell the rest, and are whole again with it', async () => {
    const proxy = await startDatabaseProxy(api.databaseUrl);
    const db = connect({ databaseUrl: proxy.databaseUrl });
    const again = startProcess({ db });
    expect(await again()).toMatchObject({ postgres_up: 1, quarantine_waiting: 0 });
    await db.destroy();
    db.initialize();
    proxy.take(false);
    now = addMillis(NOW, 60_000);
    const without = await again();
    expect(without).toMatchObject({ postgres_up: 0, temporal_up: 1 });
    expect(without).toHaveProperty('process_cpu_seconds_total');
    expect(without).not.toHaveProperty('quarantine_waiting');
    proxy.take(true);
    expect(await again()).toMatchObject({ postgres_up: 1, quarantine_waiting: 0 });
    await db.destroy();
    await proxy.close();
  });

  it('do not wait for a connection that is dead, nor stay without Postgres because of it', async () => {
    const proxy = await startDatabaseProxy(api.databaseUrl);
    const db = connect({ databaseUrl: proxy.databaseUrl });
    const again = startProcess({ db });
    await again();
    proxy.holdBack();
    now = addMillis(NOW, 60_000);
    expect(await again()).toMatchObject({ postgres_up: 0, temporal_up: 1 });
    expect(await again()).toMatchObject({ postgres_up: 1 });
    await proxy.close();
    await db.destroy();
  });

  it('read the database once in ten seconds, however many scrape', async () => {
    let statements = 0;
    const count = () => (statements += 1);
    const again = startProcess();
    api.db.on('query', count);
    await Promise.all([again(), again(), again()]);
    const once = statements;
    now = addMillis(NOW, 10_000);
    await again();
    expect(statements).toBe(once);
    now = addMillis(NOW, 10_001);
    await again();
    api.db.removeListener('query', count);
    expect(statements).toBe(2 * once);
  });
});
