import { noticeOf } from '../events';
import type { FormatOptions, WebhookEvent } from '../message';
import { shorten } from './fit';

const MAX_TEXT_LENGTH = 4_096;
const MAX_TITLE_LENGTH = 500;
const MAX_FACT_LENGTH = 300;

/**
 * Parameters of `sendMessage` of the Bot API, whose address holds the bot's token.
 * Limits: https://core.telegram.org/bots/api#sendmessage (a text of 1 to 4,096 characters). What is bold and what is a link is told by
 * places in the text, in UTF-16 units (https://core.telegram.org/bots/api#messageentity), not by markup in it: there is nothing to
 * escape, and nothing that a text could break.
 */
export function formatTelegram(event: WebhookEvent, { chat_id }: FormatOptions): string {
  const { heading, title, url, text, facts } = noticeOf(event);
  const above = `${heading}\n`;
  const name = shorten(title, MAX_TITLE_LENGTH);
  const place = { offset: above.length, length: name.length };
  const told = facts.map((fact) => `${fact.name}: ${shorten(fact.value, MAX_FACT_LENGTH)}`);
  const head = [`${above}${name}`, ...told].join('\n');
  const whole = text === null ? head : `${head}\n\n${text}`;
  return JSON.stringify({
    chat_id,
    text: shorten(whole, MAX_TEXT_LENGTH),
    entities: [{ type: 'bold', ...place }, ...(url === null ? [] : [{ type: 'text_link', ...place, url }])],
    link_preview_options: { is_disabled: true },
  });
}
