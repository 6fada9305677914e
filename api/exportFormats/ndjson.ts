import type { Format } from './format';

/** One JSON object a line. */
export const ndjson: Format = {
  contentType: 'application/x-ndjson; charset=utf-8',
  description: 'One job a line, as `GET /jobs` shows it.',
  async *write(slices) {
    for await (const jobs of slices) yield jobs.map((job) => `${JSON.stringify(job)}\n`).join('');
  },
};
