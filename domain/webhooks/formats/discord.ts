import { noticeOf } from '../events';
import type { WebhookEvent } from '../message';
import { shorten } from './fit';

const MAX_TITLE_LENGTH = 256;
const MAX_DESCRIPTION_LENGTH = 4_096;
const MAX_FIELDS = 25;
/** Discord takes 1,024: with ten such values there would be no room for the description. */
const MAX_VALUE_LENGTH = 300;
/** Of title, description, footer, names and values of the fields together. */
const MAX_EMBED_LENGTH = 6_000;

const ADDRESS = String.raw`https?://[^\s<>()[\]\\|*~\`]+`;
/** Markdown, but for what stands in an address, where it means nothing; some signs mean something at the start of a line alone. */
const MARKDOWN = new RegExp(String.raw`${ADDRESS}|[\\*_~\`|<\[\]]|^[ \t]*[#>+-]`, 'gm');
/** Every backslash of an escaped text stands before what it escapes. */
const HALF_ESCAPE = /(?<=(?<!\\)(?:\\\\)*)\\$/;

/**
 * A message for a webhook of Discord, with one embed; nobody is mentioned by it.
 * Limits: https://docs.discord.com/developers/resources/message#embed-object-embed-limits (characters; surrounding blanks are taken
 * off, an empty value is refused) and https://docs.discord.com/developers/resources/webhook#execute-webhook (10 embeds).
 */
export function formatDiscord(event: WebhookEvent): string {
  const { heading, title, url, text, facts } = noticeOf(event);
  const footer = { text: heading };
  const name = escapeWithin(title, MAX_TITLE_LENGTH);
  const fields = facts.slice(0, MAX_FIELDS).map((fact) => ({
    name: fact.name,
    value: escapeWithin(fact.value, MAX_VALUE_LENGTH),
    inline: true,
  }));
  const used = [footer.text, name, ...fields.flatMap((field) => [field.name, field.value])].join('').length;
  const description = escapeWithin(text ?? '', Math.min(MAX_DESCRIPTION_LENGTH, MAX_EMBED_LENGTH - used));
  return JSON.stringify({
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: name,
        ...(url !== null && { url }),
        ...(description !== '' && { description }),
        fields,
        footer,
        timestamp: event.created_at,
      },
    ],
  });
}

function escapeWithin(text: string, most: number): string {
  // What is beyond cannot be within once it is escaped, either.
  const escaped = shorten(text, most + 1).replace(MARKDOWN, (found) =>
    found.startsWith('http') ? found : `${found.slice(0, -1)}\\${found.slice(-1)}`,
  );
  return shorten(escaped, most, HALF_ESCAPE);
}
