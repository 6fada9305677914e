import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { createTestApi, type TestApi } from '../support/api';
import { chromiumPath, describeWithBrowser } from '../support/browser';
import { canRun, run, type Language } from '../support/programs';
import { listen, type TestServer } from '../support/server';

/** A page of Swagger UI takes its time on a busy machine. */
jest.setTimeout(180_000);

const SCREENSHOTS = process.env.SCREENSHOT_DIR;
const LANGUAGES: readonly [string, Language][] = [
  ['cURL', 'bash'],
  ['JavaScript', 'javascript'],
  ['Python', 'python'],
  ['PHP', 'php'],
];

describeWithBrowser('/docs in a browser (skipped where no Chromium is)', () => {
  let api: TestApi;
  let server: TestServer;
  let browser: Browser;
  let secret: string;
  let page: Page;
  let requested: string[];
  let complaints: string[];

  beforeAll(async () => {
    api = await createTestApi();
    await api.saveJob({ id: '1880000000000000001', title: 'Scrape a catalogue with Python', isSample: true });
    server = await listen(api.appWith({ samplesForLiveKeys: true }));
    secret = (await api.issueKey()).secret;
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await api.drop();
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(45_000);
    requested = [];
    complaints = [];
    page.on('request', (request) => requested.push(request.url()));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${server.url}/docs`);
    await page.locator('.opblock.is-open .execute').waitFor();
  });
  afterEach(() => page.close());

  async function authorise(key: string): Promise<string> {
    await page.fill('#key', key);
    const checked = page.waitForResponse(`${server.url}/health`);
    await page.getByRole('button', { name: 'Authorise' }).click();
    await checked;
    const state = page.locator('#key-state');
    await state.filter({ hasText: /./ }).waitFor();
    return (await state.textContent()) ?? '';
  }

  it('takes a newcomer from the key to a first answer in two clicks', async () => {
    await look('opened');
    expect(await page.textContent('#key-form')).toContain('npm start');
    expect(await authorise(secret)).toBe('This key works.');
    await page.click('.opblock.is-open .execute');
    const answer = page.locator('.live-responses-table .response-col_description .highlight-code').first();
    await answer.waitFor();
    expect(await answer.textContent()).toContain('Scrape a catalogue with Python');
    await page.waitForFunction(() => {
      const shown = globalThis as unknown as {
        innerHeight: number;
        document: { querySelector: (selector: string) => { getBoundingClientRect: () => { top: number } } };
      };
      const { top } = shown.document.querySelector('.live-responses-table').getBoundingClientRect();
      return top >= -1 && top < shown.innerHeight;
    });
    await look('answered');
    expect(requested.at(-1)).toBe(`${server.url}/jobs?search=python&limit=3`);
  });

  it('asks no other host for anything, and breaks no rule of its security policy', async () => {
    await authorise(secret);
    await page.click('#operations-Jobs-post_jobs_search .opblock-summary');
    await page.click('#operations-Feeding-post_ingest_jobs .opblock-summary');
    await page.locator('.opblock.is-open').nth(2).waitFor();
    const elsewhere = requested.filter(
      (url) => !url.startsWith(`${server.url}/`) && !url.startsWith('data:'),
    );
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('shows code in four languages that runs as it stands', async () => {
    const search = page.locator('#operations-Jobs-get_jobs');
    for (const [title] of LANGUAGES) {
      const code = await snippet(search, title);
      expect(code).toContain('YOUR_API_KEY');
      expect(code).toContain(`${server.url}/jobs?search=python&limit=3`);
    }
    // What is said of a key that is none, is what the server says.
    expect(await authorise('uj_live_mistyped')).toBe('Invalid or missing X-API-KEY header');
    await authorise(secret);
    const byBody = page.locator('#operations-Jobs-post_jobs_search');
    await byBody.locator('.opblock-summary').click();
    await byBody
      .locator('textarea')
      .fill('{ "search": "catalogue \\"with python\\"", "skills_not": ["it\'s"] }');

    for (const operation of [search, byBody]) {
      for (const [title, language] of LANGUAGES) {
        const code = await snippet(operation, title);
        expect(code).toContain(secret);
        // A machine need not have every language.
        if (!canRun(language)) continue;
        expect([title, await run(language, code)]).toEqual([
          title,
          expect.stringContaining('Scrape a catalogue with Python'),
        ]);
      }
    }
  });

  it('shows a guide with examples for this server', async () => {
    await page.click('text=Getting started');
    await page.locator('h1', { hasText: 'Getting started' }).waitFor();
    await look('guide');
    expect(await page.textContent('main')).toContain(server.url);
    expect(await page.textContent('main')).not.toContain('127.0.0.1:3000');
    expect(complaints).toEqual([]);
  });

  async function snippet(operation: Locator, title: string): Promise<string> {
    await operation.locator('.request-snippets').getByText(title, { exact: true }).click();
    return (await operation.locator('.request-snippets pre').textContent()) ?? '';
  }

  /** A picture for whoever wants to look: where `SCREENSHOT_DIR` says. */
  async function look(name: string): Promise<void> {
    if (SCREENSHOTS === undefined) return;
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }
});
