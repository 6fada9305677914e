import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Timestamp } from '../../domain/time';

/** What is known of a request from its first moment on; the rest is filled in as it becomes known. */
interface RequestContext {
  id: string;
  /** The one time that everything in this request is reckoned by. */
  now: Timestamp;
  /** The route's declared path, for the log; null while none has matched. */
  route: string | null;
  /** Id of the key that was presented and found; null before that. */
  keyId: string | null;
}

declare module 'express-serve-static-core' {
  interface Request {
    context: RequestContext;
  }
}

/** The log, metrics, the limits and a stream each wait for the end of an answer: more than Node takes for a leak. */
const MAX_LISTENERS = 20;

/** What a caller may name a request: short, and of characters that are harmless in logs and headers. */
const CALLERS_REQUEST_ID = /^[\w.:-]{1,128}$/;

/** Gives every request its id (the caller's own, if it is of a sane form) and its time. */
export function requestContext(now: () => Timestamp): RequestHandler {
  return (request, response, next) => {
    response.setMaxListeners(MAX_LISTENERS);
    const given = request.get('X-Request-Id') ?? '';
    const id = CALLERS_REQUEST_ID.test(given) ? given : randomUUID();
    request.context = { id, now: now(), route: null, keyId: null };
    response.set('X-Request-Id', id);
    next();
  };
}
