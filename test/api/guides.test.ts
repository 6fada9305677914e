import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import supertest from 'supertest';
import { listPlans } from '../../db/plans';
import { MAX_USAGE_DAYS } from '../../domain/accountUsage';
import { API_KEY_SCOPES } from '../../domain/apiKey';
import {
  DEFAULT_OVERLAP_HOURS,
  MAX_ALLOWED_NETWORKS,
  MAX_KEY_NAME_LENGTH,
  MAX_KEYS_IN_EFFECT,
  MAX_KEYS_MADE_IN_A_DAY,
  MAX_OVERLAP_HOURS,
} from '../../domain/apiKeyTerms';
import { ERROR_STATUS } from '../../domain/errors';
import { SAVED_SEARCH_PAGE_ROWS } from '../../domain/jobFilter';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../domain/jobFilter/filter';
import type { Plan } from '../../domain/plan';
import { MAX_SAVED_SEARCH_NAME_LENGTH, MAX_SAVED_SEARCHES } from '../../domain/savedSearch';
import { MAX_COUNTED_ALONE } from '../../search/postgresTotal';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { keyHolder } from '../support/keys';
import { canRun, run, type Language } from '../support/programs';
import { listen, type TestServer } from '../support/server';

const read = (name: string): string => readFileSync(resolve(__dirname, '../../docs', name), 'utf8');
const LANGUAGES: Readonly<Record<string, Language>> = {
  sh: 'bash',
  js: 'javascript',
  python: 'python',
  php: 'php',
};

interface KeyAnswer {
  success: boolean;
  data: object;
}

interface SearchAnswer extends KeyAnswer {
  count: number;
}

interface Example {
  language: Language;
  code: string;
}

function examplesIn(page: string): Example[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, mark = '', code = '']) => {
    const language = LANGUAGES[mark];
    return language ? [{ language, code }] : [];
  });
}

/** The cells of the rows of every table on the page, code marks taken off. */
function rowsIn(page: string): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

describe("the customers' guides", () => {
  let api: TestApi;
  let server: TestServer;
  let environment: { API: string; API_KEY: string };
  let secret: string;

  beforeAll(async () => {
    api = await createTestApi();
    for (let n = 0; n < 60; n += 1) {
      await api.saveJob({
        id: `18800000000000000${String(n).padStart(2, '0')}`,
        title: `Scrape shop ${n} with Python`,
        jobType: 1,
        hourlyBudget: { minMinor: 2_000, maxMinor: 4_000, currency: 'USD' },
        buyerCountry: 'GB',
      });
    }
    server = await listen(api.app);
    ({ secret } = await api.issueKey());
    environment = { API: server.url, API_KEY: secret };
  });
  afterAll(async () => {
    await server.close();
    await api.drop();
  });

  describe('getting-started.md', () => {
    const page = read('getting-started.md');

    it('shows code that runs, in every language', async () => {
      const printed: [Language, string][] = [];
      for (const { language, code } of examplesIn(page)) {
        // A machine need not have every language.
        if (canRun(language)) printed.push([language, await run(language, code, environment)]);
      }
      const shell = printed.filter(([language]) => language === 'bash').map(([, output]) => output);
      expect(shell.map(summaryOf)).toEqual([
        'success, 3',
        'invalid_parameter: serch, limit',
        'success, 20',
        'success, 5',
        'success, 1',
        '304',
      ]);
      for (const [language, output] of printed) {
        if (language === 'javascript' || language === 'php') expect(output).toMatch(/^60 .*Scrape shop/s);
      }
      const python = printed.filter(([language]) => language === 'python').map(([, output]) => output);
      if (python.length > 0)
        expect(python).toEqual([expect.stringMatching(/^60 .*Scrape shop/), '60 jobs\n']);
    });
  });

  describe('filtering.md', () => {
    it('shows requests that are answered', async () => {
      const { secret: professional } = await api.issueKey({ planId: 'professional' });
      const requests = [...read('filtering.md').matchAll(/^GET (\/jobs\?.+)$/gm)].map(
        ([, path = '']) => path,
      );
      expect(requests.length).toBeGreaterThan(5);
      for (const path of requests) {
        // What is encoded already stays as it is.
        const { status, body } = await api.get(encodeURI(path).replaceAll('%25', '%'), professional);
        expect([path, status, body.errors]).toEqual([path, 200, undefined]);
      }
    });
  });

  describe('errors.md', () => {
    const page = read('errors.md');

    it('has every code with its status, and no other', () => {
      const told = rowsIn(page)
        .slice(1)
        .map(([code, status]) => [code, Number(status)]);
      expect(told).toEqual(Object.entries(ERROR_STATUS));
    });

    it('shows an answer as it is given', async () => {
      const [, shown = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
      const { body } = await api.get('/jobs?limt=5', secret);
      const { last_updated, request_id } = JSON.parse(shown) as Record<string, unknown>;
      expect(JSON.parse(shown)).toEqual({ ...body, last_updated, request_id });
    });

    it('shows requests that fail as it says', async () => {
      const outputs: string[] = [];
      for (const { language, code } of examplesIn(page)) outputs.push(await run(language, code, environment));
      expect(outputs.map(summaryOf)).toEqual([
        'invalid_parameter: serch, country, limit',
        'invalid_api_key: ',
      ]);
    });
  });

  describe('account.md', () => {
    it('shows requests that are answered as it says', async () => {
      const { id, secret: own } = await api.issueKey({ scopes: ['account:read', 'account:write'] });
      const { account_id: accountId } = await api.db('api_keys').where({ id }).first('account_id');
      const folder = mkdtempSync(join(tmpdir(), 'account-guide-'));
      const outputs: string[] = [];
      for (const { language, code } of examplesIn(read('account.md'))) {
        const inFolder = `cd ${folder}\n${code}`;
        const settings = { ...environment, API_KEY: own, EMAIL: `${accountId}@example.com` };
        outputs.push(await run(language, inFolder, settings));
      }
      rmSync(folder, { recursive: true });
      expect(outputs.slice(0, 4).map(summaryOf)).toEqual([
        'success, 1',
        'success, 1',
        'success, 0',
        'success, 0',
      ]);
      expect(outputs[4]).toBe('{"exported_at"');
      expect(JSON.parse(outputs[5]!)).toMatchObject({ success: true, data: { state: 'under_way' } });
      await api.get('/account', own).expect(401);
    });

    it('tells the bounds that there are', () => {
      const page = read('account.md');
      const { hour, day, month } = MAX_USAGE_DAYS;
      expect(page).toContain(
        `By the hour a span has at most ${hour} days, by the day ${day}, by the month ${month.toLocaleString('en')}.`,
      );
    });
  });

  describe('keys.md', () => {
    const page = read('keys.md');

    it('shows requests that do as it says', async () => {
      const holder = await keyHolder(api, 'professional');
      // Listed before the key that asks: the requests take the first for the one they are about.
      await api.db('api_keys').where({ id: holder.id }).update({ created_at: '2026-01-01T00:00:00.000Z' });
      const outputs: KeyAnswer[] = [];
      for (const { language, code } of examplesIn(page)) {
        const output = await run(language, code, { ...environment, API_KEY: holder.secret });
        outputs.push(JSON.parse(output) as KeyAnswer);
      }
      expect(outputs.map(({ success }) => success)).toEqual([true, true, true, true, true]);
      const [made, listed, changed, replaced, ended] = outputs.map(({ data }) => data);
      expect(made).toMatchObject({ name: 'nightly import', secret: expect.stringMatching(/^uj_live_/) });
      expect(listed).toHaveLength(2);
      expect(changed).toMatchObject({ name: 'import', allowed_ips: [] });
      expect(replaced).toMatchObject({ replaces: { status: 'active' } });
      expect(ended).toMatchObject({ status: 'revoked' });
    });

    it('tells every scope, and every member of a new key', () => {
      const told = rowsIn(page).map(([name]) => name);
      expect(told).toEqual(
        expect.arrayContaining([
          ...API_KEY_SCOPES,
          ...['name', 'kind', 'scopes', 'expires_at'],
          ...['allowed_ips', 'requests_per_minute', 'monthly_calls'],
        ]),
      );
    });

    it('tells the bounds that hold', () => {
      expect(page).toContain(`up to ${MAX_KEYS_IN_EFFECT} keys that work`);
      expect(page).toContain(`up to ${MAX_KEYS_MADE_IN_A_DAY} within 24 hours`);
      expect(page).toContain(`up to ${MAX_KEY_NAME_LENGTH} characters`);
      expect(page).toContain(`up to ${MAX_ALLOWED_NETWORKS} addresses`);
      expect(page).toContain(`${DEFAULT_OVERLAP_HOURS} unless given and up to ${MAX_OVERLAP_HOURS}`);
    });
  });

  describe('webhooks.md', () => {
    const page = read('webhooks.md');

    it('shows how an endpoint is made, which is answered with its secret', async () => {
      const { secret: key } = await keyHolder(api, 'business');
      const [example] = examplesIn(page).filter(({ language }) => language === 'bash');
      const printed = await run('bash', example!.code, { ...environment, API_KEY: key });
      expect(JSON.parse(printed)).toMatchObject({
        success: true,
        data: {
          events: ['job.matched', 'job.closed'],
          secret: expect.stringMatching(/^whsec_/) as string,
        },
      });
    });

    it('names the members that an endpoint is made of, and every type of event', async () => {
      const { secret: key } = await keyHolder(api, 'business');
      const members = rowsIn(page).map(([first]) => first ?? '');
      for (const member of [
        'url',
        'events',
        'saved_search_ids',
        'format',
        'headers',
        'max_in_flight',
        'rate_limit',
      ])
        expect(members).toContain(member);
      const { body } = await api.get('/webhooks/events', key).expect(200);
      const types = (body as { data: { type: string }[] }).data.map(({ type }) => type);
      expect(types.filter((type) => !members.includes(type))).toEqual([]);
    });
  });

  describe('saved-searches.md', () => {
    const page = read('saved-searches.md');

    it('shows requests that do as it says', async () => {
      const holder = await keyHolder(api, 'professional');
      const outputs: SearchAnswer[] = [];
      for (const { language, code } of examplesIn(page)) {
        const output = await run(language, code, { ...environment, API_KEY: holder.secret });
        outputs.push(JSON.parse(output) as SearchAnswer);
      }
      expect(outputs.map(({ success }) => success)).toEqual([true, true, true, true, true, true]);
      const [tried, saved, found, listed, changed, deleted] = outputs;
      expect(tried!.data).toMatchObject({ days: 7, total: 60, examples: [{}, {}, {}, {}, {}] });
      expect(saved!.data).toMatchObject({ filter: { posted_after: '-7d' } });
      expect(found).toMatchObject({ count: 5, total: 60 });
      expect(listed!.data).toEqual([saved!.data]);
      expect(changed!.data).toMatchObject({ filter: { search: 'django' } });
      expect(deleted!.data).toEqual(changed!.data);
    });

    it('tells the bounds that hold', () => {
      expect(page).toContain(`${MAX_SAVED_SEARCHES.toLocaleString('en')} is the most`);
      expect(page).toContain(`up to ${MAX_SAVED_SEARCH_NAME_LENGTH} characters`);
    });

    it('tells all that is refused in a filter, and taken with the jobs', () => {
      for (const { name } of SAVED_SEARCH_PAGE_ROWS) {
        if (name !== 'exact') expect(page.split(`\`${name}\``).length).toBe(3);
      }
    });
  });

  describe('limits.md', () => {
    const page = read('limits.md');
    const rows = rowsIn(page);

    it('tells the terms of the plans in force', async () => {
      const plans = await listPlans(api.db, NOW);
      expect(rows[0]).toEqual(['', ...plans.map(({ name }) => name)]);
      for (const [term, tell] of Object.entries(TERMS)) {
        const row = rows.find(([name]) => name === term);
        expect(row).toEqual([term, ...plans.map(tell)]);
      }
    });

    it('leaves no term of the plans untested', () => {
      const told = rows
        .slice(
          1,
          rows.findIndex(([name]) => name === 'header'),
        )
        .map(([name]) => name);
      expect(told).toEqual(Object.keys(TERMS));
    });

    it('tells of every header that answers to a key have', async () => {
      const { headers } = (await api.get('/openapi.json')).body.paths['/jobs'].get.responses['200'];
      const limitHeaders = Object.keys(headers).filter((name) => /limit|quota/i.test(name));
      for (const name of limitHeaders) expect(page).toContain(`\`${name}\``);
      expect(limitHeaders.length).toBeGreaterThan(8);
    });

    it('tells bounds up to which requests are taken, and not beyond', async () => {
      const bounds = rows.slice(rows.findIndex(([name]) => name === 'what') + 1);
      expect(bounds.map(([name]) => name)).toEqual(Object.keys(probes));
      for (const [name = '', told = ''] of bounds) {
        const bound = Number(told.replaceAll(',', ''));
        const outcomes = [await probes[name]!(bound), await probes[name]!(bound + 1)];
        expect([name, ...outcomes]).toEqual([name, 'taken', 'refused']);
      }
    });

    it('tells what is no refusal, too', () => {
      expect(page).toContain(`A \`limit\` above ${MAX_LIMIT} is taken as ${MAX_LIMIT}`);
      expect(page).toContain(`without one there are ${DEFAULT_LIMIT} jobs`);
      expect(page).toContain(`counts up to ${MAX_COUNTED_ALONE.toLocaleString('en')}`);
    });
  });

  /** Sends a request that goes to the bound; by the words of the page. */
  const probes: Readonly<Record<string, (size: number) => Promise<'taken' | 'refused'>>> = {
    'limit: jobs in an answer': async (size) => {
      const { body } = await api.get(`/jobs?limit=${size}`, secret);
      return body.count === size ? 'taken' : 'refused';
    },
    'offset: jobs skipped': (size) => ask(`limit=1&offset=${size}`),
    'characters in search': (size) => ask(`search=${'a'.repeat(size)}`),
    'terms in search': (size) => ask(`search=${Array.from({ length: size }, (_, n) => `w${n}`).join('+')}`),
    'groups in groups in search': (size) => ask(`search=${'('.repeat(size)}python${')'.repeat(size)}`),
    'values in a list': (size) => ask(`skills=${Array.from({ length: size }, (_, n) => n).join(',')}`),
    'jobs in ids, and in exclude_ids': async (size) => {
      const ids = Array.from({ length: size }, (_, n) => n + 1).join(',');
      const both = [await ask(`ids=${ids}`), await ask(`exclude_ids=${ids}`)];
      expect(both[0]).toBe(both[1]);
      return both[0]!;
    },
    'characters in the id of GET /jobs/{id}': async (size) =>
      outcome((await api.get(`/jobs/${'a'.repeat(size)}`, secret)).status === 404),
    'bytes in the body of POST /jobs/search': async (size) => {
      const request = supertest(api.app).post('/jobs/search').set('X-API-KEY', secret).type('json');
      return outcome((await request.send('{"limit":1}'.padEnd(size))).status === 200);
    },
    'postings in POST /ingest/jobs': (size) => push({ jobs: Array.from({ length: size }, () => ({})) }),
    'characters in an Idempotency-Key': (size) => push({ jobs: [{}] }, 'k'.repeat(size)),
  };

  const outcome = (isTaken: boolean) => (isTaken ? 'taken' : 'refused');

  async function ask(query: string): Promise<'taken' | 'refused'> {
    return outcome((await api.get(`/jobs?${query}`, secret)).status === 200);
  }

  async function push(body: object, idempotencyKey = 'a key'): Promise<'taken' | 'refused'> {
    const token = await api.issueToken();
    const { status } = await supertest(api.app)
      .post('/ingest/jobs')
      .set({ 'X-API-KEY': token.secret, 'Idempotency-Key': idempotencyKey })
      .send(body);
    return outcome(status === 202);
  }
});

/** An answer in a few words. */
function summaryOf(output: string): string {
  if (!output.startsWith('{')) return output.trim();
  const { success, count, code, errors } = JSON.parse(output) as {
    success: boolean;
    count: number;
    code: string;
    errors: { parameter: string }[];
  };
  return success ? `success, ${count}` : `${code}: ${errors.map(({ parameter }) => parameter).join(', ')}`;
}

/** How the page puts the terms of a plan. */
const TERMS: Readonly<Record<string, (plan: Plan) => string>> = {
  'price a month': ({ monthly_price_cents: cents }) =>
    cents === null ? 'by contract' : cents === 0 ? 'free' : `$${cents / 100}`,
  'off the price when paid a year': (plan) =>
    plan.annual_discount_percent === null
      ? plan.monthly_price_cents === null
        ? 'by contract'
        : '-'
      : `${plan.annual_discount_percent} %`,
  'calls a month': (plan) => amount(plan.monthly_calls, 'by contract'),
  'each call beyond': (plan) =>
    plan.overage_cents_per_call === null
      ? plan.monthly_calls === null
        ? 'by contract'
        : '-'
      : `$${(plan.overage_cents_per_call / 100).toFixed(2)}`,
  'requests a minute': (plan) => amount(plan.requests_per_minute, 'by contract'),
  'requests at the same time': (plan) => amount(plan.requests_in_flight, 'by contract'),
  'jobs posted in the last … days': (plan) => amount(plan.retention_days, 'all'),
  'advanced filters': (plan) => (plan.advanced_filters ? 'yes' : 'no'),
  exports: (plan) => (plan.exports ? 'yes' : 'no'),
  'saved searches': (plan) => amount(plan.saved_searches, 'unlimited'),
  'webhook endpoints': (plan) => amount(plan.webhook_endpoints, 'unlimited'),
  'support answers within … hours': (plan) => String(plan.support_target_hours),
};

function amount(value: number | null, without: string): string {
  if (value === null) return without;
  return value === 0 ? '-' : value.toLocaleString('en');
}
