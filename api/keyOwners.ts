import { LRUCache } from 'lru-cache';
import { findApiKey, type KeyOwner } from '../db/apiKeys';
import type { Db } from '../db/connection';
import { isDatabaseUnavailable } from '../db/errors';
import type { Listener } from '../db/listener';
import { KEYS_CHANGED } from '../db/notifications';
import type { Timestamp } from '../domain/time';
import { withPatience } from '../db/patience';

/** Looks up whom a key belongs to, by its hash. */
export type FindKeyOwner = (hash: Buffer, now: Timestamp) => Promise<KeyOwner | null>;

export interface KeyOwners {
  findOwner: FindKeyOwner;
  /** For who has changed keys, accounts or plans: after the commit, for what is remembered until it is notified. */
  forgetOwners: () => void;
}

const MAX_OWNERS = 10_000;
/** New terms of a plan take effect at a time of their own, of which nothing is notified. */
const LIFE_MS = 60_000;
/** How long a key may go on while Postgres is away, from when it was last looked up. */
const MEMORY_MS = 12 * 3_600_000;
/** Postgres is left alone for so long after it was away. */
const REST_MS = 1_000;

/**
 * Looks up the owners of keys, and knows them until keys, accounts or plans change, which Postgres notifies and this process may
 * tell at once, for a minute at most. While notifications may go unheard every key is looked up. Keys that nobody has are looked up
 * each time. While Postgres is away the owners who pay are those it named last; others fail.
 */
export function createKeyOwners({ db, listener }: { db: Db; listener: Listener }): KeyOwners {
  const owners = new LRUCache<string, KeyOwner>({ max: MAX_OWNERS, ttl: LIFE_MS });
  const lastKnown = new LRUCache<string, KeyOwner>({ max: MAX_OWNERS, ttl: MEMORY_MS });
  /** Of the keys: what was looked up under another one may be different now. */
  let version = 0;
  let awayUntil = -Infinity;
  /** A change may have gone unheard: once Postgres answers again, what it named before is no longer good for its next absence. */
  let hadGap = false;
  const forget = () => {
    version += 1;
    owners.clear();
  };
  const forgetOwners = () => {
    forget();
    lastKnown.clear();
  };
  const onGap = () => {
    forget();
    hadGap = true;
  };
  listener.subscribe(KEYS_CHANGED, { onMessage: forgetOwners, onGap });

  async function lookUp(name: string, hash: Buffer, now: Timestamp): Promise<KeyOwner | null> {
    const remembered = lastKnown.get(name);
    if (remembered && performance.now() < awayUntil) return remembered;
    const asking = findApiKey(db, hash, now);
    try {
      const owner = await (remembered ? withPatience(asking) : asking);
      if (hadGap) lastKnown.clear();
      hadGap = false;
      if (owner && owner.plan.monthly_price_cents !== 0) lastKnown.set(name, owner);
      else lastKnown.delete(name);
      return owner;
    } catch (error) {
      if (!remembered || !isDatabaseUnavailable(error)) throw error;
      awayUntil = performance.now() + REST_MS;
      return remembered;
    }
  }

  const findOwner: FindKeyOwner = async (hash, now) => {
    const name = hash.toString('base64');
    if (!listener.isCurrent()) return await lookUp(name, hash, now);
    const known = owners.get(name);
    if (known) return known;
    const versionBefore = version;
    const owner = await lookUp(name, hash, now);
    if (owner && version === versionBefore) owners.set(name, owner);
    return owner;
  };
  return { findOwner, forgetOwners };
}
