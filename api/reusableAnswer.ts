import type { Request, Response } from 'express';
import { relativeTime } from '../domain/relativeTime';
import type { Timestamp } from '../domain/time';
import { stampEnding, weakEtag, withoutRelativeTimes } from './envelope';

/** How an answer that lists jobs ages. */
export interface Ageing {
  /** Of each job, in the order of the answer. */
  postedOn: readonly Timestamp[];
  /** The last moment at which the answer may be given. */
  until: Timestamp;
}

/** A successful answer as it is kept: written and tagged once, but for the stamp and the relative times. */
export interface ReusableAnswer {
  headers: Readonly<Record<string, string>>;
  etag: string;
  /** The body without its closing brace: what stands before, between and after the relative times. Views of one piece of memory. */
  segments: readonly Buffer[];
  /** Of the relative times. */
  postedOn: readonly Timestamp[];
  /** The last moment at which it may be given again. */
  until: Timestamp;
  /** Memory that it takes, more or less. */
  bytes: number;
}

const BYTES_OF_VIEW = 200;
const BYTES_BESIDES = 1_000;

/** @throws Error when the relative times in the body are neither none nor one for each job. */
export function toReusable({
  headers = {},
  body,
  ageing: { postedOn, until },
}: {
  headers?: Readonly<Record<string, string>>;
  body: object;
  ageing: Ageing;
}): ReusableAnswer {
  const text = JSON.stringify(body);
  const texts = withoutRelativeTimes(text.slice(0, -1));
  const slots = texts.length - 1;
  if (slots !== 0 && slots !== postedOn.length)
    throw new Error(`The answer lists ${postedOn.length} jobs and holds ${slots} relative times.`);
  const segments = toViews(texts);
  const length = segments.reduce((sum, segment) => sum + segment.length, 0);
  return {
    headers,
    etag: weakEtag(text),
    segments,
    postedOn: slots === 0 ? [] : postedOn,
    until,
    bytes: length + segments.length * BYTES_OF_VIEW + BYTES_BESIDES,
  };
}

/** Of memory that is nobody else's: small buffers are cut from a shared piece otherwise, and would keep the whole of it. */
function toViews(texts: readonly string[]): Buffer[] {
  const memory = Buffer.allocUnsafeSlow(Buffer.byteLength(texts.join('')));
  let end = 0;
  return texts.map((text) => {
    const start = end;
    end += memory.write(text, start);
    return memory.subarray(start, end);
  });
}

/** Sends it under the stamp, with relative times as of now. For a caller who has it already it is not even put together. */
export function sendReusable(request: Request, response: Response, answer: ReusableAnswer): void {
  response.set(answer.headers).set('ETag', answer.etag);
  if (request.fresh) response.status(304).end();
  else response.type('json').send(textOf(answer, request));
}

function textOf({ segments, postedOn }: ReusableAnswer, request: Request): Buffer {
  const { now } = request.context;
  const pieces = segments.flatMap((segment, number) => {
    const time = postedOn[number - 1];
    return time === undefined ? [segment] : [relativeTimeMember(time, now), segment];
  });
  return Buffer.concat([...pieces, Buffer.from(stampEnding(request))]);
}

function relativeTimeMember(time: Timestamp, now: Timestamp): Buffer {
  return Buffer.from(`"publish_time_relative":"${relativeTime(time, now)}"`);
}
