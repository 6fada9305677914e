import { noticeOf } from '../events';
import type { WebhookEvent } from '../message';
import { shorten } from './fit';

const MAX_SECTION_LENGTH = 3_000;
const MAX_FIELDS = 10;
/** Slack takes 2,000, but no more than about 13,000 for all blocks of a message, though it does not say so (slackapi/bolt-js#2509). */
const MAX_FIELD_LENGTH = 500;
/** Of what is shown where blocks are not, in notifications; Slack advises against more than 4,000. */
const MAX_SUMMARY_LENGTH = 300;
const HALF_ENTITY = /&[a-z]*$/;

/**
 * A message for an incoming webhook, at most 4 blocks of the 50 that there may be.
 * Limits: https://docs.slack.dev/reference/block-kit/blocks/section-block (a text of 3,000 characters, 10 fields of 2,000),
 * https://docs.slack.dev/reference/block-kit/blocks (50 blocks). `&`, `<` and `>` stand for themselves as entities alone
 * (https://docs.slack.dev/messaging/formatting-message-text#escaping), so that no text can mention anybody or hide where a link
 * leads; `verbatim` leaves names and addresses in it as they are.
 */
export function formatSlack(event: WebhookEvent): string {
  const { heading, title, url, text, facts } = noticeOf(event);
  const name = escapeWithin(title, MAX_FIELD_LENGTH);
  return JSON.stringify({
    text: escapeWithin(`${heading}: ${title}`, MAX_SUMMARY_LENGTH),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'context', elements: [mrkdwn(escapeWithin(heading, MAX_FIELD_LENGTH))] },
      { type: 'section', text: mrkdwn(`*${url === null ? name : `<${linkAddress(url)}|${name}>`}*`) },
      ...(facts.length === 0
        ? []
        : [
            {
              type: 'section',
              fields: facts
                .slice(0, MAX_FIELDS)
                .map((fact) =>
                  mrkdwn(
                    `*${fact.name}*\n${escapeWithin(fact.value, MAX_FIELD_LENGTH - fact.name.length - 3)}`,
                  ),
                ),
            },
          ]),
      ...(text === null ? [] : [{ type: 'section', text: mrkdwn(escapeWithin(text, MAX_SECTION_LENGTH)) }]),
    ],
  });
}

function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true };
}

function escapeWithin(text: string, most: number): string {
  // What is beyond cannot be within once it is escaped, either.
  const escaped = shorten(text, most + 1)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return shorten(escaped, most, HALF_ENTITY);
}

/** Without what ends the address of a link. */
function linkAddress(url: string): string {
  return url.replace(/[<>|\s]/g, encodeURIComponent).replaceAll('&', '&amp;');
}
