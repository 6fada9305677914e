import { formatDiscord } from './formats/discord';
import { formatHubspot } from './formats/hubspot';
import { formatJson } from './formats/json';
import { formatSalesforce } from './formats/salesforce';
import { formatSlack } from './formats/slack';
import { formatTelegram } from './formats/telegram';
import type { FormatOptions, WebhookEvent, WebhookFormat } from './message';

export { checkFormatOptions } from './formats/options';

const FORMATS: Readonly<Record<WebhookFormat, (event: WebhookEvent, options: FormatOptions) => string>> = {
  json: formatJson,
  slack: formatSlack,
  discord: formatDiscord,
  telegram: formatTelegram,
  hubspot: formatHubspot,
  salesforce: formatSalesforce,
};

/**
 * An event as a service takes it: JSON text within that service's limits, and of 256 KiB at most. Any event has one, of a type that is
 * not known, too. Options are those that checkFormatOptions finds no fault with.
 */
export function formatWebhook(
  format: WebhookFormat,
  event: WebhookEvent,
  options: FormatOptions = {},
): string {
  return FORMATS[format](event, options);
}
