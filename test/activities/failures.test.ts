import type { ApplicationFailure } from '@temporalio/common';
import { failureInterceptor } from '../../activities/failures';
import { AppError } from '../../domain/errors';

async function failureFor(error: unknown): Promise<ApplicationFailure> {
  const execute = failureInterceptor.execute?.bind(failureInterceptor);
  if (!execute) throw new Error('nothing intercepted');
  return await execute({ args: [], headers: {} }, () => Promise.reject(error as Error)).then(
    () => Promise.reject(new Error('it did not fail')),
    (failure: unknown) => failure as ApplicationFailure,
  );
}

describe('the failure of an activity', () => {
  it('is tried again after as long as the source asked for', async () => {
    const error = new AppError('unavailable', 'It answers 429.', { retryAfterSeconds: 90 });
    expect(await failureFor(error)).toMatchObject({
      message: 'It answers 429.',
      type: 'unavailable',
      nonRetryable: false,
      nextRetryDelay: 90_000,
    });
  });

  it('is tried again in the usual rhythm where nothing was asked', async () => {
    const failure = await failureFor(new AppError('unavailable', 'The database is away.'));
    expect(failure).toMatchObject({ nonRetryable: false });
    expect(failure.nextRetryDelay).toBeUndefined();
  });

  it('is final for what no retry can mend, with its type', async () => {
    expect(await failureFor(new AppError('not_found', 'Gone.'))).toMatchObject({
      type: 'not_found',
      nonRetryable: true,
    });
    expect(await failureFor(new TypeError('a slip'))).toMatchObject({
      type: 'TypeError',
      nonRetryable: true,
    });
  });

  it('is left as it is for all others', async () => {
    const error = new Error('connection reset');
    expect(await failureFor(error)).toBe(error);
  });
});
