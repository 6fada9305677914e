import { setTimeout as delay } from 'node:timers/promises';
import { withProgram } from './program';

/** What a path of the receiver has accepted: ids and times, in ms since the epoch, in the order in which they came. */
export interface Receipts {
  ids: string[];
  times: number[];
}

export interface Receiver {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** By path. */
  receipts(): Promise<Map<string, Receipts>>;
  /** How many distinct ones, by path. */
  counts(): Promise<Map<string, number>>;
  clear(): Promise<void>;
}

/** Starts a receiver of webhooks (bench/receiver.ts) in a process of its own, ended afterwards. */
export async function withReceiver<T>(action: (receiver: Receiver) => Promise<T>): Promise<T> {
  return withProgram('bench/receiver.ts', [], ({ port = 0 }) => {
    const origin = `http://127.0.0.1:${port}`;
    const ask = async <Answer>(path: string, method = 'GET') => {
      const response = await fetch(`${origin}${path}`, { method });
      return new Map(Object.entries((await response.json()) as Record<string, Answer>));
    };
    return action({
      origin,
      receipts: () => ask<Receipts>('/receipts'),
      counts: () => ask<number>('/counts'),
      clear: async () => {
        await ask('/receipts', 'DELETE');
      },
    });
  });
}

const LOOK_AGAIN_MS = 250;

/** Looks again and again at how many distinct ones there are by path. Gives whether it was enough before the deadline, in ms since the epoch. */
export async function untilReceived(
  receiver: Receiver,
  isEnough: (counts: ReadonlyMap<string, number>) => boolean,
  deadline: number,
): Promise<boolean> {
  while (!isEnough(await receiver.counts())) {
    if (Date.now() > deadline) return false;
    await delay(LOOK_AGAIN_MS);
  }
  return true;
}

export function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
