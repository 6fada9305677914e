// A customer's program: carries out one act per line of its input and answers each with a line of JSON.
import { createInterface } from 'node:readline';
import {
  ApiError,
  ConnectionError,
  type JobsQuery,
  UpworkJobs,
  verifyWebhook,
  WebhookVerificationError,
} from 'upwork-jobs-client';

const [baseUrl = '', key = ''] = process.argv.slice(2);
const client = new UpworkJobs({
  baseUrl,
  key,
  retry: { baseDelayMs: 10, maxTotalMs: 20_000 },
  timeoutMs: 10_000,
});

interface Verification {
  body: string;
  headers: Record<string, string>;
  secret: string | string[];
  now?: number;
}

const acts: Record<string, (given: never) => Promise<unknown>> = {
  jobs: async (given: JobsQuery) => {
    const ids: string[] = [];
    for await (const job of client.jobs(given)) ids.push(job.id);
    return ids;
  },
  fields: async () => {
    for await (const job of client.jobs({ fields: ['id', 'title'] })) {
      // @ts-expect-error: what was not asked for is not there.
      void job.description;
      return job.title;
    }
    return null;
  },
  secondPage: async () => {
    for await (const { next_cursor: cursor } of client.pages((page) => client.getJobs({ query: page }))) {
      if (cursor === null) break;
      const ids: unknown[] = [];
      for await (const job of client.each((page) => client.getJobs({ query: page }), cursor))
        ids.push(job.id);
      return ids;
    }
    return null;
  },
  changes: async (given: { since: string }) => {
    const ids: string[] = [];
    const changes = client.each(
      ({ limit, cursor = '' }) => client.getJobsChanges({ query: { limit, since: cursor } }),
      given.since,
    );
    for await (const { id } of changes) ids.push(id);
    return ids;
  },
  read: async (given: { id: string }) => {
    const { data } = await client.getJobsById({ path: given });
    const posted: string = data.posted_on;
    return [data.title, posted];
  },
  search: async (given: { search: string }) => {
    const { data, total } = await client.postJobsSearch({ body: given });
    return [data.length, total];
  },
  push: async (given: { id: string; title: string; posted_on: string }[]) => {
    const { accepted, batch_id: batchId } = await client.postIngestJobs({ body: given });
    return [accepted, batchId];
  },
  raw: async () => {
    const { body } = await client.raw('/openapi.json');
    if (!body) return null;
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
    return JSON.parse(text).info.title;
  },
  verify: async ({ now, ...given }: Verification) => {
    const at = now === undefined ? {} : { now: now * 1000 };
    const event = await verifyWebhook({ ...given, ...at });
    // Bytes and the headers of `fetch` are taken, too.
    const body = new TextEncoder().encode(given.body);
    const again = await verifyWebhook({ ...given, ...at, body, headers: new Headers(given.headers) });
    if (again.id !== event.id) throw new Error('The same request brings another event.');
    return event.type === 'job.matched' ? event.data.job.title : event;
  },
};

// @ts-expect-error: there is no such parameter.
void ((): unknown => client.jobs({ serch: 'python' }));
// @ts-expect-error: it is a list.
void ((): unknown => client.jobs({ country: 'US' }));

function told(error: unknown): object {
  if (error instanceof ApiError) {
    const { name, status, code, message, requestId, errors, retryAfterSeconds } = error;
    return { name, status, code, message, request_id: requestId, errors, retry_after: retryAfterSeconds };
  }
  if (error instanceof ConnectionError) return { name: error.name };
  if (error instanceof WebhookVerificationError) return { name: error.name, message: error.message };
  throw error;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { act, given } = JSON.parse(line) as { act: string; given: never };
  const answer = await acts[act]!(given).then(
    (value) => ({ value }),
    (error: unknown) => ({ failure: told(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
