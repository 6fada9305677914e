import { GUIDES } from './guides';

interface PageOptions {
  /** What the addresses of the API begin with: nothing, or `/v1`. */
  prefix: string;
  title: string;
  head: string;
  body: string;
}

/** The page on which the API is read about and tried out. */
export function referencePage(prefix: string, { isLocalStack }: { isLocalStack: boolean }): string {
  const whereFrom = isLocalStack
    ? 'You run the local stack: <code>npm start</code> printed a key in its line <strong>API key</strong>, and keeps it in ' +
      '<code>.data/demo-key</code>.'
    : 'It begins with <code>uj_live_</code>, or with <code>uj_test_</code> to read samples only. It stays on this page, and goes to this server alone.';
  return page({
    prefix,
    title: 'Reference',
    head: `
    <link rel="stylesheet" href="${prefix}/docs/assets/swagger-ui.css">
    <script src="${prefix}/docs/assets/swagger-ui-bundle.js" defer></script>
    <script src="${prefix}/docs/assets/reference.js" type="module"></script>`,
    body: `
    <form id="key-form" class="key-form" autocomplete="off">
      <label for="key">1. Paste your API key</label>
      <input id="key" type="password" autocomplete="off" maxlength="200" placeholder="uj_live_…" spellcheck="false" autofocus>
      <button type="submit">Authorise</button>
      <output id="key-state" for="key"></output>
      <p>${whereFrom}</p>
      <p>2. Press <strong>Execute</strong> below: a first search is filled in.</p>
    </form>
    <main id="reference" data-document="${prefix}/openapi.json" data-health="${prefix}/health">
      <noscript>This page needs JavaScript; <a href="${prefix}/docs/getting-started">Getting started</a> does not.</noscript>
    </main>`,
  });
}

/** A guide, given as HTML, in the frame of these pages. */
export function guidePage(prefix: string, name: string, html: string): string {
  return page({
    prefix,
    title: GUIDES[name] ?? '',
    head: `
    <script src="${prefix}/docs/assets/guide.js" type="module"></script>`,
    body: `
    <main class="guide">${html}</main>`,
  });
}

function page({ prefix, title, head, body }: PageOptions): string {
  const links = [
    ['', 'Reference'],
    ...Object.entries(GUIDES).map(([name, label]) => [`/${name}`, label] as const),
  ].map(([path = '', label = '']) => {
    const current = label === title ? ' aria-current="page"' : '';
    return `<a href="${prefix}/docs${path}"${current}>${label}</a>`;
  });
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Upwork jobs API</title>
    <link rel="icon" href="${prefix}/docs/assets/favicon-32x32.png">${head}
    <link rel="stylesheet" href="${prefix}/docs/assets/docs.css">
  </head>
  <body>
    <header>
      <strong>Upwork jobs API</strong>
      <nav>${links.join('')}<a href="${prefix}/openapi.json">openapi.json</a></nav>
    </header>${body}
  </body>
</html>
`;
}
