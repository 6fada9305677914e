import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { AppError } from '../domain/errors';

export interface JsonBody {
  /** An object or a list. */
  value: unknown;
  /** SHA-256 over the bytes, unpacked. */
  digest: Buffer;
}

/** Of a request without one. */
export const NO_BODY: JsonBody = { value: {}, digest: createHash('sha256').digest() };

/** Whether the request has a body, of whatever kind. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * A reader of JSON bodies up to `maxBytes`, counted unpacked. To be called once the caller is known to be one: who is not costs
 * no memory.
 */
export function createJsonReader(maxBytes: number) {
  const digests = new WeakMap<IncomingMessage, Buffer>();
  const parse: RequestHandler = express.json({
    limit: maxBytes,
    verify: (request, _response, bytes) => {
      digests.set(request, createHash('sha256').update(bytes).digest());
    },
  });
  /** @throws AppError (or an error that `failures` turns into one) 400, 413 or 415. */
  return async (request: Request, response: Response): Promise<JsonBody> => {
    if (request.is('application/json') === false) {
      throw new AppError('unsupported_media_type', 'Send the body as application/json.');
    }
    await new Promise<void>((resolve, reject) => {
      void parse(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('The body cannot be read.', { cause: error }));
      });
    });
    const digest = digests.get(request);
    if (digest === undefined) {
      const message = 'The request has no body.';
      throw new AppError('invalid_parameter', message, { faults: [{ parameter: 'body', message }] });
    }
    return { value: request.body as unknown, digest };
  };
}
