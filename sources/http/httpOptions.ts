import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { isPath } from '../../domain/mapping/path';

const path = z.string().min(1).max(200).refine(isPath, 'a path such as paging.next');

/** How the pages of a feed follow each other; all of it optional, for `next` links are found by themselves. */
const httpOptionsSchema = z
  .strictObject({
    /** Where the body holds the address of the next page; `next`, `next_url` and `links.next` are tried by themselves. */
    nextPath: path.optional(),
    /** Query parameter that takes the page cursor, `after`. */
    cursorParameter: z.string().min(1).max(100).optional(),
    /** Where the body holds the cursor of the next page; of a list, or of rows without a body around them, the last. */
    cursorPath: path.optional(),
    /** Pages of one run at most; the next run begins again at the first. */
    maxPages: z.int().min(1).max(10_000).default(100),
    /** Whether `next` links and redirects may lead to another host. */
    otherOrigins: z.boolean().default(false),
  })
  .refine((options) => (options.cursorParameter === undefined) === (options.cursorPath === undefined), {
    message: 'cursorParameter and cursorPath belong together',
    path: ['cursorParameter'],
  });

export type HttpOptions = z.infer<typeof httpOptionsSchema>;

/** @throws AppError `invalid_parameter` naming each option that is wrong. */
export function parseHttpOptions(given: unknown): HttpOptions {
  const parsed = httpOptionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_parameter', 'The options of the http source cannot be used.', {
    faults: parsed.error.issues.map((issue) => ({
      parameter: issue.path.join('.') || 'options',
      message: issue.message,
    })),
  });
}
