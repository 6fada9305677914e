import type { MappedPosting } from './mapping/applyMapping';

/**
 * What a posting is known by. `uid` is Upwork's number (ciphertext `~02<n>` is uid n), `ciphertext` the older
 * `~01<16 hex>`, `derived` a hash for sources that give neither. The URL is never identity: its slug changes.
 */
export type IdentityKind = 'uid' | 'ciphertext' | 'derived';

export interface Identity {
  kind: IdentityKind;
  value: string;
}

/** Hex digest of a text; from outside, since domain/ imports no crypto. */
export type Hash = (text: string) => string;

const DERIVED_DESCRIPTION_LENGTH = 500;
const DERIVED_ID_LENGTH = 32;

/** uid of a `~02<n>` ciphertext, else null. */
function uidOfCiphertext(ciphertext: string): string | null {
  return ciphertext.startsWith('~02') ? ciphertext.slice(3) : null;
}

/** Whether the row states two uids that contradict each other. */
export function identitiesConflict(posting: Pick<MappedPosting, 'uid' | 'ciphertext'>): boolean {
  if (posting.uid === null || posting.ciphertext === null) return false;
  const uid = uidOfCiphertext(posting.ciphertext);
  return uid !== null && uid !== posting.uid;
}

/** The identities a row states, best first; empty when it states none. */
export function statedIdentities(posting: Pick<MappedPosting, 'uid' | 'ciphertext'>): Identity[] {
  const identities: Identity[] = [];
  const uid = posting.uid ?? (posting.ciphertext === null ? null : uidOfCiphertext(posting.ciphertext));
  if (uid !== null) identities.push({ kind: 'uid', value: uid });
  if (posting.ciphertext !== null && uidOfCiphertext(posting.ciphertext) === null) {
    identities.push({ kind: 'ciphertext', value: posting.ciphertext });
  }
  return identities;
}

/** Identity of a posting without id and url: its source, title and the beginning of its text. */
export function derivedIdentity(sourceId: string, title: string, description: string, hash: Hash): Identity {
  const normalisedTitle = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  const text = JSON.stringify([sourceId, normalisedTitle, description.slice(0, DERIVED_DESCRIPTION_LENGTH)]);
  return { kind: 'derived', value: hash(text).slice(0, DERIVED_ID_LENGTH) };
}

/** Orders text the same way whatever the locale, for locks that must be taken in one order. */
export function identityKey(identity: Identity): string {
  return `${identity.kind}:${identity.value}`;
}

const UPWORK_EPOCH_MS = 1_288_834_974_657n;
const TIMED_UID = /^\d{17,20}$/;

/**
 * Creation time that a uid carries in its upper bits, in ms since the epoch; null for numbers too short to carry one.
 * Checked against a hundred stated times, all within half a second.
 */
export function creationMillisOfUid(uid: string): number | null {
  if (!TIMED_UID.test(uid)) return null;
  return Number((BigInt(uid) >> 22n) + UPWORK_EPOCH_MS);
}
