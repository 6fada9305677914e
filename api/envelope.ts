import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { ERROR_STATUS, type AppError, type ErrorCode } from '../domain/errors';

/** When a caller should come back to a part that is down, unless the error says otherwise. */
const DEFAULT_RETRY_AFTER_SECONDS = 5;

const success = z.literal(true);
const failure = z.literal(false);
const warnings = z
  .array(z.string())
  .describe('What was understood differently from how it was asked')
  .optional();
const nothing = z.array(z.unknown()).max(0);

/** What every answer carries besides. */
export const stampSchema = z.object({
  last_updated: z.iso.datetime().describe('When the response was made'),
  request_id: z.string().describe('To quote when asking about this request; also in X-Request-Id'),
});

/** Body of a list, before the stamp. */
export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    success,
    data: z.array(item),
    count: z.number().int().describe('Rows in this page'),
    total: z.number().int().describe('Rows that match; an estimate or a lower bound where it is not exact'),
    total_is_exact: z.boolean().describe('False where counting would cost more than the page'),
    next_cursor: z.string().nullable().describe('`cursor` of the next page; null on the last'),
    warnings,
  });
}

/** Body of a list that is given whole, before the stamp. */
export function wholeListSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    success,
    data: z.array(item),
    count: z.number().int().describe('Entries given'),
    warnings,
  });
}

/** Body of a single resource, before the stamp. */
export function itemSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ success, data: item, count: z.literal(1), warnings });
}

/** Body of an answer that says something and holds no data, before the stamp. */
export const messageSchema = z.object({ success, message: z.string(), data: nothing, count: z.literal(0) });

const fault = z.object({
  parameter: z.string(),
  message: z.string(),
  received: z.string().nullable(),
  expected: z.string().nullable(),
  did_you_mean: z.string().nullable(),
});

/** Body of every failure, before the stamp. */
export const failureSchema = z.object({
  success: failure,
  message: z.string(),
  code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
  data: nothing,
  count: z.literal(0),
  errors: z.array(fault).describe('Every fault of the request at once'),
  retry_after: z.number().int().describe('Seconds').optional(),
});
export type FailureBody = z.infer<typeof failureSchema>;

/** Of a search: a list that may come with counts, or with advice where it is empty. */
export function searchSchema<Item extends z.ZodType>(item: Item) {
  return listSchema(item).extend({
    facets: z
      .record(z.string(), z.array(facetValue))
      .describe('By facet, the most frequent values first')
      .optional(),
    facets_are_exact: z
      .boolean()
      .describe('False when only the newest of the jobs that match were counted')
      .optional(),
    hints: z
      .object({
        filters: z
          .array(
            z.object({
              parameters: z.array(z.string()).describe('By which this filter is given'),
              total_without: z.number().int().describe('Jobs there would be without it'),
              total_is_exact: z.boolean(),
            }),
          )
          .describe('What each filter keeps out, the most first'),
        spelling: z
          .array(z.object({ word: z.string(), did_you_mean: z.array(z.string()) }))
          .describe('Words of the search that no job holds, and words that jobs hold'),
      })
      .describe('Where nothing matches')
      .optional(),
  });
}

const facetValue = z.object({
  value: z.union([z.string(), z.number(), z.boolean()]).describe('As the filter of this name takes it'),
  label: z.string().nullable().describe('The value in words, where it does not speak for itself'),
  count: z.number().int(),
});

export interface Page<Item> {
  items: Item[];
  total: number;
  totalIsExact: boolean;
  nextCursor: string | null;
  warnings: string[];
}

export function listBody<Item>({ items, total, totalIsExact, nextCursor, warnings }: Page<Item>) {
  return {
    success: true as const,
    data: items,
    count: items.length,
    total,
    total_is_exact: totalIsExact,
    next_cursor: nextCursor,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

export function wholeListBody<Item>(items: Item[], warnings: string[] = []) {
  return {
    success: true as const,
    data: items,
    count: items.length,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

export function itemBody<Item>(item: Item, warnings: string[] = []) {
  return {
    success: true as const,
    data: item,
    count: 1 as const,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

export function messageBody(message: string): z.infer<typeof messageSchema> {
  return { success: true, message, data: [], count: 0 };
}

export function failureBody(error: AppError): FailureBody {
  const retryAfter = retryAfterSeconds(error);
  return {
    success: false,
    message: error.message,
    code: error.code,
    data: [],
    count: 0,
    errors: error.faults.map((one) => ({
      parameter: one.parameter,
      message: one.message,
      received: one.received ?? null,
      expected: one.expected ?? null,
      did_you_mean: one.did_you_mean ?? null,
    })),
    ...(retryAfter === null ? {} : { retry_after: retryAfter }),
  };
}

/** Seconds after which to try again; null where trying again does not help. */
function retryAfterSeconds(error: AppError): number | null {
  return error.retryAfterSeconds ?? (error.status === 503 ? DEFAULT_RETRY_AFTER_SECONDS : null);
}

/** Sends a body under the stamp. A caller who has it already (If-None-Match) gets 304 from Express's `send`. */
export function sendStamped(request: Request, response: Response, body: object, status = 200): void {
  const text = JSON.stringify(body);
  if (status === 200) response.set('ETag', weakEtag(text));
  if ('retry_after' in body) response.set('Retry-After', String(body.retry_after));
  response.status(status).type('json').send(stamped(text, request));
}

export function sendFailure(request: Request, response: Response, error: AppError): void {
  sendStamped(request, response, failureBody(error), error.status);
}

/** Sends a document as it is, without the envelope. */
export function sendBare(response: Response, document: object): void {
  const text = JSON.stringify(document);
  response.set('ETag', weakEtag(text)).type('json').send(text);
}

/** Adds the stamp to the text of an object that has members: the data is written once, and tagged without the stamp. */
function stamped(text: string, request: Request): string {
  return `${text.slice(0, -1)}${stampEnding(request)}`;
}

/** What the text of a stamped body ends with, in place of its closing brace. */
export function stampEnding({ context }: Request): string {
  const stamp = JSON.stringify({ last_updated: context.now, request_id: context.id });
  return `,${stamp.slice(1)}`;
}

/** A quote inside a JSON string is escaped, so this matches members alone, never the text of a posting. */
const RELATIVE_TIMES = /"publish_time_relative":"[^"]*"/g;

/** The text of a body without its relative times: what stands before, between and after them. */
export function withoutRelativeTimes(text: string): string[] {
  return text.split(RELATIVE_TIMES);
}

/** Over the text of a body that is not stamped. */
export function weakEtag(text: string): string {
  const digest = createHash('sha256').update(withoutRelativeTimes(text).join('')).digest('base64url');
  return `W/"${digest.slice(0, 27)}"`;
}
