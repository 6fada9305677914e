import type { Request, Response } from 'express';
import { hashApiKey, type ApiKey, type KeyOwner } from '../../db/apiKeys';
import { parseApiKey, type ApiKeyScope } from '../../domain/apiKey';
import { apiKeyStatus, hasScope } from '../../domain/apiKeyTerms';
import { AppError } from '../../domain/errors';
import { readScopeOf } from '../../domain/plan';
import type { ReadScope } from '../../domain/readScope';
import type { Timestamp } from '../../domain/time';
import { callerAddress, isAddressAllowed } from '../callerAddress';
import type { Charge } from '../limits/admission';
import type { ApiServices } from '../services';

/** Who is calling, under which plan, and what they may read. */
export interface Caller extends KeyOwner {
  readScope: ReadScope;
}

/** What a route asks of a key: a scope, or only that there is one. */
export type RequiredScope = ApiKeyScope | 'any';

/** What a route asks of those who call it. */
export interface Requirements {
  scope: RequiredScope;
  /** Whether its answers count as calls. */
  isMetered: boolean;
}

/**
 * Lets in the caller that the X-API-KEY header stands for, under its limits.
 * @throws AppError 401 for a key that is missing, malformed, unknown, revoked, expired or not for the caller's address; 402 and 429 as
 * its limits say; 403 `insufficient_scope`.
 */
export async function authenticate(
  { request, response }: { request: Request; response: Response },
  services: ApiServices,
  { scope, isMetered }: Requirements,
): Promise<{ caller: Caller; charge: Charge }> {
  const { now } = request.context;
  const owner = await identify(request, services);
  const charge = await services.admission.admit({ request, response }, owner, { isMetered });
  const { key, plan } = owner;
  if (scope !== 'any') refuseWithoutScope(key, scope);
  const { samplesForLiveKeys } = services;
  return {
    caller: { ...owner, readScope: readScopeOf(key.kind, plan, { samplesForLiveKeys, now }) },
    charge,
  };
}

async function identify(request: Request, services: ApiServices): Promise<KeyOwner> {
  const { context } = request;
  const secret = readKeyHeader(request);
  const owner = await services.keys.findOwner(hashApiKey(secret, services.keys.pepper), context.now);
  if (!owner) throw unknownKey();
  context.keyId = owner.key.id;

  refuseEndedKey(owner.key, context.now);
  refuseOtherAddresses(owner.key, request);
  return owner;
}

/** @throws AppError `revoked_api_key` or `expired_api_key`. */
export function refuseEndedKey(key: ApiKey, now: Timestamp): void {
  const status = apiKeyStatus(key, now);
  if (status === 'revoked') {
    throw new AppError(
      'revoked_api_key',
      `This key was revoked on ${key.revokedAt}. Use another key of the account.`,
    );
  }
  if (status === 'expired') {
    throw new AppError(
      'expired_api_key',
      `This key expired on ${key.expiresAt}. Use another key of the account.`,
    );
  }
}

/** A key with a list is none elsewhere. The address is told, for behind proxies it may be another than the caller thinks. */
function refuseOtherAddresses({ allowedIps }: ApiKey, request: Request): void {
  if (allowedIps.length === 0) return;
  const address = callerAddress(request);
  if (isAddressAllowed(address, allowedIps)) return;
  throw new AppError(
    'invalid_api_key',
    `This key may not be used from ${address}: its allowed_ips do not hold this address.`,
  );
}

function refuseWithoutScope(key: ApiKey, scope: ApiKeyScope): void {
  if (hasScope(key, scope)) return;
  const isOfNoUse = key.scopes.includes(scope);
  throw new AppError(
    'insufficient_scope',
    isOfNoUse
      ? `With a ${key.kind} key the scope ${scope} is of no use: it changes nothing. Use a live key.`
      : `This key lacks the scope ${scope}.`,
  );
}

/** The key as sent, of a form that a key has: a typo costs no look-up. */
function readKeyHeader(request: Request): string {
  const value = request.get('X-API-KEY') ?? '';
  if (value === '') throw new AppError('missing_api_key', 'X-API-KEY header is required');
  if (/[\s"'`]/.test(value)) {
    throw new AppError(
      'invalid_api_key',
      'The X-API-KEY header holds spaces or quotes; send the key alone, as in X-API-KEY: uj_live_...',
    );
  }
  if (!parseApiKey(value)) throw unknownKey();
  return value;
}

function unknownKey(): AppError {
  return new AppError('invalid_api_key', 'Invalid or missing X-API-KEY header');
}
