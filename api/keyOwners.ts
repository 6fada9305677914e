import { LRUCache } from 'lru-cache';
import { findApiKey, type KeyOwner } from '../db/apiKeys';
import type { Db } from '../db/connection';
import type { Listener } from '../db/listener';
import { KEYS_CHANGED } from '../db/notifications';
import type { Timestamp } from '../domain/time';

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

/**
 * Looks up the owners of keys, and knows them until keys, accounts or plans change, which Postgres notifies and this process may
 * tell at once, for a minute at most. While notifications may go unheard every key is looked up. Keys that nobody has are looked up each time.
 */
export function createKeyOwners({ db, listener }: { db: Db; listener: Listener }): KeyOwners {
  const owners = new LRUCache<string, KeyOwner>({ max: MAX_OWNERS, ttl: LIFE_MS });
  /** Of the keys: what was looked up under another one may be different now. */
  let version = 0;
  const forgetOwners = () => {
    version += 1;
    owners.clear();
  };
  listener.subscribe(KEYS_CHANGED, { onMessage: forgetOwners, onGap: forgetOwners });

  const findOwner: FindKeyOwner = async (hash, now) => {
    if (!listener.isCurrent()) return await findApiKey(db, hash, now);
    const name = hash.toString('base64');
    const known = owners.get(name);
    if (known) return known;
    const versionBefore = version;
    const owner = await findApiKey(db, hash, now);
    if (owner && version === versionBefore) owners.set(name, owner);
    return owner;
  };
  return { findOwner, forgetOwners };
}
