import type { Request } from 'express';
import { hashApiKey } from '../../db/apiKeys';
import { findSourceToken, type PushSource } from '../../db/sourceTokens';
import { isSourceToken } from '../../domain/apiKey';
import { AppError } from '../../domain/errors';
import type { ApiServices } from '../services';

/** A source that pushes, and the token by which it is known. */
export interface PushCaller {
  tokenId: string;
  source: PushSource;
}

const BEARER = /^Bearer +(\S+)$/i;
const HOW = 'as in Authorization: Bearer uj_push_..., or in the X-API-KEY header';

/**
 * The source whose token the request carries.
 * @throws AppError 401 for a token that is missing, malformed, unknown or revoked.
 */
export async function authenticateSource(request: Request, services: ApiServices): Promise<PushCaller> {
  const { context } = request;
  const owner = await findSourceToken(services.db, hashApiKey(readToken(request), services.keys.pepper));
  if (!owner) throw unknownToken();
  const { token, source } = owner;
  context.keyId = token.id;
  if (token.revokedAt !== null && token.revokedAt <= context.now) {
    throw new AppError(
      'revoked_api_key',
      `This token was revoked on ${token.revokedAt}. Use another token of the source.`,
    );
  }
  return { tokenId: token.id, source };
}

/** The token as sent, of a form that a token has: a typo costs no look-up. */
function readToken(request: Request): string {
  const authorization = request.get('Authorization') ?? '';
  const token = authorization === '' ? (request.get('X-API-KEY') ?? '') : BEARER.exec(authorization)?.[1];
  if (token === '') throw new AppError('missing_api_key', `A source token is required, ${HOW}`);
  if (token === undefined || !isSourceToken(token)) throw unknownToken();
  return token;
}

function unknownToken(): AppError {
  return new AppError('invalid_api_key', `This route takes the token of a source that pushes, ${HOW}`);
}
