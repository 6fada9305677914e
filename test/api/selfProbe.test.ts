import supertest from 'supertest';
import { createSelfProbe, type SelfProbe } from '../../api/selfProbe';
import { connect, type Db } from '../../db/connection';
import { addMillis, MINUTE_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { startScriptedServer, type ScriptedAnswer } from '../support/scriptedServer';
import { listen } from '../support/server';
import { until } from '../support/until';

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';
const parts = (search: string) => JSON.stringify({ parts: { postgres: 'up', search } });

describe('the probe of the API', () => {
  let api: TestApi;
  let now: string;
  let warnings: Record<string, unknown>[];
  let probes: SelfProbe[];

  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());
  beforeEach(async () => {
    await api.db.raw('truncate probe_minutes');
    now = addMillis(NOW, 12_345);
    warnings = [];
    probes = [];
  });
  afterEach(() => Promise.all(probes.map((probe) => probe.stop())));

  function probeOf(address: string, db: Db = api.db): SelfProbe {
    const logger = { warn: (fields: object) => void warnings.push(fields as Record<string, unknown>) };
    const probe = createSelfProbe({ db, address, logger, now: () => now });
    probes.push(probe);
    return probe;
  }

  const minutes = () => api.db('probe_minutes').select('minute', 'is_good').orderBy('minute');

  it('finds the minute good when the API answers a search over HTTP', async () => {
    const server = await listen(api.app);
    await probeOf(server.url).probe();
    await server.close();
    expect(await minutes()).toEqual([{ minute: NOW, is_good: true }]);
    expect(warnings).toEqual([]);
  });

  it('finds it bad when searches fail, though Postgres answers', async () => {
    const failing = { ...api.services.search, search: () => Promise.reject(new Error('gone')) };
    const app = api.appWith({ search: failing });
    await supertest(app).get('/readyz').expect(200);
    const server = await listen(app);
    await probeOf(server.url).probe();
    await server.close();
    expect(await minutes()).toEqual([{ minute: NOW, is_good: false }]);
    expect(warnings).toMatchObject([{ fault: 'Searches are not answered.' }]);
  });

  it.each<[string, ScriptedAnswer]>([
    ['is refused', { status: 503, body: parts('up') }],
    ['is sent elsewhere', { status: 302, headers: { location: '/other' } }],
    ['gets something else', { body: '<html>' }],
    ['gets another document', { body: '{"success":true}' }],
  ])('finds it bad when it %s', async (_how, answer) => {
    const server = await startScriptedServer({ '/readyz': answer, '/other': { body: parts('up') } });
    await probeOf(server.origin).probe();
    await server.stop();
    expect(await minutes()).toEqual([{ minute: NOW, is_good: false }]);
    expect(warnings).toHaveLength(1);
  });

  it('finds it bad when nobody answers, and good when somebody does within the same minute', async () => {
    await probeOf(NOWHERE).probe();
    expect(await minutes()).toEqual([{ minute: NOW, is_good: false }]);
    const server = await startScriptedServer({
      '/readyz': [{ status: 500, body: '{}' }, { body: parts('up') }],
    });
    const probe = probeOf(server.origin);
    await probe.probe();
    await probe.probe();
    await server.stop();
    expect(await minutes()).toEqual([{ minute: NOW, is_good: true }]);
  });

  it('asks once for a minute that it found good, and anew for the next', async () => {
    const server = await startScriptedServer({ '/readyz': { body: parts('up') } });
    const probe = probeOf(server.origin);
    await probe.probe();
    await probe.probe();
    expect(server.requests).toHaveLength(1);
    now = addMillis(now, MINUTE_MS);
    await probe.probe();
    expect(server.requests).toHaveLength(2);
    await server.stop();
    expect(await minutes()).toHaveLength(2);
  });

  it('begins at once, and leaves a probe unsaid that the end of the process cuts short', async () => {
    const server = await startScriptedServer({ '/readyz': () => undefined });
    const probe = probeOf(server.origin);
    probe.start();
    await until(() => server.requests.length === 1);
    await probe.stop();
    await server.stop();
    expect(await minutes()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('leaves the minute out when Postgres is away, and goes on', async () => {
    const server = await startScriptedServer({ '/readyz': { body: parts('up') } });
    const nothing = connect({ databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
    await probeOf(server.origin, nothing).probe();
    await nothing.destroy();
    await server.stop();
    expect(await minutes()).toEqual([]);
    expect(warnings).toHaveLength(1);
  });
});
