import { z } from 'zod';
import type { FieldFault } from '../domain/errors';
import type { FormatOptions, WebhookEvent, WebhookFormat } from '../domain/webhooks/message';

const MAX_FIELDS = 50;
const name = z.string().min(1).max(100);

const formatOptions = z.strictObject({
  chat_id: name.optional(),
  object: name.optional(),
  fields: z
    .record(name, name)
    .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `At most ${MAX_FIELDS} fields`)
    .optional(),
});

/** What is wrong with the options of a format, by `format_options.<name>`. */
export function checkFormatOptions(format: WebhookFormat, options: unknown): FieldFault[] {
  const read = formatOptions.safeParse(options);
  const faults = (read.error?.issues ?? []).map(({ path, message }) => ({
    parameter: ['format_options', ...path].join('.'),
    message: `${message}.`,
  }));
  if (format === 'telegram' && read.data?.chat_id === undefined && faults.length === 0) {
    return [{ parameter: 'format_options.chat_id', message: 'Telegram needs to be told the chat.' }];
  }
  return faults;
}

/** The body that tells a service of an event, as JSON text. */
export function formatWebhook(_format: WebhookFormat, event: WebhookEvent, _options: FormatOptions): string {
  return JSON.stringify(event);
}
