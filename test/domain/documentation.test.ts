import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseJobQuery } from '../../domain/jobFilter';
import { parseSearchExpression } from '../../domain/searchExpression';

const page = readFileSync(resolve(__dirname, '../../docs/filtering.md'), 'utf8');
const NOW = '2026-01-20T12:00:00.000Z';

const requests = [...page.matchAll(/^GET \/jobs\?(.+)$/gm)].map(([, query = '']) => query);
/** The cells of the table that begins with this head. */
function rowsBelow(head: RegExp): string[][] {
  const table = page.slice(page.search(head)).split('\n\n')[0] ?? '';
  return table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) =>
          cell
            .trim()
            .replaceAll('\\|', '|')
            .replace(/^`(.*)`$/, '$1'),
        ),
    );
}

describe('the page on filtering', () => {
  it('shows requests that are understood', () => {
    expect(requests.length).toBeGreaterThan(5);
    for (const query of requests) {
      const { warnings } = parseJobQuery(Object.fromEntries(new URLSearchParams(query)), NOW);
      expect([query, warnings]).toEqual([query, []]);
    }
  });

  it('shows searches that are understood', () => {
    const searches = rowsBelow(/\| you write +\| it finds/).map(([search = '']) => search);
    expect(searches).toContain('logo OR illustration');
    for (const search of searches) {
      expect([search, parseSearchExpression(search).faults]).toEqual([search, []]);
    }
  });

  it('tells of refusals what the answer says', () => {
    const refusals = rowsBelow(/\| you write +\| character/);
    expect(refusals.length).toBeGreaterThan(3);
    for (const [search = '', character, message] of refusals) {
      expect(parseSearchExpression(search).faults).toEqual([{ position: Number(character), message }]);
    }
  });
});
