import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXPORT_QUERY_GRAMMAR } from '../../domain/jobFilter';

const page = readFileSync(resolve(__dirname, '../../docs/export.md'), 'utf8');
const NOW = '2026-01-20T12:00:00.000Z';

describe('the page on exporting', () => {
  it('shows requests that are understood', () => {
    const queries = [...page.matchAll(/^GET \/jobs\/export\?(.+)$/gm)].map(([, query = '']) => query);
    expect(queries.length).toBeGreaterThan(3);
    for (const query of queries) {
      const { warnings } = EXPORT_QUERY_GRAMMAR.parse(Object.fromEntries(new URLSearchParams(query)), NOW);
      expect([query, warnings]).toEqual([query, []]);
    }
  });
});
