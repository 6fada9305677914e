import { LRUCache } from 'lru-cache';
import type { Listener } from '../db/listener';
import { JOBS_CHANGED } from '../db/notifications';
import type { Timestamp } from '../domain/time';
import type { ReusableAnswer } from './reusableAnswer';

/** Answers of this process that may be given again. */
export interface ResponseCache {
  /**
   * The answer kept under the key, else a fresh one. Who asks for what is being made already waits for it.
   * @param key - Tells apart whatever makes for another answer, the jobs themselves and the time aside.
   */
  find(key: string, now: Timestamp, make: () => Promise<ReusableAnswer>): Promise<ReusableAnswer>;
  /** How much is kept at present. */
  use(): { answers: number; bytes: number };
}

/**
 * How an answer was come by: kept (`hit`), made (`miss`), made for another who asked already (`shared`), or made without a look at
 * what is kept, for it may be out of date (`bypassed`).
 */
export type CacheOutcome = 'hit' | 'miss' | 'shared' | 'bypassed';

/**
 * Keeps answers until the jobs change, which Postgres notifies, until their time is up, or until there are too many: what was
 * asked for longest ago goes first. While notifications may go unheard nothing is taken from it.
 */
export function createResponseCache({
  listener,
  maxBytes,
  onFind = () => undefined,
}: {
  listener: Listener;
  maxBytes: number;
  /** Told of every answer that is asked for. */
  onFind?: (outcome: CacheOutcome) => void;
}): ResponseCache {
  const answers = new LRUCache<string, ReusableAnswer>({
    maxSize: maxBytes,
    // A character takes two bytes where the key holds any beyond Latin-1.
    sizeCalculation: ({ bytes }, key) => bytes + 2 * key.length,
  });
  const underWay = new Map<string, Promise<ReusableAnswer>>();
  /** Of the jobs: what began under another one may have been found among jobs that are different now. */
  let version = 0;

  const forget = () => {
    version += 1;
    answers.clear();
    underWay.clear();
  };
  listener.subscribe(JOBS_CHANGED, { onMessage: forget, onGap: forget });

  async function make(key: string, produce: () => Promise<ReusableAnswer>): Promise<ReusableAnswer> {
    const versionBefore = version;
    const making = produce();
    underWay.set(key, making);
    try {
      const answer = await making;
      if (version === versionBefore) answers.set(key, answer);
      return answer;
    } finally {
      if (underWay.get(key) === making) underWay.delete(key);
    }
  }

  return {
    async find(key, now, produce) {
      if (!listener.isCurrent()) {
        onFind('bypassed');
        return produce();
      }
      const kept = answers.get(key);
      if (kept && now <= kept.until) {
        onFind('hit');
        return kept;
      }
      const making = underWay.get(key);
      onFind(making ? 'shared' : 'miss');
      if (!making) return make(key, produce);
      const made = await making;
      return now <= made.until ? made : produce();
    },
    use: () => ({ answers: answers.size, bytes: answers.calculatedSize }),
  };
}
