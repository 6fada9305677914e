import { z } from 'zod';
import { toTimestamp } from '../../../domain/time';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** Of accounts, keys and sources: ours are shorter, and any text is looked up as it is. */
export const idText = z.string().min(1).max(100);

/** How many entries a page has. */
export const limit = z
  .string()
  .regex(/^\d{1,3}$/, `Give a whole number from 1 to ${MAX_LIMIT}`)
  .transform(Number)
  .pipe(z.number().min(1).max(MAX_LIMIT))
  .default(DEFAULT_LIMIT);

/** ISO 8601 with a zone, in a year that Postgres has. */
export const time = z.iso
  .datetime({
    offset: true,
    abort: true,
    error: 'Give an ISO 8601 time with its zone, as 2026-01-20T12:00:00Z',
  })
  .regex(/^[12]/, 'Give a year from 1000 to 2999')
  .transform((text) => toTimestamp(Date.parse(text)));

/** Why something is done, in the operator's words. */
export const reason = z.string().trim().min(1).max(500);
