import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { chromiumPath, describeWithBrowser } from '../support/browser';
import { LETTERS } from './letters';

jest.setTimeout(180_000);

const SCREENSHOTS = process.env.SCREENSHOT_DIR;

describeWithBrowser('letters in a browser (skipped where no Chromium is)', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  it.each([
    ['desktop', 720],
    ['phone', 360],
  ])('fit the window and ask nobody for anything: %s', async (device, width) => {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    for (const [name, { html }] of Object.entries(LETTERS)) {
      await page.setContent(html);
      const scrollWidth = await page.evaluate('document.documentElement.scrollWidth');
      expect([name, scrollWidth]).toEqual([name, width]);
      if (SCREENSHOTS === undefined) continue;
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${device}.png`), fullPage: true });
    }
    expect(requested).toEqual([]);
    await page.close();
  });
});
