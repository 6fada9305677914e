import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { boundedWait, parseRetryAfter } from '../domain/retryAfter';
import { storableText } from '../domain/text';
import { toTimestamp } from '../domain/time';
import { type Answer, KEPT_BYTES } from './exchange';

/** Answers that may say when to come back. */
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;

/** Telegram says it in the body (core.telegram.org/bots/api, ResponseParameters). */
const telegramAnswer = z.object({ parameters: z.object({ retry_after: z.number() }) });

/** The beginning of a body as text that can be stored, without a character that the cut went through. */
export function answerText(body: Buffer): string {
  const text = body.length < KEPT_BYTES ? body.toString() : new StringDecoder('utf8').write(body);
  return storableText(text.replace(/\r\n?/g, '\n'));
}

/** Whole seconds that the receiver asks to be left alone, at most a day; null: it does not ask. */
export function secondsToWait({ statusCode, retryAfter, body }: Answer, nowMs: number): number | null {
  if (statusCode !== TOO_MANY_REQUESTS && statusCode !== UNAVAILABLE) return null;
  const asked = parseRetryAfter(retryAfter, toTimestamp(nowMs));
  if (asked !== undefined) return asked;
  return statusCode === TOO_MANY_REQUESTS ? secondsInBody(body) : null;
}

function secondsInBody(body: Buffer): number | null {
  try {
    const { data } = telegramAnswer.safeParse(JSON.parse(body.toString()));
    return data ? boundedWait(Math.ceil(data.parameters.retry_after)) : null;
  } catch {
    return null;
  }
}
