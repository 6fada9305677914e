import cors from 'cors';
import type { RequestHandler } from 'express';

/** What a page may send besides what any page may. */
const ALLOWED_HEADERS = [
  'X-API-KEY',
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-None-Match',
  'X-Request-Id',
];
/** What a page may read besides what any page may. */
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-RateLimit-Burst',
  'X-Quota-Limit',
  'X-Quota-Remaining',
  'X-Quota-Reset',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Search-Engine',
  'X-Export-Rows',
  'X-Export-Calls',
  'Content-Disposition',
  'ETag',
  'Allow',
];
/** For how long a browser need not ask again whether it may. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of these origins call the API from browsers. Browsers ask beforehand, without a key, and are answered here. Cookies and the
 * like have no part in it, so that `*` gives nobody more than a key gives.
 */
export function crossOrigin(origins: readonly string[]): RequestHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ALLOWED_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  });
}
