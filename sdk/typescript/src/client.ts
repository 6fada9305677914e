import { createClient, createConfig } from './generated/client/index.js';
import { KEYED_ROUTES, READ_ONLY_ROUTES } from './generated/routes.js';
import { Operations } from './generated/sdk.gen.js';
import type { GetJobsData, Job } from './generated/types.gen.js';
import { itemsOf, type Page, type PagePlace, pagesOf } from './pages.js';
import { createSender, DEFAULT_RETRY_POLICY, type RetryPolicy } from './retries.js';

export interface UpworkJobsOptions {
  /** Where the API is: `https://api.example.com`. */
  baseUrl: string;
  /** API key, or the token of a source that pushes. */
  key: string;
  /** What differs from 5 attempts within a minute. */
  retry?: Partial<RetryPolicy>;
  /** For one attempt; 30 seconds unless given. A body that streams may take longer. */
  timeoutMs?: number;
}

/** What jobs are asked for; pages are the iteration's own business. */
export type JobsQuery = Omit<NonNullable<GetJobsData['query']>, 'limit' | 'offset' | 'count_only'>;

type QueryValue = string | number | boolean | readonly (string | number)[] | null | undefined;

/**
 * The API: every operation as a method, that answers with the body of a success, throws ApiError or ConnectionError, and is
 * repeated where that does no harm.
 */
export class UpworkJobs extends Operations {
  private readonly send: (request: Request) => Promise<Response>;
  private readonly baseUrl: string;
  private readonly headers: Readonly<Record<string, string>>;

  constructor({ baseUrl, key, retry, timeoutMs = 30_000 }: UpworkJobsOptions) {
    const root = new URL(baseUrl).href.replace(/\/+$/, '');
    const send = createSender({
      baseUrl: root,
      policy: { ...DEFAULT_RETRY_POLICY, ...retry },
      timeoutMs,
      readOnly: READ_ONLY_ROUTES,
      keyed: KEYED_ROUTES,
    });
    const headers = { 'X-API-KEY': key };
    // The generated code calls it with a Request alone.
    const fetch = (request: unknown) => send(request as Request);
    super({ client: createClient(createConfig({ baseUrl: root, headers, fetch, throwOnError: true })) });
    this.send = send;
    this.baseUrl = root;
    this.headers = headers;
  }

  /**
   * Every job that matches, over all pages. By relevance the first 10,000 can be had; in every other order all of them.
   * `cursor` goes on where an earlier page ended. With `fields`, a job has those alone.
   */
  jobs<const Field extends keyof Job>(
    query: JobsQuery & { fields: readonly Field[] },
  ): AsyncGenerator<Pick<Job, Field>, void>;
  jobs(query?: JobsQuery): AsyncGenerator<Job, void>;
  jobs({ cursor, ...filter }: JobsQuery = {}): AsyncGenerator<unknown, void> {
    const read = (place: PagePlace) => this.getJobs({ query: { ...filter, ...place } });
    return itemsOf<unknown>(pagesOf(read, cursor));
  }

  /** Every row of any list that has a `next_cursor`: `client.each((page) => client.getJobs({ query: page }))`. */
  each<Item>(read: (place: PagePlace) => Promise<Page<Item>>, start?: string): AsyncGenerator<Item, void> {
    return itemsOf(pagesOf(read, start));
  }

  /** The same page by page, each with its `next_cursor`, from which to go on another day. */
  pages<Result extends Page<unknown>>(
    read: (place: PagePlace) => Promise<Result>,
    start?: string,
  ): AsyncGenerator<Result, void> {
    return pagesOf(read, start);
  }

  /** A success as it comes, its body not read yet: for what is no JSON and may be long. */
  async raw(
    path: `/${string}`,
    query: Readonly<Record<string, QueryValue>> = {},
    options: { headers?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const url = new URL(this.baseUrl + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
    }
    return this.send(
      new Request(url, { headers: { ...this.headers, ...options.headers }, signal: options.signal ?? null }),
    );
  }
}
