import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { AppError, type FieldFault } from '../domain/errors';
import type { IdempotentRequest } from '../db/idempotencyKeys';
import type { PushSource } from '../db/sourceTokens';
import type { QueryGrammar, QueryParameter } from '../domain/jobFilter';
import type { Timestamp } from '../domain/time';
import { sendBare, sendStamped, type FailureBody } from './envelope';
import { createJsonReader, type JsonBody } from './jsonBody';
import type { Charge } from './limits/admission';
import { authenticate, type Caller, type RequiredScope } from './middleware/authentication';
import { authenticateSource } from './middleware/sourceAuthentication';
import { readIdempotency } from './idempotency';
import { type Ageing, sendReusable, toReusable } from './reusableAnswer';
import type { ApiServices } from './services';

const MAX_SHOWN_LENGTH = 100;
/** A caller who takes nothing for so long is let go, with what the stream holds for it. */
const STALLED_STREAM_MS = 120_000;
/** Express answers HEAD by the handler of GET. */
const ALLOWED_METHODS = {
  get: ['GET', 'HEAD'],
  post: ['POST'],
  put: ['PUT'],
  patch: ['PATCH'],
  delete: ['DELETE'],
} as const;

/** Of routes that take no parameters. */
export const nothingAsked: QueryGrammar<undefined> = {
  parameters: [],
  parse: (given) => {
    const faults = Object.keys(given).map((name) => ({
      parameter: name.slice(0, MAX_SHOWN_LENGTH),
      message: 'This route takes no parameters.',
    }));
    if (faults.length > 0)
      throw new AppError('invalid_parameter', 'This route takes no parameters.', { faults });
    return undefined;
  },
};

export interface Reply<Body> {
  /** The route's `successStatus` unless given. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body: Body | FailureBody;
}

/** A success that may be given again. */
interface ReusableReply<Body> {
  headers?: Readonly<Record<string, string>>;
  body: Body;
  ageing: Ageing;
}

/** An answer that is no JSON and may be long. */
export interface StreamReply {
  headers: Readonly<Record<string, string>>;
  /** Of the content type that the headers tell. An error on it breaks the connection off: what is cut short never looks whole. */
  stream: Readable;
}

export interface Declaration<Body extends z.ZodObject> {
  method: keyof typeof ALLOWED_METHODS;
  /** As in OpenAPI: `/jobs/{id}`. */
  path: `/${string}`;
  tag: string;
  summary: string;
  description?: string;
  /** The body before it is stamped with time and request id. */
  response: Body;
  /** 200 unless given. */
  successStatus?: number;
  /** Accounts that are suspended are refused, as they are where calls count. */
  refusesSuspended?: boolean;
  example?: z.input<Body>;
  /** Headers that its success has and others have not, with what they say. */
  responseHeaders?: Readonly<Record<string, string>>;
}

interface KeyedDeclaration<
  Params extends z.ZodObject,
  Query,
  Body extends z.ZodObject,
> extends Declaration<Body> {
  method: 'get' | 'post';
  scope: RequiredScope;
  /** Its answers count as calls of the account's quota. */
  isMetered?: boolean;
  params?: Params;
  query?: QueryGrammar<Query>;
  /** Parameters come as members of a JSON body, not in the address; nothing is changed by the call. */
  queryBody?: RequestBody;
  /** Content types of its success other than JSON, with what each is. */
  streams?: Readonly<Record<string, string>>;
  reusableBy?: undefined;
  handler: (call: KeyedCall<z.output<Params>, Query>) => Promise<Reply<z.input<Body>> | StreamReply>;
}

/** Of a route whose answers may be kept and given again. */
type ReusableDeclaration<Params extends z.ZodObject, Query, Body extends z.ZodObject> = Omit<
  KeyedDeclaration<Params, Query, Body>,
  'reusableBy' | 'handler'
> & {
  /**
   * A form of the query that is the same for the same answer. Besides, an answer may depend on the path, the plan's terms, whether
   * samples are shown, and the jobs: on nothing else of the call.
   */
  reusableBy: (query: Query) => object;
  handler: (call: KeyedCall<z.output<Params>, Query>) => Promise<ReusableReply<z.input<Body>>>;
};

/** What the handler of a keyed route has to work with. */
export interface KeyedCall<Params, Query> {
  caller: Caller;
  params: Params;
  query: Query;
  now: Timestamp;
  services: ApiServices;
  charge: Charge;
  /** Aborted when the connection to the caller closes. */
  gone: AbortSignal;
}

/** The JSON body that a route takes. */
interface RequestBody {
  /** For the documentation; the handler reads the value itself. */
  schema: z.ZodType;
  /** Unpacked. */
  maxBytes: number;
  example?: unknown;
  /** A request without one is taken as one with an empty object. */
  isOptional?: boolean;
}

interface SourceDeclaration<Body extends z.ZodObject> extends Declaration<Body> {
  method: 'post';
  body: RequestBody;
  handler: (call: SourceCall) => Promise<Reply<z.input<Body>>>;
}

/** What the handler of a route for sources has to work with. */
export interface SourceCall {
  source: PushSource;
  /** Of the body: an object or a list. */
  value: JsonBody['value'];
  /** Null when the caller has set no Idempotency-Key. */
  idempotency: IdempotentRequest | null;
  now: Timestamp;
  services: ApiServices;
}

interface PublicDeclaration<Body extends z.ZodObject> extends Declaration<Body> {
  /** The body is a document of its own, sent as it is: no envelope, no stamp. */
  bare?: boolean;
  handler: (services: ApiServices) => Promise<Reply<z.input<Body>>>;
}

/** What a router needs of a declared route. */
export interface MountedRoute<Services> extends Pick<Declaration<z.ZodObject>, 'method' | 'path'> {
  handle: (request: Request, response: Response, services: Services) => Promise<void>;
}

/** A declared route: the router mounts it, the OpenAPI document describes it. */
export interface Route extends Declaration<z.ZodObject>, MountedRoute<ApiServices> {
  /** Null: no key is asked for. */
  scope: RequiredScope | null;
  isMetered: boolean;
  /** The token of a source that pushes is asked for. */
  takesSourceToken: boolean;
  params?: z.ZodObject;
  /** Of a call that changes something. */
  body?: RequestBody;
  queryBody?: RequestBody;
  streams?: Readonly<Record<string, string>>;
  query: { parameters: readonly QueryParameter[] };
  bare: boolean;
}

/** Declares a route for holders of a key with the scope. */
export function route<Params extends z.ZodObject, Query, Body extends z.ZodObject>(
  declaration: KeyedDeclaration<Params, Query, Body> | ReusableDeclaration<Params, Query, Body>,
): Route {
  // Where a declaration names no parameters, its handler's type has none to read.
  const { params = z.object({}) as unknown as Params, query = nothingAsked as QueryGrammar<Query> } =
    declaration;
  const { scope, isMetered = false, queryBody } = declaration;
  const readBody = queryBody && createJsonReader(queryBody.maxBytes);
  return {
    ...declaration,
    isMetered,
    query,
    takesSourceToken: false,
    bare: false,
    handle: async (request, response, services) => {
      const gone = signalOfClose(response);
      const { caller, charge } = await authenticate({ request, response }, services, { scope, isMetered });
      const { now } = request.context;
      if (readBody) nothingAsked.parse(request.query, now);
      const given = readBody ? membersOf((await readBody(request, response)).value) : request.query;
      const asked = readParameters(request, params, () => query.parse(given, now));
      const call = { ...asked, caller, charge, now, services, gone };
      if (declaration.reusableBy && services.responses) {
        const key = reuseKey(declaration, call, declaration.reusableBy(call.query));
        // Others may wait for the same answer: it is made whether or not this caller stays.
        const make = async () => toReusable(await declaration.handler(call));
        sendReusable(request, response, await services.responses.find(key, now, make));
        return;
      }
      const reply = await declaration.handler(call).catch((error: unknown) => {
        if (error === gone.reason) return null;
        throw error;
      });
      // Given up, for nobody is there to be answered.
      if (reply === null) return;
      if ('stream' in reply) await sendStream(response, reply);
      else send(request, response, reply, declaration);
    },
  };
}

/** All that an answer depends on, the jobs and the time aside. The whole plan, lest a term be forgotten that comes to matter. */
function reuseKey(
  { method, path }: Pick<Route, 'method' | 'path'>,
  { params, caller: { plan, readScope } }: KeyedCall<unknown, unknown>,
  query: object,
): string {
  return JSON.stringify([method, path, params, plan, readScope.samples, query]);
}

/** @throws AppError `invalid_parameter` for a list. */
function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!Array.isArray(value)) return Object(value) as Readonly<Record<string, unknown>>;
  const message = 'The body is an object whose members are parameters.';
  throw new AppError('invalid_parameter', message, { faults: [{ parameter: 'body', message }] });
}

/** Declares a route by which a source that pushes, known by its token, brings something. Idempotency-Key is honoured. */
export function sourceRoute<Body extends z.ZodObject>(declaration: SourceDeclaration<Body>): Route {
  const { handler, body } = declaration;
  const readBody = createJsonReader(body.maxBytes);
  return {
    ...declaration,
    scope: null,
    isMetered: false,
    takesSourceToken: true,
    query: nothingAsked,
    bare: false,
    handle: async (request, response, services) => {
      const { now } = request.context;
      const { source, tokenId } = await authenticateSource(request, services);
      nothingAsked.parse(request.query, now);
      const { value, digest } = await readBody(request, response);
      const idempotency = readIdempotency(request, tokenId, digest);
      send(request, response, await handler({ source, value, idempotency, now, services }), declaration);
    },
  };
}

/** Declares a route that needs no key and takes no parameters. */
export function publicRoute<Body extends z.ZodObject>(declaration: PublicDeclaration<Body>): Route {
  const { handler, bare = false } = declaration;
  return {
    ...declaration,
    scope: null,
    isMetered: false,
    takesSourceToken: false,
    query: nothingAsked,
    bare,
    handle: async (request, response, services) => {
      nothingAsked.parse(request.query, request.context.now);
      send(request, response, await handler(services), declaration);
    },
  };
}

/** Serves the routes; other methods on their paths are refused with what is allowed. */
export function routerOf<Services>(routes: readonly MountedRoute<Services>[], services: Services): Router {
  const router = Router();
  for (const path of new Set(routes.map((declared) => declared.path))) {
    const declared = routes.filter((each) => each.path === path);
    const served = router.route(path.replace(/\{(\w+)\}/g, ':$1'));
    served.all((request, _response, next) => {
      request.context.route = path;
      next();
    });
    for (const { method, handle } of declared) {
      served[method]((request, response) => handle(request, response, services));
    }
    const allowed = declared.flatMap(({ method }) => ALLOWED_METHODS[method]).join(', ');
    served.all((request, response) => {
      response.set('Allow', allowed);
      const method = request.method.slice(0, MAX_SHOWN_LENGTH);
      throw new AppError('method_not_allowed', `${path} does not answer ${method}, only ${allowed}.`);
    });
  }
  return router;
}

/** @throws AppError `invalid_parameter` with the faults of path and query together. */
export function readParameters<Params extends z.ZodObject, Query>(
  request: Request,
  params: Params,
  readQuery: () => Query,
): { params: z.output<Params>; query: Query } {
  const refusals: AppError[] = [];
  const collect = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refusals.push(error);
      return undefined;
    }
  };
  const inPath = collect(() => readPath(request, params));
  const asked = collect(readQuery);
  const [refusal, another] = refusals;
  if (refusal && another) {
    const faults = refusals.flatMap((each) => each.faults);
    throw new AppError('invalid_parameter', `${refusal.message} ${another.message}`, { faults });
  }
  if (refusal) throw refusal;
  return { params: inPath as z.output<Params>, query: asked as Query };
}

/** @throws AppError `invalid_parameter` with every fault. */
function readPath<Params extends z.ZodObject>({ params: given }: Request, schema: Params): z.output<Params> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue): FieldFault => {
    const parameter = issue.path.join('.');
    const received = given[parameter];
    return {
      parameter,
      message: issue.message,
      ...(typeof received === 'string' ? { received: received.slice(0, MAX_SHOWN_LENGTH) } : {}),
    };
  });
  throw new AppError('invalid_parameter', faults.map((fault) => fault.message).join(' '), { faults });
}

export function send(
  request: Request,
  response: Response,
  reply: Reply<object>,
  { bare = false, successStatus }: { bare?: boolean; successStatus?: number },
): void {
  response.set(reply.headers ?? {});
  if (bare) sendBare(response, reply.body);
  else sendStamped(request, response, reply.body, reply.status ?? successStatus);
}

function signalOfClose(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    // An error is made for every abort, which costs: only who left before the end is gone.
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Sends what the stream gives. Once a byte is out, a failure can only break the connection off. */
async function sendStream(response: Response, { headers, stream }: StreamReply): Promise<void> {
  response.set(headers);
  if (response.req.method === 'HEAD') {
    stream.destroy();
    response.end();
    return;
  }
  response.setTimeout(STALLED_STREAM_MS, () => response.destroy());
  try {
    await pipeline(stream, response);
  } catch (error) {
    // The caller has gone: the request log says so, and it is no failure of ours.
    if ((error as { code?: unknown } | null)?.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
