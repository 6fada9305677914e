import type { Request } from 'express';
import { z } from 'zod';
import { AppError } from '../domain/errors';
import { readBodyValue } from './bodyValue';
import { createJsonReader } from './jsonBody';
import { isOperatorToken } from './operatorToken';
import type { Acting, AdminServices } from './operatorsServices';
import { type Declaration, type MountedRoute, readParameters, type Reply, send } from './route';

const MAX_BODY_BYTES = 20_000;
const BEARER = /^Bearer +(\S+)$/i;
const HOW = 'as in Authorization: Bearer uj_operator_...';
/** Short, and of characters that are harmless in logs and tables. */
const OPERATOR_NAME = /^[\w.@+-]{1,64}$/;

type OperatorDeclaration<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Value extends z.ZodType,
  Answer extends z.ZodObject,
> = Pick<
  Declaration<Answer>,
  'method' | 'path' | 'summary' | 'description' | 'response' | 'successStatus'
> & {
  params?: Params;
  /** Of texts; members that may be left out are optional. */
  query?: Query;
  /** None: the route takes no body. */
  body?: Value;
  /** The answer is a document of its own: no envelope, no stamp. */
  bare?: boolean;
  handler: (
    call: OperatorCall<z.output<Params>, z.output<Query>, z.output<Value>>,
  ) => Promise<Reply<z.input<Answer>>>;
};

/** What the handler of a route for operators has to work with. */
export interface OperatorCall<Params, Query, Value> {
  params: Params;
  query: Query;
  value: Value;
  acting: Acting;
  services: AdminServices;
}

/** A declared route for operators: the router mounts it, their OpenAPI document describes it. */
export interface OperatorRoute extends MountedRoute<AdminServices> {
  summary: string;
  description?: string;
  response: z.ZodObject;
  successStatus?: number;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  bare?: boolean;
}

const nothing = z.strictObject({});

/**
 * Declares a route for whoever holds the operators' token. They have no account, so an Idempotency-Key belongs to nobody and is
 * ignored: acts that are done again change nothing, or are refused.
 */
export function operatorRoute<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Value extends z.ZodType,
  Answer extends z.ZodObject,
>(declaration: OperatorDeclaration<Params, Query, Value, Answer>): OperatorRoute {
  const {
    handler,
    body,
    params = nothing as unknown as Params,
    query = nothing as unknown as Query,
  } = declaration;
  const readBody = body && createJsonReader(MAX_BODY_BYTES);
  return {
    ...declaration,
    handle: async (request, response, services) => {
      // What is told here is told to one caller, and may be a secret.
      response.set('Cache-Control', 'no-store');
      const acting = authenticateOperator(request, services);
      const asked = readParameters(request, params, () => readBodyValue(query, givenIn(request)));
      const { value } = readBody ? await readBody(request, response) : { value: undefined };
      const read = (body ? readBodyValue(body, value) : undefined) as z.output<Value>;
      const reply = await handler({ ...asked, value: read, acting, services });
      if (declaration.method !== 'get') services.forgetOwners();
      send(request, response, reply, declaration);
    },
  };
}

/** @throws AppError 401 for a token that is missing or wrong, 400 for a name that is none. */
function authenticateOperator(request: Request, { tokenHash }: AdminServices): Acting {
  const authorization = request.get('Authorization') ?? '';
  if (authorization === '') throw new AppError('missing_api_key', `The operators' token is required, ${HOW}`);
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined || !isOperatorToken(token, tokenHash)) {
    throw new AppError('invalid_api_key', `This route takes the operators' token, ${HOW}`);
  }
  return { actor: readActor(request), now: request.context.now };
}

/** Who holds the token, as they say in X-Operator. */
function readActor(request: Request): string {
  const name = request.get('X-Operator') ?? '';
  if (name === '') return 'operator';
  if (OPERATOR_NAME.test(name)) return `operator:${name}`;
  const message = 'X-Operator is 1 to 64 letters, digits, dots, dashes, underscores, + and @.';
  throw new AppError('invalid_parameter', message, {
    faults: [{ parameter: 'X-Operator', message, received: name.slice(0, 100) }],
  });
}

/** Parameters that are given empty are not given. */
function givenIn({ query }: Request): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}
