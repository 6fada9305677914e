import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { createAccount } from '../../db/accounts';
import { billingPeriodAt } from '../../domain/billingPeriod';
import type { Usage } from '../../domain/usage';
import { openJournal } from '../../api/metering/journal';
import { createUsageRecorder } from '../../api/metering/usageRecorder';
import { identify, isRunning } from '../../bin/stack/processes';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { limitedApi } from '../support/limits';

describe('usage', () => {
  let api: TestApi;
  let folder: string;

  beforeAll(async () => {
    api = await createTestApi();
    folder = mkdtempSync(join(tmpdir(), 'journal-'));
  });
  afterAll(async () => {
    await api.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function accountWithKey(planId = 'business', overrides: object = {}) {
    const accountId = crypto.randomUUID();
    await createAccount(api.db, { id: accountId, email: `${accountId}@example.com`, planId, now: NOW });
    await api
      .db('accounts')
      .where({ id: accountId })
      .update({ plan_overrides: JSON.stringify(overrides) });
    const key = await api.issueKey({ accountId });
    return { accountId, keyId: key.id, secret: key.secret };
  }

  function usageOf(owner: { accountId: string; keyId: string }, terms: Partial<Usage> = {}): Usage {
    const { startsAt, endsAt } = billingPeriodAt(NOW, NOW);
    return {
      at: NOW,
      requestId: crypto.randomUUID(),
      accountId: owner.accountId,
      keyId: owner.keyId,
      route: 'GET /jobs',
      status: 200,
      durationMs: 3,
      calls: 1,
      periodStartsAt: startsAt,
      periodEndsAt: endsAt,
      quota: 100,
      isBlocked: false,
      ...terms,
    };
  }

  const journalOf = (owner = identify(process.pid)) => {
    if (!owner) throw new Error('There is no such process.');
    return openJournal({ folder, processId: crypto.randomUUID(), identity: owner, isRunning });
  };
  const recorderOn = (journal = journalOf()) => {
    const { db, logger, now } = api.services;
    return createUsageRecorder({ db, journal, logger, now });
  };
  const hoursOf = (accountId: string) =>
    api.db('usage_hours').where({ account_id: accountId }).orderBy(['route', 'status_class']);
  const callsOf = async (accountId: string) => {
    const periods = await api.db('billing_periods').where({ account_id: accountId });
    return periods.map(({ calls_counted: calls }) => calls as number).at(0);
  };

  it('is kept by hour, key, route and status class, and request by request without addresses or values', async () => {
    const owner = await accountWithKey();
    const limited = limitedApi(api);
    const ask = (path: string) => supertest(limited.app).get(path).set('X-API-KEY', owner.secret);
    const first = await ask('/jobs?search=secretword');
    await ask('/jobs?search=secretword')
      .set('If-None-Match', first.get('ETag') ?? '')
      .expect(304);
    await ask('/jobs?limit=0').expect(400);
    await ask('/health').expect(200);
    await limited.stop();

    expect(await hoursOf(owner.accountId)).toMatchObject([
      { route: 'GET /health', status_class: 2, requests: 1, calls: 0, hour: NOW, key_id: owner.keyId },
      { route: 'GET /jobs', status_class: 2, requests: 1, calls: 1 },
      { route: 'GET /jobs', status_class: 3, requests: 1, calls: 0 },
      { route: 'GET /jobs', status_class: 4, requests: 1, calls: 1 },
    ]);
    const log = await api.db('request_log').where({ account_id: owner.accountId });
    expect(log.map(({ status }) => status as number).sort()).toEqual([200, 200, 304, 400]);
    expect(JSON.stringify(log)).not.toContain('secretword');
    expect(await api.db('api_key_uses').where({ key_id: owner.keyId })).toMatchObject([
      { last_used_at: NOW },
    ]);
    expect(await callsOf(owner.accountId)).toBe(2);
  });

  it('of a process that was killed is brought by a later one, once', async () => {
    const owner = await accountWithKey();
    const dead = { pid: 1, startTime: 'of a process that is gone' };
    const left = journalOf(dead);
    left.append({ id: crypto.randomUUID(), usages: [usageOf(owner), usageOf(owner)] });
    left.append({ id: crypto.randomUUID(), usages: [usageOf(owner)] });
    const [name = ''] = readdirSync(folder);
    const text = readFileSync(join(folder, name), 'utf8');

    const later = recorderOn();
    later.start();
    await later.close();
    // Killed once more between storing and removing: the file is there again.
    writeFileSync(join(folder, name), text);
    const latest = recorderOn();
    latest.start();
    await latest.close();

    expect(await callsOf(owner.accountId)).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that breaks off in the middle of a line is taken up to there', async () => {
    const owner = await accountWithKey();
    const left = journalOf({ pid: 1, startTime: 'of a process that is gone' });
    left.append({ id: crypto.randomUUID(), usages: [usageOf(owner)] });
    const [name = ''] = readdirSync(folder);
    writeFileSync(join(folder, name), '{"id":"half a line","usa', { flag: 'a' });

    const later = recorderOn();
    later.start();
    await later.close();

    expect(await callsOf(owner.accountId)).toBe(1);
  });

  it('of a process that runs is left to it', () => {
    const running = journalOf();
    expect(journalOf({ pid: 1, startTime: 'another' }).abandoned()).toEqual([]);
    running.close();
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  });

  it('is in the journal before it is in the database, and stays there while that is away', async () => {
    const owner = await accountWithKey();
    const { logger, now } = api.services;
    const journal = journalOf();
    const away = { transaction: () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' })) };
    const recorder = createUsageRecorder({ db: away as unknown as typeof api.db, journal, logger, now });
    recorder.record(usageOf(owner));
    await recorder.close();
    expect(readdirSync(folder)).toHaveLength(1);

    const [name = ''] = readdirSync(folder);
    const ownLine = JSON.stringify({ owner: { pid: 1, startTime: 'gone' } });
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(1);
    writeFileSync(join(folder, name), [ownLine, ...lines].join('\n'));
    const later = recorderOn();
    later.start();
    await later.close();

    expect(await callsOf(owner.accountId)).toBe(1);
  });

  it('goes on into a new file when its own was taken away', async () => {
    const owner = await accountWithKey();
    const journal = journalOf();
    journal.append({ id: crypto.randomUUID(), usages: [usageOf(owner)] });
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    journal.append({ id: crypto.randomUUID(), usages: [usageOf(owner)] });
    const recorder = recorderOn(journal);
    await recorder.close();

    expect(await callsOf(owner.accountId)).toBe(2);
  });

  it('brings a notice at 50, 75, 90 and 100 % of the quota, once each a period', async () => {
    const owner = await accountWithKey();
    const store = async (calls: number) => {
      const recorder = recorderOn();
      for (let count = 0; count < calls; count += 1) recorder.record(usageOf(owner, { quota: 10 }));
      await recorder.close();
    };
    for (const calls of [4, 1, 2, 1, 1, 1, 5]) await store(calls);

    const events = await api.db('events').where({ account_id: owner.accountId }).orderBy('occurrence');
    const percents = events.map(({ data }) => (data as { threshold_percent: number }).threshold_percent);
    expect(percents.sort((left, right) => left - right)).toEqual([50, 75, 90, 100]);
    expect(events[0]).toMatchObject({
      type: 'usage.threshold',
      data: { quota: 10, period_ends_at: '2026-03-01T12:00:00.000Z' },
    });
  });

  it('of an account that is gone is dropped, and nothing else', async () => {
    const gone = await accountWithKey();
    const owner = await accountWithKey();
    await api.db('accounts').where({ id: gone.accountId }).delete();
    const recorder = recorderOn();
    recorder.record(usageOf(gone));
    recorder.record(usageOf(owner));
    await recorder.close();

    expect(await hoursOf(gone.accountId)).toEqual([]);
    expect(await callsOf(owner.accountId)).toBe(1);
  });

  it('of an export is one call for each thousand rows begun, reserved before the first byte', async () => {
    for (let number = 0; number < 3; number += 1) await api.saveJob({ id: `exported-${number}` });
    const owner = await accountWithKey('business', { monthly_calls: 1, overage_cents_per_call: null });
    const limited = limitedApi(api);
    const ask = () => supertest(limited.app).get('/jobs/export?format=ndjson').set('X-API-KEY', owner.secret);

    expect((await ask()).headers).toMatchObject({ 'x-export-calls': '1' });
    expect((await ask()).body).toMatchObject({ code: 'quota_exceeded' });
    await limited.stop();
    expect(await callsOf(owner.accountId)).toBe(1);
  });
});
