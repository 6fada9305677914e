import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { accountFields } from '../../db/accounts';
import type { Db } from '../../db/connection';
import { useRecoveryCode } from '../../db/recoveryCodes';
import { type Asker, countRequest, secondsToNextHour } from '../../db/signUpCounts';
import { insertSignUp } from '../../db/signUps';
import { AppError } from '../../domain/errors';
import { parseRecoveryCode } from '../../domain/recoveryCode';
import type { Timestamp } from '../../domain/time';
import { callerAddress } from '../callerAddress';
import { publicChangeRoute } from '../changeRoute';
import { itemBody, itemSchema } from '../envelope';
import type { ApiServices } from '../services';

const MAX_BODY_BYTES = 4_000;
const MAX_CODE_LENGTH = 40;
const MAX_SHOWN_LENGTH = 100;

const ON_ITS_WAY = 'Look at your mail: a message is on its way.';
const QUEUED = 'It is stored. The message goes out as soon as a part of ours that is down is back.';

const answer = itemSchema(
  z.object({
    state: z
      .enum(['started', 'queued'])
      .describe('`queued`: stored, and taken up by itself once a part that is down is back'),
    message: z.string(),
  }),
);

const EXAMPLE_ANSWER = itemBody({ state: 'started' as const, message: ON_ITS_WAY });

const signUp = publicChangeRoute({
  method: 'post',
  path: '/signup',
  tag: 'Sign-up',
  summary: 'Get an account and a key',
  description:
    'An e-mail address is enough: no card, no form. The account is on the Starter plan; its key comes by e-mail, as a rule within ' +
    'seconds. An address that has an account already gets a code instead, with which `POST /signup/recover` gives another key: the ' +
    'answer is the same in both cases. Addresses of services that give them out for some minutes are refused; so are many requests ' +
    'from one place, or for one address, within an hour.',
  body: {
    schema: z.strictObject(accountFields.shape),
    maxBytes: MAX_BODY_BYTES,
    example: { email: 'you@example.com', name: 'Ada Berg', company: 'Berg Data' },
  },
  response: answer,
  successStatus: 202,
  example: EXAMPLE_ANSWER,
  handler: async ({ value, now, request, services }) => {
    const { db, signUps } = services;
    const { email } = value;
    if (signUps.isRefusedAddress(email)) {
      throw invalid({
        parameter: 'email',
        message: 'Addresses of this domain are not taken: give one at which you can be reached for good.',
        received: email.slice(0, MAX_SHOWN_LENGTH),
      });
    }
    const { perAddressAndHour, perEmailAndHour } = signUps.limits;
    const caller = { kind: 'signup-address' as const, address: callerAddress(request) };
    await refuseTooMany(services, { asker: caller, most: perAddressAndHour, now });
    await refuseTooMany(services, { asker: { kind: 'signup-email', email }, most: perEmailAndHour, now });

    const id = randomUUID();
    await insertSignUp(db, { id, ...value, now });
    return { body: await begin(services, id) };
  },
});

const recover = publicChangeRoute({
  method: 'post',
  path: '/signup/recover',
  tag: 'Sign-up',
  summary: 'Get another key by a code',
  description:
    'For who has lost the key. `POST /signup` with the address of the account sends the code; here it gives another key, which comes by ' +
    'e-mail. The keys there are stay as they are. A code works once, for 15 minutes and five attempts, and a newer one ends it.',
  body: {
    schema: z.strictObject({
      email: accountFields.shape.email,
      code: z.string().min(1).max(MAX_CODE_LENGTH),
    }),
    maxBytes: MAX_BODY_BYTES,
    example: { email: 'you@example.com', code: '7KQ2M-9XBTC' },
  },
  response: answer,
  successStatus: 202,
  example: EXAMPLE_ANSWER,
  handler: async ({ value: { email, code: given }, now, request, services }) => {
    const { db, keys, signUps } = services;
    const asker = { kind: 'recovery-address' as const, address: callerAddress(request) };
    const code = parseRecoveryCode(given);
    const id = randomUUID();
    // One transaction, which writes whatever the address and the code are: how long it takes tells nothing.
    const outcome = await db.transaction(async (transaction) => {
      const asked = await countRequest(transaction, { asker, pepper: keys.pepper, now });
      if (asked > signUps.limits.recoveriesPerAddressAndHour) return 'too many';
      const used =
        code === null ? null : await useRecoveryCode(transaction, { email, code, pepper: keys.pepper, now });
      if (used === null) return 'wrong';
      await insertSignUp(transaction, { id, email, accountId: used.accountId, now });
      return 'right';
    });
    if (outcome === 'too many') throw tooMany(now);
    if (outcome === 'wrong') {
      throw invalid({
        parameter: 'code',
        message:
          'This is not the code of this address, or it is older than 15 minutes, was used, or was tried too often. POST /signup sends a new one.',
      });
    }
    return { body: await begin(services, id) };
  },
});

export const signUpRoutes = [signUp, recover];

/** Has it taken further. What cannot be started now is stored, and started by the `start-pending-signups` schedule. */
async function begin({ signUps, logger }: ApiServices, id: string) {
  try {
    await signUps.start(id);
    return itemBody({ state: 'started' as const, message: ON_ITS_WAY });
  } catch (error) {
    logger.warn({ err: error, signUpId: id }, 'sign-up is left to the schedule');
    return itemBody({ state: 'queued' as const, message: QUEUED });
  }
}

/** @throws AppError `rate_limited` when the asker has asked more than `most` times in the clock hour. */
async function refuseTooMany(
  { db, keys }: { db: Db; keys: ApiServices['keys'] },
  { asker, most, now }: { asker: Asker; most: number; now: Timestamp },
): Promise<void> {
  const asked = await countRequest(db, { asker, pepper: keys.pepper, now });
  if (asked > most) throw tooMany(now);
}

function tooMany(now: Timestamp): AppError {
  return new AppError(
    'rate_limited',
    'There were too many such requests from here, or for this address, within the hour. Come back later.',
    { retryAfterSeconds: secondsToNextHour(now) },
  );
}

function invalid(fault: { parameter: string; message: string; received?: string }): AppError {
  return new AppError('invalid_parameter', `${fault.parameter}: ${fault.message}`, { faults: [fault] });
}
