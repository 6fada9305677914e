import { CancellationScope, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { giveUpSignUp, mailSecret, prepareSignUp } from './activities';
import { asShownFailure } from './failures';
import { ACCOUNT_ID } from './searchAttributes';

export interface SignUpInput {
  /** Of the row that holds who asked: neither address nor key enters the history. */
  signUpId: string;
}

/** `gone`: the account was erased meanwhile. */
export interface SignUpReport {
  outcome: 'mailed' | 'refused' | 'superseded' | 'given_up' | 'gone';
}

/** Makes an account with its key, a code for one that is there, or another key after a code; and mails it, however long that takes. */
export async function signUp({ signUpId }: SignUpInput): Promise<SignUpReport> {
  const { accountId } = await prepareSignUp(signUpId);
  if (accountId === null) return { outcome: 'gone' };
  upsertSearchAttributes([{ key: ACCOUNT_ID, value: accountId }]);
  try {
    const outcome = await mailSecret(signUpId);
    setCurrentDetails(outcome);
    return { outcome };
  } catch (error) {
    // Also when an operator cancels it: no secret that was not sent stays behind.
    await CancellationScope.nonCancellable(() => giveUpSignUp(signUpId));
    throw asShownFailure(error);
  }
}
