import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createFileSource, readRows } from '../../../sources/file/fileSource';

const dataFolder = join(__dirname, '../../../../shared/data');
/** The real postings lie beside the repository on some machines only. */
const describeWithData = existsSync(dataFolder) ? describe : describe.skip;

describeWithData('real postings (skipped where ../shared/data is absent)', () => {
  /** As the folder's README and Python's csv module count them. */
  const expectedRows: Record<string, number> = {
    'feed-csv-2023/1_1_2023_general.csv': 4995,
    'hostile/unparseable-tiles.csv': 436,
    'ndjson-2025/jobs.jsonl': 50,
    'prose-2018/jobs_feed.json': 320,
    'rss-2024/20240513_RSS_PowerBI.txt': 30,
    'rss-2024/20240514_RSS_PowerBI.txt': 30,
    'rss-2024/20240516_RSS_PowerBI.txt': 30,
    'rss-2024/20240517_RSS_PowerBI.txt': 30,
    'rss-csv-2024/upwork.csv': 770,
    'scraper-csv-2025/artificial-intelligence.csv': 1000,
    'scraper-csv-2025/javascript.csv': 1000,
    // 500 ads and 17,157 lines of commas.
    'spam-labelled/emscad-first-500.csv': 17_657,
    'upwork-api/marketplaceJobPostingsSearch_sample_nodes.json': 3,
  };

  it.each(Object.entries(expectedRows))('%s has %d rows, none broken', async (file, expected) => {
    let count = 0;
    const broken: (string | null)[] = [];
    for await (const row of readRows(join(dataFolder, file))) {
      count += 1;
      if (row.broken !== null) broken.push(row.broken);
    }
    expect(broken).toEqual([]);
    expect(count).toBe(expected);
  });

  it('the empty rows of a spreadsheet are rows of empty texts', async () => {
    let empty = 0;
    for await (const { record } of readRows(join(dataFolder, 'spam-labelled'))) {
      if (Object.values(record ?? { none: 'x' }).every((value) => value === '')) empty += 1;
    }
    expect(empty).toBe(17_157);
  });

  it('pages of a source hold the same rows as one go', async () => {
    const source = createFileSource({ location: join(dataFolder, 'scraper-csv-2025') });
    let count = 0;
    let page = await source.fetchPage(null, 300);
    for (; !page.isLast; page = await source.fetchPage(page.cursor, 300)) count += page.rows.length;
    expect(count + page.rows.length).toBe(2000);
    await source.close();
  });
});
