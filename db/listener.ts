import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const PING_INTERVAL_MS = 250;
/** What was sent longer ago than this has been heard, or the listener does not count as current. */
const CURRENT_WITHIN_MS = 1_000;
/** A connection that does not answer for so long is given up for a new one. */
const ANSWER_DEADLINE_MS = 2_000;
const CONNECT_DEADLINE_MS = 5_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

export interface Subscriber {
  onMessage: (payload: string) => void;
  /** Messages may have been missed: what was concluded from their absence no longer holds. */
  onGap: () => void;
}

/** Hears what Postgres notifies, on a connection of its own. */
export interface Listener {
  /** One subscriber a channel, and before `start`. */
  subscribe: (channel: string, subscriber: Subscriber) => void;
  start: () => void;
  /** Whether everything that was sent a second ago or earlier has been heard. */
  isCurrent: () => boolean;
  close: () => Promise<void>;
}

export interface ListenerOptions {
  /** Of Postgres itself, or of a pooler that keeps a session on one connection. */
  databaseUrl: string;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Told why a connection was lost or could not be had; another is tried. */
  onWarning?: (error: unknown) => void;
}

export function createListener({
  databaseUrl,
  applicationName,
  onWarning = () => undefined,
}: ListenerOptions): Listener {
  const subscribers = new Map<string, Subscriber>();
  let confirmedAt = -Infinity;
  let retryMs = FIRST_RETRY_MS;
  let running: Promise<void> | null = null;
  let isClosed = false;
  /** Ends the wait that is under way. */
  let wake = new AbortController();

  async function run(): Promise<void> {
    while (!isClosed) {
      await listenUntilLost().catch((error: unknown) => {
        if (!isClosed) onWarning(error);
      });
      await waitToRetry();
    }
  }

  async function waitToRetry(): Promise<void> {
    if (isClosed) return;
    wake = new AbortController();
    await wait(retryMs, wake);
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
  }

  /** Settles when the connection is lost or given up, or the listener closes. */
  async function listenUntilLost(): Promise<void> {
    const lost = new AbortController();
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      query_timeout: ANSWER_DEADLINE_MS,
      keepAlive: true,
    });
    client.on('error', (error) => lost.abort(error));
    client.on('end', () => lost.abort(new Error('The connection ended.')));
    client.on('notification', ({ channel, payload = '' }) => subscribers.get(channel)?.onMessage(payload));
    try {
      await client.connect();
      for (const channel of subscribers.keys()) {
        await client.query(`listen ${client.escapeIdentifier(channel)}`);
      }
      wake = lost;
      while (!isClosed && !lost.signal.aborted) {
        await ping(client);
        await wait(PING_INTERVAL_MS, lost);
      }
    } finally {
      confirmedAt = -Infinity;
      for (const { onGap } of subscribers.values()) onGap();
      // Not waited for: a connection that is dead does not answer to this either.
      client.end().catch(() => undefined);
    }
    lost.signal.throwIfAborted();
  }

  /** Postgres sends what it has to notify before it answers: with the answer, all that went before the question has been heard. */
  async function ping(client: pg.Client): Promise<void> {
    const askedAt = performance.now();
    const { rowCount } = await client.query('select pg_listening_channels()');
    if (rowCount !== subscribers.size) {
      throw new Error('The session that listens is not kept: is there a pooler that shares connections?');
    }
    confirmedAt = askedAt;
    retryMs = FIRST_RETRY_MS;
  }

  return {
    subscribe(channel, subscriber) {
      if (running || subscribers.has(channel)) throw new Error(`It is too late to subscribe to ${channel}.`);
      subscribers.set(channel, subscriber);
    },
    start() {
      running ??= run();
    },
    isCurrent: () => performance.now() - confirmedAt <= CURRENT_WITHIN_MS,
    async close() {
      isClosed = true;
      wake.abort();
      await running;
    },
  };
}

/** Ends early when aborted. */
async function wait(ms: number, { signal }: AbortController): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
