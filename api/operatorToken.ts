import { createHash, timingSafeEqual } from 'node:crypto';
import { randomBody } from '../db/apiKeys';
import { formatOperatorToken } from '../domain/apiKey';

/**
 * SHA-256 of a token: all that the server is told of it. The token is 190 random bits, which nobody tries through, so it needs
 * neither salt nor a slow hash.
 */
export function hashOperatorToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A new token of the operators' API. */
export function makeOperatorToken(): string {
  return formatOperatorToken(randomBody());
}

/** Whether it is the token of that hash. How long this takes says nothing about either. */
export function isOperatorToken(token: string, hash: Buffer): boolean {
  return timingSafeEqual(hashOperatorToken(token), hash);
}
