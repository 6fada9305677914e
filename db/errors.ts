/** SQLSTATE of a violated unique constraint. */
const UNIQUE_VIOLATION = '23505';

/** SQLSTATE of a row whose owner is not there. */
const FOREIGN_KEY_VIOLATION = '23503';

/** SQLSTATE of a statement that was cancelled, as by its timeout. */
const QUERY_CANCELED = '57014';

/**
 * Codes of a server that cannot be reached or cannot serve now: Node's of a broken connection, and Postgres's for
 * shutting down, starting up and having no connection left. SQLSTATE class 08 belongs to them.
 */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  '53300',
  '57P01',
  '57P02',
  '57P03',
]);

/** node-postgres gives an error without a code when the server hangs up in the middle of a query. */
const HUNG_UP = /^(Connection terminated|Client has encountered a connection error)/;

export function isUniqueViolation(error: unknown): boolean {
  return textOf(error, 'code') === UNIQUE_VIOLATION;
}

export function isForeignKeyViolation(error: unknown): boolean {
  return textOf(error, 'code') === FOREIGN_KEY_VIOLATION;
}

/** Whether a statement was cancelled for taking longer than it may. */
export function isStatementTimeout(error: unknown): boolean {
  return textOf(error, 'code') === QUERY_CANCELED;
}

/** Whether the query failed because Postgres is away, not because of the query. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const code = textOf(error, 'code');
  if (code !== null) return UNAVAILABLE_CODES.has(code) || /^08...$/.test(code);
  // Waiting for a connection of the pool took too long.
  if (textOf(error, 'name') === 'KnexTimeoutError') return true;
  return HUNG_UP.test(textOf(error, 'message') ?? '');
}

/** By its members, not by `instanceof`: an error of Node's own may come from another realm. */
function textOf(error: unknown, member: 'code' | 'name' | 'message'): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const value = (error as Record<string, unknown>)[member];
  return typeof value === 'string' ? value : null;
}
