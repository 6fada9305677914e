import { existsSync } from 'node:fs';

/** The Chromium that tests of pages drive: `CHROMIUM_BIN`, or Debian's. */
export const chromiumPath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';

/** `describe` where there is a Chromium, else skipped. */
export const describeWithBrowser = existsSync(chromiumPath) ? describe : describe.skip;
