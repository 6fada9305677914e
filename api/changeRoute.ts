import type { Request } from 'express';
import { z } from 'zod';
import type { IdempotentRequest } from '../db/idempotencyKeys';
import type { FieldFault } from '../domain/errors';
import type { Timestamp } from '../domain/time';
import { readBodyValue } from './bodyValue';
import { readIdempotency } from './idempotency';
import { createJsonReader, hasBody, NO_BODY } from './jsonBody';
import { accountSuspended } from './limits/refusals';
import { authenticate, type Caller, type RequiredScope } from './middleware/authentication';
import { type Declaration, nothingAsked, readParameters, type Reply, type Route, send } from './route';
import type { ApiServices } from './services';

const DEFAULT_MAX_BYTES = 20_000;

interface BodyTerms {
  /** Unpacked; 20 kB unless given. */
  maxBytes?: number;
  example?: unknown;
  /** A request without one is taken as one with an empty object. */
  isOptional?: boolean;
}

interface Body<Value> extends BodyTerms {
  schema: z.ZodType<Value>;
}

/** A body that a schema alone does not read. */
interface ReadBody<Value> extends BodyTerms {
  /** For the documentation. */
  documented: z.ZodType;
  /** @throws AppError `invalid_parameter` with every fault. */
  read: (value: unknown, now: Timestamp, others?: FieldFault[]) => Value;
}

interface ChangeDeclaration<
  Params extends z.ZodObject,
  Value,
  Answer extends z.ZodObject,
> extends Declaration<Answer> {
  method: 'post' | 'put' | 'patch' | 'delete';
  scope: RequiredScope;
  params?: Params;
  /** None: the route takes no body. */
  body?: Body<Value> | ReadBody<Value>;
  /**
   * What is wrong with a body that its schema cannot tell: a value that must be looked up, or that goes with another. Told together with
   * what the schema finds; the value is as it was sent.
   */
  furtherFaults?: (call: ChangeCall<z.output<Params>, unknown>) => Promise<FieldFault[]>;
  handler: (call: ChangeCall<z.output<Params>, Value>) => Promise<Reply<z.input<Answer>>>;
}

/** What the handler of a route that changes something has to work with. */
export interface ChangeCall<Params, Value> {
  caller: Caller;
  params: Params;
  value: Value;
  /** Null when the caller has set no Idempotency-Key. */
  idempotency: IdempotentRequest | null;
  now: Timestamp;
  request: Request;
  services: ApiServices;
}

/** Declares a route by which the holder of a key with the scope changes something. Idempotency-Key is honoured, by account. */
export function changeRoute<Params extends z.ZodObject, Value, Answer extends z.ZodObject>(
  declaration: ChangeDeclaration<Params, Value, Answer>,
): Route {
  const { scope, handler, furtherFaults, params = z.object({}) as unknown as Params } = declaration;
  const body = declaration.body && completed(declaration.body);
  const readBody = body && createJsonReader(body.maxBytes);
  return {
    ...declaration,
    body,
    query: nothingAsked,
    isMetered: false,
    takesSourceToken: false,
    bare: false,
    handle: async (request, response, services) => {
      const { now } = request.context;
      const { caller } = await authenticate({ request, response }, services, { scope, isMetered: false });
      const { suspendedAt } = caller.account;
      if (declaration.refusesSuspended && suspendedAt !== null) throw accountSuspended(suspendedAt);
      const asked = readParameters(request, params, () => nothingAsked.parse(request.query, now));
      const isLeftOut = body?.isOptional === true && !hasBody(request);
      const { value, digest } = readBody && !isLeftOut ? await readBody(request, response) : NO_BODY;
      const idempotency = readIdempotency(request, caller.account.id, digest);
      const call = { caller, params: asked.params, idempotency, now, request, services };
      const others = await furtherFaults?.({ ...call, value });
      const read = body?.read(value, now, others) as Value;
      send(request, response, await handler({ ...call, value: read }), declaration);
    },
  };
}

interface PublicChangeDeclaration<Value, Answer extends z.ZodObject> extends Declaration<Answer> {
  method: 'post';
  body: Body<Value>;
  handler: (call: PublicChangeCall<Value>) => Promise<Reply<z.input<Answer>>>;
}

export type PublicChangeCall<Value> = Omit<ChangeCall<unknown, Value>, 'caller' | 'params' | 'idempotency'>;

/** Declares a route by which anybody asks for something. There is no account yet that an Idempotency-Key could belong to: it is ignored. */
export function publicChangeRoute<Value, Answer extends z.ZodObject>(
  declaration: PublicChangeDeclaration<Value, Answer>,
): Route {
  const { handler } = declaration;
  const body = completed(declaration.body);
  const readBody = createJsonReader(body.maxBytes);
  return {
    ...declaration,
    body,
    scope: null,
    query: nothingAsked,
    isMetered: false,
    takesSourceToken: false,
    bare: false,
    handle: async (request, response, services) => {
      const { now } = request.context;
      nothingAsked.parse(request.query, now);
      const value = body.read((await readBody(request, response)).value, now);
      send(request, response, await handler({ value, now, request, services }), declaration);
    },
  };
}

function completed<Value>(body: Body<Value> | ReadBody<Value>) {
  const { maxBytes = DEFAULT_MAX_BYTES } = body;
  return 'schema' in body
    ? {
        ...body,
        maxBytes,
        read: (value: unknown, _now: Timestamp, others?: FieldFault[]) =>
          readBodyValue(body.schema, value, others),
      }
    : { ...body, maxBytes, schema: body.documented };
}
