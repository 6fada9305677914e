import { heartbeat } from '@temporalio/activity';
import { randomUUID } from 'node:crypto';
import { createAccount, findAccountByEmail } from '../db/accounts';
import { isBeingErased } from '../db/erasures';
import { issueApiKey, revokeApiKey } from '../db/apiKeys';
import { recordAct } from '../db/auditLog';
import type { Db } from '../db/connection';
import { listPlans } from '../db/plans';
import { issueRecoveryCode, removeRecoveryCode, renewRecoveryCode } from '../db/recoveryCodes';
import type { SecretBox } from '../db/secretBox';
import { forgetPastHours } from '../db/signUpCounts';
import {
  findSignUp,
  finishSignUp,
  forgetOldSignUps,
  listUnfinishedSignUps,
  lockSignUp,
  noteLetter,
  sealContext,
  type SignUp,
  type SignUpLetter,
  type SignUpOutcome,
} from '../db/signUps';
import { API_KEY_SCOPES } from '../domain/apiKey';
import { AppError } from '../domain/errors';
import { addMillis, type Timestamp } from '../domain/time';
import type { Mailer } from '../mail/mailer';
import { newKeyLetter, recoveryCodeLetter, welcomeLetter } from '../mail/templates/keyLetters';
import type { Contacts, RenderedLetter } from '../mail/templates/letter';

export interface SignUpServices {
  db: Db;
  mailer: Mailer;
  contacts: Contacts;
  /** Holds keys and codes until they are mailed. */
  secretBox: SecretBox;
  /** The server's secret under which keys and codes are hashed. */
  pepper: string;
  /** Starts `signUp`; one that is under way is left alone. Returns whether it was started. */
  startSignUp: (signUpId: string) => Promise<boolean>;
  now: () => Timestamp;
}

const FIRST_PLAN = 'starter';
const ACTOR = 'system';
/** The API starts a sign-up right after it has stored it: one of this age it could not start, or it is under way. */
const LEFT_LYING_AFTER_MS = 30_000;
const LISTED_AT_ONCE = 100;
/** Looked at in one run. */
const MOST_SIGN_UPS = 5_000;

export type SignUpActivities = ReturnType<typeof createSignUpActivities>;

export function createSignUpActivities(services: SignUpServices) {
  const { db, mailer, contacts, secretBox, pepper, startSignUp, now } = services;

  /**
   * Makes what is to be mailed, in one transaction, once: an account with its key; a code, where the address has an account; another key,
   * where a code was used. Null when the account is gone.
   */
  async function prepareSignUp(id: string): Promise<{ accountId: string | null }> {
    const prepare = () => db.transaction((transaction) => prepareOnce(transaction, id));
    try {
      return await prepare();
    } catch (error) {
      // Somebody else has just made an account for the address: now it is a known one.
      if (error instanceof AppError && error.code === 'conflict') return await prepare();
      throw error;
    }
  }

  async function prepareOnce(transaction: Db, id: string): Promise<{ accountId: string | null }> {
    const signUp = await lockSignUp(transaction, id);
    if (signUp === null || signUp.letter !== null) return { accountId: signUp?.accountId ?? null };
    if (signUp.accountId !== null) return await addKey(transaction, signUp, signUp.accountId, 'new_key');
    const known = await findAccountByEmail(transaction, signUp.email);
    if (known && (await isBeingErased(transaction, known.id))) {
      throw new AppError('unavailable', 'The account of this address is being erased.');
    }
    if (known) return await addCode(transaction, signUp, known.id);
    const accountId = await addAccount(transaction, signUp);
    return await addKey(transaction, signUp, accountId, 'welcome');
  }

  async function addAccount(transaction: Db, { email, name, company }: SignUp): Promise<string> {
    const at = now();
    const { id } = await createAccount(transaction, {
      id: randomUUID(),
      email,
      planId: FIRST_PLAN,
      ...(name === null ? {} : { name }),
      ...(company === null ? {} : { company }),
      now: at,
    });
    await recordAct(transaction, { actor: ACTOR, action: 'account.created', accountId: id, now: at });
    return id;
  }

  async function addKey(transaction: Db, { id }: SignUp, accountId: string, letter: SignUpLetter) {
    const at = now();
    const key = await issueApiKey(transaction, {
      accountId,
      kind: 'live',
      scopes: API_KEY_SCOPES,
      expiresAt: null,
      name: letter === 'welcome' ? 'first key' : 'key after recovery',
      pepper,
      now: at,
    });
    const sealedSecret = secretBox.seal(key.secret, sealContext(id));
    await noteLetter(transaction, { id, accountId, letter, keyId: key.id, sealedSecret });
    await recordAct(transaction, {
      actor: ACTOR,
      action: 'key.created',
      accountId,
      subject: key.id,
      details: { by: letter === 'welcome' ? 'signup' : 'recovery' },
      now: at,
    });
    return { accountId };
  }

  async function addCode(transaction: Db, { id }: SignUp, accountId: string) {
    const code = await issueRecoveryCode(transaction, { accountId, signUpId: id, pepper, now: now() });
    const sealedSecret = secretBox.seal(code, sealContext(id));
    await noteLetter(transaction, { id, accountId, letter: 'recovery_code', keyId: null, sealedSecret });
    return { accountId };
  }

  /**
   * Mails the key or the code and wipes it. Killed between the two, it mails the same again under the same Message-ID. What the mail server
   * refuses for good is given up.
   * @throws AppError `unavailable` when the mail server does not take it now.
   */
  async function mailSecret(id: string): Promise<SignUpOutcome | 'gone'> {
    const signUp = await findSignUp(db, id);
    if (signUp === null) return 'gone';
    if (signUp.outcome !== null) return signUp.outcome;
    const { letter, sealedSecret, email } = signUp;
    if (letter === null || sealedSecret === null) {
      throw new AppError('conflict', 'Nothing was made that could be mailed.');
    }
    if (letter === 'recovery_code' && !(await renewRecoveryCode(db, id, now()))) {
      await finishSignUp(db, { id, outcome: 'superseded', now: now() });
      return 'superseded';
    }
    const content = await compose(letter, secretBox.open(sealedSecret, sealContext(id)));
    const delivery = await mailer.send({ ...content, to: email, id: `signup-${id}` });
    if (!delivery.taken) return await giveUp(id, 'refused');
    await finishSignUp(db, { id, outcome: 'mailed', now: now() });
    return 'mailed';
  }

  async function compose(letter: SignUpLetter, secret: string): Promise<RenderedLetter> {
    switch (letter) {
      case 'welcome': {
        const plan = (await listPlans(db, now())).find(({ id }) => id === FIRST_PLAN);
        if (!plan) throw new AppError('internal', `The plan ${FIRST_PLAN} is not in force.`);
        return welcomeLetter({ key: secret, plan }, contacts);
      }
      case 'new_key':
        return newKeyLetter(secret, contacts);
      case 'recovery_code':
        return recoveryCodeLetter(secret, contacts);
    }
  }

  /** Ends a sign-up whose mail could not be sent: the key is revoked, the code ended, the secret wiped. */
  async function giveUpSignUp(id: string): Promise<SignUpOutcome | 'gone'> {
    return await giveUp(id, 'given_up');
  }

  async function giveUp(
    id: string,
    outcome: Extract<SignUpOutcome, 'refused' | 'given_up'>,
  ): Promise<SignUpOutcome | 'gone'> {
    return await db.transaction(async (transaction) => {
      const signUp = await lockSignUp(transaction, id);
      if (signUp === null) return 'gone';
      // The mail was taken after all, and only the answer of the attempt was lost.
      if (signUp.outcome !== null) return signUp.outcome;
      const { accountId, keyId } = signUp;
      const at = now();
      if (accountId !== null && keyId !== null) {
        await revokeApiKey(transaction, { accountId, id: keyId, now: at });
        await recordAct(transaction, {
          actor: ACTOR,
          action: 'key.revoked',
          accountId,
          subject: keyId,
          details: { because: 'mail_not_delivered' },
          now: at,
        });
      }
      await removeRecoveryCode(transaction, id);
      await finishSignUp(transaction, { id, outcome, now: at });
      return outcome;
    });
  }

  /** Starts the sign-ups that were stored and not started: Temporal was away, or the API died in between. */
  async function startWaitingSignUps(): Promise<{ waiting: number; started: number }> {
    await forgetPastHours(db, now());
    await forgetOldSignUps(db, now());
    const requestedBefore = addMillis(now(), -LEFT_LYING_AFTER_MS);
    let afterId = '';
    let waiting = 0;
    let started = 0;
    while (waiting < MOST_SIGN_UPS) {
      const ids = await listUnfinishedSignUps(db, { requestedBefore, afterId, most: LISTED_AT_ONCE });
      for (const id of ids) {
        if (await startSignUp(id)) started += 1;
        afterId = id;
      }
      waiting += ids.length;
      heartbeat(waiting);
      if (ids.length < LISTED_AT_ONCE) break;
    }
    return { waiting, started };
  }

  return { prepareSignUp, mailSecret, giveUpSignUp, startWaitingSignUps };
}
