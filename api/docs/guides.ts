import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';

const FOLDER = join(__dirname, '../../docs');

/** The customers' guides by their place under `/docs`, with their names in the navigation. Each is the page of docs/ of that name. */
export const GUIDES: Readonly<Record<string, string>> = {
  'getting-started': 'Getting started',
  filtering: 'Filtering',
  'saved-searches': 'Saved searches',
  changes: 'Following changes',
  export: 'Exporting',
  market: 'Market',
  webhooks: 'Webhooks',
  account: 'Account',
  clients: 'Clients',
  keys: 'Keys',
  errors: 'Errors',
  limits: 'Limits',
};

const rendered = new Map<string, string>();

/** A guide as HTML, rendered when it is first asked for; null when there is none of this name. */
export function findGuide(name: string): string | null {
  const known = rendered.get(name);
  if (known !== undefined) return known;
  if (!Object.hasOwn(GUIDES, name)) return null;
  const html = marked.parse(readFileSync(join(FOLDER, `${name}.md`), 'utf8'), { async: false });
  // Guides refer to one another as files do; here each has an address without an ending.
  const linked = html.replace(/href="([\w-]+)\.md(#[\w-]*)?"/g, 'href="$1$2"');
  rendered.set(name, linked);
  return linked;
}
