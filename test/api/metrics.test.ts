import type { Express } from 'express';
import supertest from 'supertest';
import { createMetrics, type Metrics } from '../../api/metrics';
import { createOperatorsApp } from '../../api/operators';
import { AppError } from '../../domain/errors';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { createTestMeilisearch } from '../support/meilisearch';
import { samplesIn } from '../support/metrics';

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';

describe('the metrics', () => {
  let api: TestApi;
  let metrics: Metrics;
  let app: Express;
  let secret: string;

  beforeAll(async () => {
    api = await createTestApi();
    ({ secret } = await api.issueKey());
  });
  afterAll(() => api.drop());
  beforeEach(() => {
    metrics = createMetrics();
    app = api.appWith({ metrics, search: metrics.measured(api.services.search) });
  });

  const operators = () => createOperatorsApp({ metrics, logger: api.services.logger, now: () => NOW });
  const get = (path: string) => supertest(app).get(path).set('X-API-KEY', secret);
  /** Every sample, as `name{labels}` and its value. */
  const samples = async (): Promise<Record<string, number>> => {
    return samplesIn((await supertest(operators()).get('/metrics').expect(200)).text);
  };

  it('are served to operators in the text format of Prometheus, with those of the process', async () => {
    const { text, headers } = await supertest(operators()).get('/metrics').expect(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^process_cpu_seconds_total [\d.]+/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds [\d.e-]+/m);
    expect(text).toMatch(/^search_circuit_open 0$/m);
  });

  it('are not served to customers', async () => {
    await get('/metrics').expect(404);
    await get('/v1/metrics').expect(404);
  });

  it('share their port with nothing of the API', async () => {
    const { body } = await supertest(operators()).get('/jobs').expect(404);
    expect(body).toMatchObject({ success: false, code: 'not_found' });
  });

  it('count requests by route and status, whatever the address says', async () => {
    await get('/jobs?search=python').expect(200);
    await get('/v1/jobs?search=django').expect(200);
    await get('/jobs?limit=0').expect(400);
    await get('/jobs/unknown-1').expect(404);
    await get('/jobs/unknown-2').expect(404);
    await get('/nowhere').expect(404);
    const count = (labels: string) => `http_request_duration_seconds_count{${labels}}`;
    expect(await samples()).toMatchObject({
      [count('method="GET",route="/jobs",status="200"')]: 2,
      [count('method="GET",route="/jobs",status="400"')]: 1,
      [count('method="GET",route="/jobs/{id}",status="404"')]: 2,
      [count('method="GET",route="none",status="404"')]: 1,
    });
  });

  it('count searches by engine and outcome', async () => {
    await get('/jobs').expect(200);
    await get('/jobs?cursor=abc').expect(400);
    const failing = metrics.measured({
      ...api.services.search,
      search: () => Promise.reject(new AppError('unavailable', 'Gone.')),
    });
    await supertest(api.appWith({ search: failing }))
      .get('/jobs')
      .set('X-API-KEY', secret)
      .expect(503);
    expect(await samples()).toMatchObject({
      'search_duration_seconds_count{engine="postgres",outcome="answered"}': 1,
      'search_duration_seconds_count{engine="none",outcome="refused"}': 1,
      'search_duration_seconds_count{engine="none",outcome="failed"}': 1,
    });
  });

  it('tell that Postgres stands in for Meilisearch, why, and that the circuit is open', async () => {
    const { index } = createTestMeilisearch(api.db, {
      now: () => NOW,
      url: NOWHERE,
      observer: metrics.engineObserver,
    });
    app = api.appWith({ metrics, search: metrics.measured(index) });
    for (let call = 0; call < 3; call += 1) {
      const { headers } = await get('/jobs').expect(200);
      expect(headers['x-search-engine']).toBe('postgres');
    }
    expect(await samples()).toMatchObject({
      search_circuit_open: 1,
      'search_fallbacks_total{reason="unreachable"}': 1,
      'search_fallbacks_total{reason="circuit_open"}': 2,
      'search_duration_seconds_count{engine="postgres",outcome="answered"}': 3,
    });
  });
});
