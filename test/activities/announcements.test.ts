import { randomUUID } from 'node:crypto';
import { type Announce, createAnnouncer } from '../../activities/announcements';
import { createMatcher } from '../../activities/matcher';
import type { Db } from '../../db/connection';
import { addMillis, DAY_MS, HOUR_MS, MINUTE_MS, type Timestamp } from '../../domain/time';
import { createTestDatabase } from '../support/database';
import { canonicalRecord, ingestRows, TEST_NOW } from '../support/ingest';
import { addAccount, addEndpoint, readDeliveries } from '../support/webhooks';

let db: Db;
let drop: () => Promise<void>;
let announce: Announce;
let accountId: string;
let clock: Timestamp;

beforeAll(async () => {
  ({ db, drop } = await createTestDatabase());
  const matcher = createMatcher({ samplesForLiveKeys: false });
  announce = createAnnouncer({ matcher, alertMaxAgeMs: DAY_MS, clock: () => clock });
});
afterAll(() => drop());

beforeEach(async () => {
  await db.raw('truncate accounts, jobs, job_identities, webhook_payloads cascade');
  accountId = await addAccount(db, 'business', TEST_NOW);
});

async function save(name: string, filter: object): Promise<string> {
  const id = randomUUID();
  await db('saved_searches').insert({
    id,
    account_id: accountId,
    name,
    parameters: {},
    filter,
    created_at: TEST_NOW,
    updated_at: TEST_NOW,
  });
  return id;
}

/** The ids of postings, by a number; each names a moment at Upwork. */
const uid = (number: number) => String(2013625432109875200n + BigInt(number));

let source = 0;

/** Publishes postings that were posted an hour before, as a source of their own brings them at that time. */
async function publish(records: Record<string, unknown>[], now: Timestamp = TEST_NOW): Promise<void> {
  source += 1;
  clock = now;
  await ingestRows(
    db,
    records.map((record) => canonicalRecord({ posted_on: addMillis(TEST_NOW, -HOUR_MS), ...record })),
    { sourceId: `source-${source}`, now, seenAt: now, announce },
  );
}

const python = (fields: Record<string, unknown> = {}) => ({
  id: uid(1),
  title: 'Python developer for reports',
  description: 'Somebody who writes Python well and likes reports that are right.',
  ...fields,
});

const told = async (endpointId: string) =>
  (await readDeliveries(db, endpointId)).map(({ type, job_id, details }) => [type, job_id, details]);

it('tells an endpoint once of a job that matches, naming every saved search that it matches', async () => {
  const { id } = await addEndpoint(db, { accountId, now: TEST_NOW });
  const first = await save('Python', { search: { kind: 'word', token: 'python' } });
  const second = await save('Fixed', { jobTypes: [2] });
  await save('Go', { search: { kind: 'word', token: 'golang' } });
  await publish([
    python(),
    { id: uid(2), title: 'A logo', description: 'We need a logo for our shop, soon.', job_type: 1 },
  ]);
  expect(await told(id)).toEqual([
    [
      'job.matched',
      uid(1),
      {
        saved_searches: [
          { id: first, name: 'Python' },
          { id: second, name: 'Fixed' },
        ],
      },
    ],
  ]);
  const [body] = await db('webhook_payloads').pluck<string[]>('body');
  expect(JSON.parse(body!)).toMatchObject({ id: uid(1), title: 'Python developer for reports' });
});

it('stores what it tells once, however many endpoints hear of it', async () => {
  const endpoints = await Promise.all([1, 2, 3].map(() => addEndpoint(db, { accountId, now: TEST_NOW })));
  await save('Python', { search: { kind: 'word', token: 'python' } });
  await publish([python()]);
  for (const { id } of endpoints) expect(await told(id)).toHaveLength(1);
  expect(await db('webhook_payloads').pluck('job_id')).toEqual([uid(1)]);
});

it('tells nobody twice that a job matches, and tells of it when an update first makes it match', async () => {
  const { id } = await addEndpoint(db, { accountId, events: ['job.matched'], now: TEST_NOW });
  await save('Rust', { search: { kind: 'word', token: 'rust' } });
  await publish([python()]);
  expect(await told(id)).toEqual([]);
  await publish([python({ title: 'Rust developer for reports' })], addMillis(TEST_NOW, MINUTE_MS));
  await publish([python({ title: 'Rust developer for many reports' })], addMillis(TEST_NOW, 2 * MINUTE_MS));
  expect((await told(id)).map(([type]) => type)).toEqual(['job.matched']);
});

it('floods nobody with what was posted more than a day ago, and tells of no closed job', async () => {
  const { id } = await addEndpoint(db, { accountId, now: TEST_NOW });
  await save('Python', { search: { kind: 'word', token: 'python' } });
  await publish([
    python({ id: uid(1), posted_on: addMillis(TEST_NOW, -DAY_MS - 1_000) }),
    python({ id: uid(2), title: 'Python for a closed job', status: 2 }),
  ]);
  expect(await told(id)).toEqual([]);
});

it('tells those who were told of a job that it has changed, at most once an hour, and then of the latest', async () => {
  const { id } = await addEndpoint(db, { accountId, now: TEST_NOW });
  await save('Python', { search: { kind: 'word', token: 'python' } });
  await publish([python()]);
  const budgets = [600, 700, 800];
  for (const [index, amount] of budgets.entries()) {
    const at = addMillis(TEST_NOW, (index + 1) * 10 * MINUTE_MS);
    await publish([python({ budget: { fixed_amount: amount, currency: 'USD' } })], at);
    if (index === 0) await db('webhook_deliveries').update({ status: 'delivered', due_at: null });
  }
  await publish(
    [python({ title: 'Python developer for charts', budget: { fixed_amount: 800, currency: 'USD' } })],
    addMillis(TEST_NOW, 50 * MINUTE_MS),
  );
  const updates = (await readDeliveries(db, id)).filter(({ type }) => type === 'job.updated');
  expect(updates.map(({ details, due_at }) => [details.changed_fields, due_at])).toEqual([
    [['budget'], null],
    [['budget', 'title'], addMillis(TEST_NOW, 70 * MINUTE_MS)],
  ]);
  const { rows } = await db.raw<{ rows: { body: string }[] }>(
    `select p.body from webhook_deliveries d join webhook_payloads p on p.id = d.payload_id
     where d.endpoint_id = ? and d.type = 'job.updated' order by d.sequence`,
    [id],
  );
  expect(
    rows.map(({ body }) => (JSON.parse(body) as { budget: { fixed_amount: number } }).budget.fixed_amount),
  ).toEqual([600, 800]);
});

it('tells those who were told of a job that it is closed, and nobody else', async () => {
  const { id } = await addEndpoint(db, { accountId, now: TEST_NOW });
  const other = await addEndpoint(db, { accountId, events: ['job.closed'], now: TEST_NOW });
  await save('Python', { search: { kind: 'word', token: 'python' } });
  await publish([python()]);
  await publish([python({ status: 2 })], addMillis(TEST_NOW, MINUTE_MS));
  expect((await told(id)).map(([type]) => type)).toEqual(['job.matched', 'job.closed']);
  expect(await told(other.id)).toEqual([]);
});

it('hears of saved searches, endpoints and plans that were changed a moment before', async () => {
  const { id } = await addEndpoint(db, { accountId, now: TEST_NOW });
  await publish([python({ id: uid(1) })]);
  const search = await save('Python', { search: { kind: 'word', token: 'python' } });
  await publish([python({ id: uid(2), title: 'Python developer for invoices' })]);
  await db('saved_searches')
    .where({ id: search })
    .update({ filter: { search: { kind: 'word', token: 'rust' } } });
  await publish([python({ id: uid(3), title: 'Python developer for letters' })]);
  await db('webhook_endpoints').where({ id }).update({ disabled_at: TEST_NOW, disabled_reason: 'owner' });
  await publish([python({ id: uid(4), title: 'Rust developer for letters' })]);
  await db('webhook_endpoints').where({ id }).update({ disabled_at: null, disabled_reason: null });
  await publish([python({ id: uid(5), title: 'Rust developer for tables' })]);
  await db('saved_searches').where({ id: search }).delete();
  await publish([python({ id: uid(6), title: 'Rust developer for charts' })]);
  expect((await told(id)).map(([, jobId]) => jobId)).toEqual([uid(2), uid(5)]);
});

it('lets an endpoint that names saved searches hear of these alone', async () => {
  const mine = await save('Python', { search: { kind: 'word', token: 'python' } });
  await save('Reports', { search: { kind: 'word', token: 'report' } });
  const { id } = await addEndpoint(db, { accountId, savedSearchIds: [mine], now: TEST_NOW });
  await publish([python()]);
  expect(await told(id)).toEqual([
    ['job.matched', uid(1), { saved_searches: [{ id: mine, name: 'Python' }] }],
  ]);
});

it('puts what several publish at the same time in one order, that of their commits', async () => {
  const { id } = await addEndpoint(db, { accountId, now: TEST_NOW });
  await save('Python', { search: { kind: 'word', token: 'python' } });
  let reads = 0;
  const counting = createAnnouncer({
    matcher: createMatcher({ samplesForLiveKeys: false }),
    alertMaxAgeMs: DAY_MS,
    clock: () => addMillis(TEST_NOW, (reads += 1)),
  });
  const publications = Array.from({ length: 8 }, async (_, number) => {
    const records = [1, 2].map((part) =>
      canonicalRecord({
        ...python({ id: uid(10 * number + part), title: `Python ${number} of ${part} kinds` }),
        posted_on: TEST_NOW,
      }),
    );
    await ingestRows(db, records, { sourceId: `beside-${number}`, announce: counting });
  });
  await Promise.all(publications);
  const inOrderOfSequence = await db('webhook_deliveries')
    .where({ endpoint_id: id })
    .orderBy('sequence')
    .pluck('id');
  const inOrderOfSending = await db('webhook_deliveries')
    .where({ endpoint_id: id })
    .orderBy(['due_at', 'sequence'])
    .pluck('id');
  expect(inOrderOfSequence).toHaveLength(16);
  expect(inOrderOfSending).toEqual(inOrderOfSequence);
});

it('tells of events of the account in the transaction that they happen in', async () => {
  const { id } = await addEndpoint(db, { accountId, events: ['usage.threshold'], now: TEST_NOW });
  const other = await addEndpoint(db, { accountId, events: ['job.matched'], now: TEST_NOW });
  await db('events').insert({
    id: randomUUID(),
    account_id: accountId,
    type: 'usage.threshold',
    occurrence: 'one',
    occurred_at: TEST_NOW,
    data: { threshold_percent: 50 },
  });
  expect(await readDeliveries(db, id)).toMatchObject([
    {
      type: 'usage.threshold',
      status: 'pending',
      event_id: expect.stringMatching(/^evt_[0-9a-f]{32}$/) as string,
    },
  ]);
  expect(await readDeliveries(db, other.id)).toEqual([]);
});
