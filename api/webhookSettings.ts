import { z } from 'zod';
import type { Db } from '../db/connection';
import { type EndpointSettings, missingSavedSearches } from '../db/webhookEndpoints';
import { AppError, type FieldFault } from '../domain/errors';
import { checkFormatOptions } from '../domain/webhooks/formats';
import { faultsOfHeaders, MAX_HEADERS } from '../domain/webhooks/endpointHeaders';
import { WEBHOOK_EVENT_TYPES } from '../domain/webhooks/eventTypes';
import { isMasked } from '../domain/webhooks/masking';
import { type FormatOptions, WEBHOOK_FORMATS } from '../domain/webhooks/message';
import type { WebhookCall } from './webhookCalls';

const MAX_URL_LENGTH = 2_048;
const MAX_DESCRIPTION_LENGTH = 500;
const MAX_ID_LENGTH = 100;
const MAX_SAVED_SEARCHES = 1_000;
const MAX_IN_FLIGHT = 20;
const MAX_RATE = 100_000;

const url = z
  .string()
  .min(1)
  .max(MAX_URL_LENGTH)
  .describe('Where events are posted: https, on port 443 or 8443. Encrypted at rest, and shown masked');
const events = z
  .array(z.enum(WEBHOOK_EVENT_TYPES))
  .min(1)
  .max(WEBHOOK_EVENT_TYPES.length)
  .transform((types) => [...new Set(types)])
  .describe('What it is told of. `webhook.test` comes from the test route, whatever is listed here');
const savedSearchIds = z
  .array(z.string().min(1).max(MAX_ID_LENGTH))
  .min(1, 'Give at least one; null stands for all of the account')
  .max(MAX_SAVED_SEARCHES)
  .transform((ids) => [...new Set(ids)])
  .nullable()
  .describe('Whose matches it is told of; null: all of the account’s');
const maxInFlight = z
  .int()
  .min(1)
  .max(MAX_IN_FLIGHT)
  .describe('Requests at a time. With more than 1 it is faster, and events may arrive in another order');
const rateLimit = z
  .int()
  .min(1)
  .max(MAX_RATE)
  .nullable()
  .describe('Requests a minute at most; null: no limit');
const format = z.enum(WEBHOOK_FORMATS).describe('The shape of the bodies: `json`, or what a service takes');
const formatOptions = z
  .record(z.string().max(MAX_ID_LENGTH), z.unknown())
  .describe('What the format needs to know: `chat_id` for Telegram, `object` and `fields` for a CRM');
const headers = z
  .record(z.string(), z.string())
  .describe(`Up to ${MAX_HEADERS} headers to send along. Encrypted at rest, and shown masked`);
const description = z.string().trim().min(1).max(MAX_DESCRIPTION_LENGTH).nullable();
const enabled = z.boolean();

export const newEndpoint = z.strictObject({
  url,
  events,
  saved_search_ids: savedSearchIds.default(null),
  max_in_flight: maxInFlight.default(1),
  rate_limit: rateLimit.default(null),
  format: format.default('json'),
  format_options: formatOptions.default({}),
  headers: headers.default({}),
  description: description.default(null),
  enabled: enabled.default(true),
});

export const endpointChanges = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    saved_search_ids: savedSearchIds.optional(),
    max_in_flight: maxInFlight.optional(),
    rate_limit: rateLimit.optional(),
    format: format.optional().describe('Another one takes the options of the one before away'),
    format_options: formatOptions.optional(),
    headers: headers.optional().describe('All of them: those that are not given are taken away'),
    description: description.optional(),
    enabled: enabled
      .optional()
      .describe('True also ends a rest, and forgets failures; false gives up what is on its way'),
  })
  .refine((changes) => Object.keys(changes).length > 0, {
    message: 'Must have a member to change',
    // Where a name is misspelt, that is the fault.
    when: ({ issues }) => issues.length === 0,
  });

/** The settings that a body names, once it is known to be without fault: of a new endpoint all of them. */
export function settingsOf(value: z.output<typeof newEndpoint>): EndpointSettings;
export function settingsOf(value: z.output<typeof endpointChanges>): Partial<EndpointSettings>;
export function settingsOf(value: z.output<typeof endpointChanges>): Partial<EndpointSettings> {
  return {
    // In the one spelling that an address has.
    url: value.url === undefined ? undefined : new URL(value.url).href,
    headers: value.headers,
    description: value.description,
    events: value.events,
    savedSearchIds: value.saved_search_ids,
    format: value.format,
    formatOptions: formatOptionsIn(value),
    maxInFlight: value.max_in_flight,
    rateLimit: value.rate_limit,
  };
}

/** Another format begins without options. */
function formatOptionsIn(value: z.output<typeof endpointChanges>): FormatOptions | undefined {
  return value.format === undefined ? value.format_options : (value.format_options ?? {});
}

type FormatSettings = Pick<EndpointSettings, 'format' | 'formatOptions'>;

/**
 * What is wrong with a body that its schema cannot tell. Members of the wrong type are left to the schema.
 * @param before format and options that stay where none are given.
 */
export async function faultsOfSettings(
  value: unknown,
  call: WebhookCall,
  before?: FormatSettings,
): Promise<FieldFault[]> {
  const given = Object(value) as Readonly<Record<string, unknown>>;
  const [faultOfUrl, faultsOfSearches] = await Promise.all([
    findFaultOfUrl(given.url, call),
    faultsOfSavedSearches(call.services.db, call, given.saved_search_ids),
  ]);
  return [
    ...faultOfUrl,
    ...faultsOfSearches,
    ...faultsOfHeaders(given.headers),
    ...faultsOfFormat(given, before),
  ];
}

async function findFaultOfUrl(address: unknown, { services }: WebhookCall): Promise<FieldFault[]> {
  if (typeof address !== 'string' || address === '' || address.length > MAX_URL_LENGTH) return [];
  const message = isMasked(address)
    ? 'This is how we show an address, not the address.'
    : await services.webhooks.check(address);
  return message === null ? [] : [{ parameter: 'url', message }];
}

/** Those that are none of the account's, each by its place. */
export async function faultsOfSavedSearches(
  db: Db,
  { caller }: WebhookCall,
  given: unknown,
): Promise<FieldFault[]> {
  if (!Array.isArray(given) || given.length > MAX_SAVED_SEARCHES) return [];
  const list: readonly unknown[] = given;
  const ids = list.filter((id) => typeof id === 'string' && id.length <= MAX_ID_LENGTH && isStorable(id));
  const missing = new Set<unknown>(
    await missingSavedSearches(db, { accountId: caller.account.id, ids: ids as string[] }),
  );
  return list.flatMap((id, index) =>
    typeof id === 'string' && missing.has(id)
      ? [
          {
            parameter: `saved_search_ids.${index}`,
            message: 'The account has no saved search of this id.',
            received: id,
          },
        ]
      : [],
  );
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** @param before format and options that stay where none are given. */
export function faultsOfFormat(
  given: Readonly<{ format?: unknown; format_options?: unknown }>,
  before: FormatSettings = { format: 'json', formatOptions: {} },
): FieldFault[] {
  if (given.format === undefined && given.format_options === undefined) return [];
  const named = WEBHOOK_FORMATS.find((each) => each === (given.format ?? before.format));
  if (named === undefined) return [];
  const stays = given.format === undefined ? before.formatOptions : {};
  return checkFormatOptions(named, given.format_options ?? stays);
}

/** @throws AppError `invalid_parameter` when there are any. */
export function refuseFaults(faults: readonly FieldFault[]): void {
  if (faults.length === 0) return;
  const sentences = faults.map(({ parameter, message }) => `${parameter}: ${message}`);
  throw new AppError('invalid_parameter', sentences.join(' '), { faults: [...faults] });
}
