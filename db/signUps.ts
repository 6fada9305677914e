import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { Db } from './connection';

/** How long it is remembered who asked, after it has come to its end. */
const KEPT_MS = 30 * DAY_MS;
const FORGOTTEN_AT_ONCE = 1_000;

/** What is mailed to who asked: the first key of a new account, a code to a known address, or another key. */
export type SignUpLetter = 'welcome' | 'recovery_code' | 'new_key';

/** `superseded`: a newer code took the place of the one that was to be mailed. */
export type SignUpOutcome = 'mailed' | 'refused' | 'superseded' | 'given_up';

/** A request for a key, by sign-up or by recovery. */
export interface SignUp {
  id: string;
  email: string;
  name: string | null;
  company: string | null;
  accountId: string | null;
  /** Null until it is decided what it comes to. */
  letter: SignUpLetter | null;
  keyId: string | null;
  /** What is to be mailed; null before it is made and after it is mailed. */
  sealedSecret: Buffer | null;
  outcome: SignUpOutcome | null;
}

export interface NewSignUp {
  id: string;
  email: string;
  name?: string;
  company?: string;
  /** Of a recovery: whose key it is to be. */
  accountId?: string;
  now: Timestamp;
}

const COLUMNS = `id, email, name, company, account_id as "accountId", letter, key_id as "keyId",
  sealed_secret as "sealedSecret", outcome`;

/** What the context of a sealed secret is: it opens for its own sign-up alone. */
export function sealContext(signUpId: string): string {
  return `signup:${signUpId}`;
}

export async function insertSignUp(
  db: Db,
  { id, email, name, company, accountId, now }: NewSignUp,
): Promise<void> {
  await db('signups').insert({
    id,
    email,
    name: name ?? null,
    company: company ?? null,
    account_id: accountId ?? null,
    requested_at: now,
  });
}

/** Null when there is none, or its account is gone. */
export async function findSignUp(db: Db, id: string): Promise<SignUp | null> {
  const { rows } = await db.raw<{ rows: SignUp[] }>(`select ${COLUMNS} from signups where id = :id`, { id });
  return rows[0] ?? null;
}

/** As `findSignUp`; nobody else changes it until the transaction ends. */
export async function lockSignUp(db: Db, id: string): Promise<SignUp | null> {
  const { rows } = await db.raw<{ rows: SignUp[] }>(
    `select ${COLUMNS} from signups where id = :id for update`,
    { id },
  );
  return rows[0] ?? null;
}

/** Notes what is to be mailed, in the transaction that makes it. */
export async function noteLetter(
  db: Db,
  {
    id,
    accountId,
    letter,
    keyId,
    sealedSecret,
  }: { id: string; accountId: string; letter: SignUpLetter; keyId: string | null; sealedSecret: Buffer },
): Promise<void> {
  await db('signups')
    .where({ id })
    .update({ account_id: accountId, letter, key_id: keyId, sealed_secret: sealedSecret });
}

/** Notes how it ended and wipes the secret, in one statement; what has ended already stays so. */
export async function finishSignUp(
  db: Db,
  { id, outcome, now }: { id: string; outcome: SignUpOutcome; now: Timestamp },
): Promise<void> {
  await db('signups')
    .where({ id, finished_at: null })
    .update({ outcome, finished_at: now, sealed_secret: null });
}

/** Ids of requests made before then that have not come to an end, in order after `afterId` (`''` to begin), at most `most`. */
export async function listUnfinishedSignUps(
  db: Db,
  { requestedBefore, afterId, most }: { requestedBefore: Timestamp; afterId: string; most: number },
): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select id from signups
     where finished_at is null and requested_at < :requestedBefore and id > :afterId
     order by id limit :most`,
    { requestedBefore, afterId, most },
  );
  return rows.map(({ id }) => id);
}

/** Forgets requests that ended a month ago; at most 1,000. */
export async function forgetOldSignUps(db: Db, now: Timestamp): Promise<void> {
  await db.raw(
    `delete from signups where id in (
       select id from signups where finished_at < :before order by finished_at limit :most for update skip locked
     )`,
    { before: addMillis(now, -KEPT_MS), most: FORGOTTEN_AT_ONCE },
  );
}
