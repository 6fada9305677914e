import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { printJson } from '../bin/commands/output';
import { stopwatch } from './measures';

/** What is posted, and how. */
export interface BarePosts {
  origin: string;
  posts: number;
  inFlight: number;
  bodyBytes: number;
}

/** Before the clock runs. */
const WARM_UP = 1_000;

/**
 * A process of its own: the least that sending webhooks could cost. A loop of signed posts, each on one of as many connections as are in flight,
 * and nothing stored. Takes what to post as JSON; prints the seconds it took as a line of JSON.
 */
async function main({ origin, posts, inFlight, bodyBytes }: BarePosts): Promise<void> {
  const pool = new Pool(origin, { connections: inFlight, pipelining: 1 });
  const secret = randomBytes(24);
  const body = JSON.stringify({ filler: 'x'.repeat(bodyBytes - JSON.stringify({ filler: '' }).length) });

  async function post(path: string): Promise<void> {
    const id = `evt_${randomUUID().replaceAll('-', '')}`;
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    const answer = await pool.request({
      method: 'POST',
      path,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`The receiver answered with ${answer.statusCode}.`);
  }

  async function postAll(count: number): Promise<void> {
    let left = count;
    const lane = async (_: unknown, number: number) => {
      while (left > 0) {
        left -= 1;
        await post(`/ok/bare-${number}`);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  }

  await postAll(WARM_UP);
  const took = stopwatch();
  await postAll(posts);
  printJson({ seconds: took() });
  await pool.close();
}

main(JSON.parse(process.argv[2] ?? '{}') as BarePosts).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
