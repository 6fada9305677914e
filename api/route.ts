import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { AppError, type FieldFault } from '../domain/errors';
import type { QueryParameter } from '../domain/jobFilter';
import type { Timestamp } from '../domain/time';
import { sendBare, sendStamped, type FailureBody } from './envelope';
import { authenticate, type Caller, type RequiredScope } from './middleware/authentication';
import type { ApiServices } from './services';

const MAX_SHOWN_LENGTH = 100;
/** Every route reads; Express answers HEAD by the handler of GET. */
const ALLOWED_METHODS = 'GET, HEAD';

/** What a query string may say, and how it is read. */
interface QueryGrammar<Query> {
  parameters: readonly QueryParameter[];
  /** @throws AppError `invalid_parameter` with every fault. */
  parse: (given: Readonly<Record<string, unknown>>, now: Timestamp) => Query;
}

/** Of routes that take no parameters. */
const nothingAsked: QueryGrammar<undefined> = {
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

interface Reply<Body> {
  /** 200 unless given. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body: Body | FailureBody;
}

interface Declaration<Body extends z.ZodObject> {
  method: 'get';
  /** As in OpenAPI: `/jobs/{id}`. */
  path: `/${string}`;
  tag: string;
  summary: string;
  description?: string;
  /** The body before it is stamped with time and request id. */
  response: Body;
  example?: z.input<Body>;
  /** Headers that its success has and others have not, with what they say. */
  responseHeaders?: Readonly<Record<string, string>>;
}

interface KeyedDeclaration<
  Params extends z.ZodObject,
  Query,
  Body extends z.ZodObject,
> extends Declaration<Body> {
  scope: RequiredScope;
  params?: Params;
  query?: QueryGrammar<Query>;
  handler: (call: KeyedCall<z.output<Params>, Query>) => Promise<Reply<z.input<Body>>>;
}

/** What the handler of a keyed route has to work with. */
export interface KeyedCall<Params, Query> {
  caller: Caller;
  params: Params;
  query: Query;
  now: Timestamp;
  services: ApiServices;
}

interface PublicDeclaration<Body extends z.ZodObject> extends Declaration<Body> {
  /** The body is a document of its own, sent as it is: no envelope, no stamp. */
  bare?: boolean;
  handler: (services: ApiServices) => Promise<Reply<z.input<Body>>>;
}

/** A declared route: the router mounts it, the OpenAPI document describes it. */
export interface Route extends Declaration<z.ZodObject> {
  /** Null: no key is asked for. */
  scope: RequiredScope | null;
  params?: z.ZodObject;
  query: { parameters: readonly QueryParameter[] };
  bare: boolean;
  handle: (request: Request, response: Response, services: ApiServices) => Promise<void>;
}

/** Declares a route for holders of a key with the scope. */
export function route<Params extends z.ZodObject, Query, Body extends z.ZodObject>(
  declaration: KeyedDeclaration<Params, Query, Body>,
): Route {
  // Where a declaration names no parameters, its handler's type has none to read.
  const { params = z.object({}) as unknown as Params, query = nothingAsked as QueryGrammar<Query> } =
    declaration;
  const { handler, scope } = declaration;
  return {
    ...declaration,
    query,
    bare: false,
    handle: async (request, response, services) => {
      const caller = await authenticate(request, services, scope);
      const { now } = request.context;
      send(
        request,
        response,
        await handler({ ...readParameters(request, params, query), caller, now, services }),
      );
    },
  };
}

/** Declares a route that needs no key and takes no parameters. */
export function publicRoute<Body extends z.ZodObject>(declaration: PublicDeclaration<Body>): Route {
  const { handler, bare = false } = declaration;
  return {
    ...declaration,
    scope: null,
    query: nothingAsked,
    bare,
    handle: async (request, response, services) => {
      nothingAsked.parse(request.query, request.context.now);
      send(request, response, await handler(services), { bare });
    },
  };
}

/** Serves the routes; other methods on their paths are refused with what is allowed. */
export function routerOf(routes: readonly Route[], services: ApiServices): Router {
  const router = Router();
  for (const declared of routes) {
    const served = router.route(declared.path.replace(/\{(\w+)\}/g, ':$1'));
    served.all((request, _response, next) => {
      request.context.route = declared.path;
      next();
    });
    served[declared.method]((request, response) => declared.handle(request, response, services));
    served.all((request, response) => {
      response.set('Allow', ALLOWED_METHODS);
      const method = request.method.slice(0, MAX_SHOWN_LENGTH);
      const message = `${declared.path} does not answer ${method}, only ${ALLOWED_METHODS}.`;
      throw new AppError('method_not_allowed', message);
    });
  }
  return router;
}

/** @throws AppError `invalid_parameter` with the faults of path and query together. */
function readParameters<Params extends z.ZodObject, Query>(
  request: Request,
  params: Params,
  query: QueryGrammar<Query>,
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
  const asked = collect(() => query.parse(request.query, request.context.now));
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

function send(request: Request, response: Response, reply: Reply<object>, { bare = false } = {}): void {
  response.set(reply.headers ?? {});
  if (bare) sendBare(response, reply.body);
  else sendStamped(request, response, reply.body, reply.status);
}
