import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SIMILAR_QUERY_GRAMMAR, SKILLS_QUERY_GRAMMAR, TRENDS_QUERY_GRAMMAR } from '../../domain/jobFilter';

const page = readFileSync(resolve(__dirname, '../../docs/market.md'), 'utf8');
const NOW = '2026-01-20T12:00:00.000Z';

describe('the page on the market', () => {
  it.each([
    [/^GET \/jobs\/trends\?(.+)$/gm, TRENDS_QUERY_GRAMMAR],
    [/^GET \/jobs\/\d+\/similar\?(.+)$/gm, SIMILAR_QUERY_GRAMMAR],
    [/^GET \/skills\?(.+)$/gm, SKILLS_QUERY_GRAMMAR],
  ])('shows requests that are understood: %s', (pattern, grammar) => {
    const queries = [...page.matchAll(pattern)].map(([, query = '']) => query);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) grammar.parse(Object.fromEntries(new URLSearchParams(query)), NOW);
  });
});
