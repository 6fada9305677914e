import { type Format, memberOf } from './format';

/** One job a line, as `GET /jobs` shows it. */
export const ndjson: Format = {
  contentType: 'application/x-ndjson; charset=utf-8',
  description: 'One job a line, as `GET /jobs` shows it.',
  async *write(slices, members) {
    const names = members.map(({ name }) => name);
    for await (const jobs of slices) {
      yield jobs.map((job) => `${JSON.stringify(pick(job, names))}\n`).join('');
    }
  },
};

function pick(job: object, names: readonly string[]): object {
  const picked: Record<string, unknown> = {};
  for (const name of names) picked[name] = memberOf(job, name);
  return picked;
}
