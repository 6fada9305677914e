import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { canonicalRecord } from '../support/ingest';
import { startProcesses, type TestProcesses } from '../support/processes';

const DEADLINE_MS = 60_000;
const POSTED_ON = '2026-01-20T12:00:00.000Z';

const posting = (number: number) =>
  canonicalRecord({
    id: String(2_013_625_432_100_000_000n + BigInt(number)),
    url: undefined,
    ciphertext: undefined,
    title: `Posting number ${number}`,
    description: `Whoever takes number${number} builds what number${number} says, and nothing else.`,
    posted_on: POSTED_ON,
  });

describe('two API processes and two workers over one Postgres', () => {
  let processes: TestProcesses;
  let temporal: Connection;
  let key: string;
  let token: string;

  beforeAll(async () => {
    processes = await startProcesses({ apis: 2, workers: 2 });
    temporal = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS });
    const account = ['account', 'create', '--email', 'a@example.com', '--plan', 'enterprise'];
    key = (await processes.runJson(...account)).api_key;
    token = (await processes.runJson('source', 'add', 'partner', '--kind', 'push')).source_token;
  });
  afterAll(async () => {
    await temporal.close();
    await processes.stop();
  });

  const push = async (api: number, jobs: unknown[], idempotencyKey?: string) => {
    const response = await fetch(`${processes.apiUrls[api]}/ingest/jobs`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
      },
      body: JSON.stringify({ jobs }),
    });
    return { status: response.status, body: (await response.json()) as { batch_id: string } };
  };
  const totals = () =>
    Promise.all(
      processes.apiUrls.map(async (url) => {
        const response = await fetch(`${url}/jobs?limit=1`, { headers: { 'X-API-KEY': key } });
        return ((await response.json()) as { total: number }).total;
      }),
    );
  /** Asks until the answer is the one that is waited for, or for a minute: gives the last. */
  const eventually = async (ask: () => Promise<number[]>, wanted: number) => {
    for (const deadline = Date.now() + DEADLINE_MS; ;) {
      const answers = await ask();
      if (answers.every((answer) => answer === wanted) || Date.now() > deadline) return answers;
    }
  };

  it('store once what both are sent under one idempotency key, and answer alike', async () => {
    const jobs = [posting(1), posting(2)];
    const answers = await Promise.all([0, 1, 0, 1].map((api) => push(api, jobs, 'one-and-the-same')));
    const stored = answers.filter(({ status }) => status === 202);
    expect(new Set(stored.map(({ body }) => body.batch_id)).size).toBe(1);
    // One that comes while the first is being taken in is told to come again.
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    expect(await eventually(totals, 2)).toEqual([2, 2]);
  });

  it('make one job of a posting that both take in at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        push(number % 2, [posting(100), posting(101 + Math.floor(number / 2))]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
    const { db } = processes.database;
    const waiting = async () => [
      Number((await db('batches').whereNull('published_at').count('* as count'))[0]?.count),
    ];
    expect(await eventually(waiting, 0)).toEqual([0]);
    expect(await eventually(totals, 13)).toEqual([13, 13]);
    const { rows } = await db.raw<{ rows: { outcome: string; rows: number }[] }>(
      `select outcome, count(*) as rows from posting_outcomes where job_id like '20136254321000001__'
       group by outcome order by outcome`,
    );
    expect(rows).toEqual([
      { outcome: 'accepted', rows: 11 },
      { outcome: 'unchanged', rows: 29 },
    ]);
  });

  it('bring a run to its end, each row counted once, when one of the workers is killed', async () => {
    const rows = 6_000;
    const file = join(processes.folder, 'postings.ndjson');
    writeFileSync(
      file,
      Array.from({ length: rows }, (_, number) => JSON.stringify(posting(10_000 + number))).join('\n'),
    );
    const ended = processes.runJson('ingest', file);
    const { db } = processes.database;
    const published = async () => [
      Number(
        (await db('batches').whereNotNull('published_at').count('* as count').where({ row_count: 2_000 }))[0]
          ?.count,
      ),
    ];
    await eventually(published, 1);
    const [killed] = processes.workers;
    killed?.kill('SIGKILL');
    if (killed) await once(killed, 'exit');
    expect(await ended).toMatchObject({ received: rows, accepted: rows, updated: 0, unchanged: 0 });
    expect(await eventually(totals, 13 + rows)).toEqual([13 + rows, 13 + rows]);
    expect(await workersThatTookPart()).toEqual(new Set(processes.workers.map(({ pid }) => pid)));
  });

  it('probe themselves from the beginning, and tell the same of the service', async () => {
    const minutes = await processes.database.db('probe_minutes').select('is_good');
    expect(minutes.length).toBeGreaterThanOrEqual(1);
    expect(minutes.filter(({ is_good: isGood }) => !isGood)).toEqual([]);
    const jobs = await Promise.all(
      processes.apiUrls.map(async (url) => {
        const { data } = (await (await fetch(`${url}/status`)).json()) as {
          data: { jobs_per_day: { jobs: number }[] };
        };
        return data.jobs_per_day.reduce((sum, day) => sum + day.jobs, 0);
      }),
    );
    expect(jobs).toEqual([6_013, 6_013]);
  });

  /** By the names that workers give themselves in histories: pid and host. */
  async function workersThatTookPart(): Promise<Set<number>> {
    const client = new Client({ connection: temporal });
    const pids = new Set<number>();
    const { rows } = await processes.database.db.raw<{ rows: { id: string }[] }>('select id from batches');
    for (const { id } of rows) {
      const { events } = await client.workflow.getHandle(`batch/${id}`).fetchHistory();
      for (const { activityTaskStartedEventAttributes: started } of events ?? []) {
        if (started?.identity) pids.add(Number.parseInt(started.identity, 10));
      }
    }
    return pids;
  }
});
