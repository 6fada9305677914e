import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppError } from '../domain/errors';
import type { Timestamp } from '../domain/time';
import { failureBody } from './envelope';

/** For the caller to finish sending and to read the answer: closing earlier would take the answer away from who still sends. */
const LINGER_MS = 1_000;

/** A failure that is sent where there is no request to answer. */
export interface BareAnswer {
  requestId: string;
  text: string;
}

/** The failure in the envelope as a whole HTTP answer, for what never became a request. */
export function bareAnswer(error: AppError, now: Timestamp): BareAnswer {
  const requestId = randomUUID();
  const body = JSON.stringify({ ...failureBody(error), last_updated: now, request_id: requestId });
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    `Date: ${new Date(now).toUTCString()}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: private, no-cache',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
  ];
  return { requestId, text: `${head.join('\r\n')}\r\n\r\n${body}` };
}

/** Sends it as the last thing on the connection; what the caller still sends is thrown away. */
export function sendAndClose(socket: Duplex, { text }: BareAnswer): void {
  socket.on('error', () => undefined);
  const lingering = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(lingering));
  socket.end(text);
  socket.resume();
}
