import { OpenApiGeneratorV31, OpenAPIRegistry, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { AppError, ERROR_STATUS, type ErrorCode } from '../domain/errors';
import { MAX_LIST_LENGTH, MAX_VALUE_LENGTH, type QueryParameter } from '../domain/jobFilter';
import { EVENT_KINDS, type EventKind, eventSchema, exampleEvent } from '../domain/webhooks/events';
import { failureBody, failureSchema, stampSchema } from './envelope';
import { exampleJobView } from './examples';
import { plainHttpRefused } from './middleware/httpsRequired';
import { publicRoute, type Route } from './route';
import { headersTooLarge, requestTimedOut } from './server';

/** As much of JSON Schema as the values of query parameters need. */
interface ValueSchema {
  type?: 'string' | 'integer' | 'number' | 'boolean';
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  enum?: string[];
  anyOf?: ValueSchema[];
  default?: string | number;
}

const KEY_SCHEME = 'apiKey';
const TOKEN_SCHEME = 'sourceToken';
const EXAMPLE_STAMP = {
  last_updated: '2026-01-20T12:00:00.000Z',
  request_id: '7f1c2a0e-5b1d-4c3e-9a43-0d8f6f1f2b11',
};

const REQUEST_ID = 'Id of the request: your own of the same header, if it is sane, else ours.';

const DESCRIPTION = `Upwork job postings: searched, filtered, read one by one.

Every route is served at the root and under \`/v1\`. Send your key in the \`X-API-KEY\` header; a source that pushes postings
sends its token there or as \`Authorization: Bearer\`. Failures carry a \`code\` for programs,
a \`message\` for people and every fault of the request in \`errors\`. Answers carry a weak \`ETag\`: send it back in \`If-None-Match\`
and an unchanged answer is a 304 without a body.`;

/** In the order in which the reference page shows them. */
const TAGS = [
  { name: 'Jobs', description: 'Search, filter and read postings.' },
  {
    name: 'Market',
    description: 'What jobs there are, over time and by skill and category, and what they pay.',
  },
  { name: 'Saved searches', description: 'Filters kept under a name: what they find, now and as jobs come.' },
  { name: 'Sign-up', description: 'How to get a key, or another one when it is lost.' },
  { name: 'Accounts', description: 'Your account, its keys and what it uses.' },
  { name: 'Keys', description: 'The keys of the account: see, make, change, replace and end them.' },
  {
    name: 'Webhooks',
    description: 'Endpoints of yours, what they are sent, and what became of it.',
  },
  { name: 'Feeding', description: 'For sources that push postings to us.' },
  { name: 'Operation', description: 'How the API itself is doing.' },
];

/** What an answer of each failure may look like. */
const EXAMPLES = {
  invalid_parameter: new AppError(
    'invalid_parameter',
    'The parameter limt is not valid: There is no parameter of this name. Did you mean limit?',
    {
      faults: [{ parameter: 'limt', message: 'There is no parameter of this name.', did_you_mean: 'limit' }],
    },
  ),
  missing_api_key: new AppError('missing_api_key', 'X-API-KEY header is required'),
  invalid_api_key: new AppError('invalid_api_key', 'Invalid or missing X-API-KEY header'),
  expired_api_key: new AppError(
    'expired_api_key',
    'This key expired on 2026-01-01T00:00:00.000Z. Use another key of the account.',
  ),
  revoked_api_key: new AppError(
    'revoked_api_key',
    'This key was revoked on 2026-01-01T00:00:00.000Z. Use another key of the account.',
  ),
  plan_upgrade_required: new AppError(
    'plan_upgrade_required',
    'Advanced filters (client_hires) need the Professional plan or a larger one; the account is on Starter.',
  ),
  insufficient_scope: new AppError('insufficient_scope', 'This key lacks the scope jobs:read.'),
  https_required: plainHttpRefused(),
  not_found: new AppError('not_found', 'There is no job 1880000000000000001.'),
  conflict: new AppError('conflict', 'A request with this Idempotency-Key is under way.'),
  idempotency_conflict: new AppError(
    'idempotency_conflict',
    'This Idempotency-Key came with another request within the last 24 hours. Use a new key for a new request.',
  ),
  payload_too_large: new AppError('payload_too_large', 'The body is larger than this route takes.'),
  unsupported_media_type: new AppError('unsupported_media_type', 'Send the body as application/json.'),
  quota_exceeded: new AppError(
    'quota_exceeded',
    'The 1000 calls of the period are used up. They begin anew at 2026-02-20T12:00:00.000Z. A larger plan has more at once: /docs/limits tells what each has.',
  ),
  account_suspended: new AppError(
    'account_suspended',
    'The account has been suspended since 2026-01-10T12:00:00.000Z. Its own pages stay open; see GET /account for whom to write to.',
  ),
  rate_limited: new AppError(
    'rate_limited',
    'The account may make 10 requests a minute. The next minute begins in 42 s.',
    { retryAfterSeconds: 42 },
  ),
  too_many_concurrent: new AppError(
    'too_many_concurrent',
    'The account has 5 requests under way, which is as many as its plan allows. Wait for one to end.',
    { retryAfterSeconds: 1 },
  ),
  request_timeout: requestTimedOut(),
  headers_too_large: headersTooLarge(),
  internal: new AppError(
    'internal',
    'Something went wrong on our side. Please quote the request_id when you report it.',
  ),
  unavailable: new AppError('unavailable', 'The database cannot be reached just now.'),
  method_not_allowed: new AppError('method_not_allowed', '/jobs does not answer POST, only GET, HEAD.'),
} satisfies Partial<Record<ErrorCode, AppError>>;
type DocumentedCode = keyof typeof EXAMPLES;

const stampedFailure = failureSchema
  .extend(stampSchema.shape)
  .meta({ id: 'Failure', description: 'Every failure.' });

/** On every answer to a key. */
const LIMIT_HEADERS: Readonly<Record<string, string>> = {
  'X-RateLimit-Limit': 'Requests that may be made in a clock minute, or `unlimited`.',
  'X-RateLimit-Burst': 'The same number: there is no burst above it.',
  'X-RateLimit-Remaining': 'Requests left in this minute.',
  'X-RateLimit-Reset': 'When the next minute begins, in seconds since 1970.',
  'X-Quota-Limit': 'Calls that the plan includes in a period, or `unlimited`.',
  'X-Quota-Remaining': 'Included calls left in this period.',
  'X-Quota-Reset': 'When the next period begins, in seconds since 1970.',
  'RateLimit-Policy':
    'The limits in the form of the IETF: `q` how many in `w` seconds. Absent without limits.',
  RateLimit:
    'What is left in the form of the IETF: `r` how many, whole again in `t` seconds. Absent without limits.',
};

/** Headers that failures of a status carry besides. */
const FAILURE_HEADERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  405: { Allow: 'The methods that this address answers.' },
  429: { 'Retry-After': 'Seconds after which to send the request again.' },
  503: { 'Retry-After': 'Seconds after which to send the request again.' },
};

const STATUS_DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is malformed; `errors` names every fault',
  401: 'The key is missing, unknown, expired or revoked',
  402: 'The calls of the period are used up, or the account is suspended',
  403: 'The key or the plan does not allow this, or it came over plain HTTP',
  404: 'There is no such thing, or not for this caller',
  405: 'The method is not one of those in Allow',
  408: 'The request took too long to arrive',
  409: 'The request contradicts another one, before it or under way',
  413: 'The body holds too much',
  415: 'The body is not JSON, or not in an encoding that is read here',
  429: 'Too much for now: come back after `retry_after` seconds',
  431: 'The address and the headers are longer than 16 KiB together; a long filter goes into the body of `POST /jobs/search`',
  500: 'Our fault',
  503: 'A part that is needed is down',
};

/** The route that serves the description of these routes, and of itself. */
export function openApiRoute(routes: readonly Route[]): Route {
  const self: Route = publicRoute({
    method: 'get',
    path: '/openapi.json',
    tag: 'Operation',
    summary: 'This document',
    bare: true,
    response: z.looseObject({ openapi: z.string() }),
    handler: () => Promise.resolve({ body: { ...document } }),
  });
  const document = openApiDocument([...routes, self]);
  return self;
}

/** OpenAPI 3.1 from the declarations that validate and serve. */
export function openApiDocument(routes: readonly Route[]) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', KEY_SCHEME, {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-KEY',
    description: 'The key of an account, `uj_live_...`; or `uj_test_...`, which reads samples only.',
  });
  registry.registerComponent('securitySchemes', TOKEN_SCHEME, {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of a source that pushes, `uj_push_...`; the X-API-KEY header takes it, too.',
  });
  for (const route of routes) registry.registerPath(operationOf(route));
  for (const [type, kind] of Object.entries(EVENT_KINDS)) registry.registerWebhook(webhookOf(type, kind));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Upwork jobs API', version: '1', description: DESCRIPTION },
    externalDocs: {
      url: '/docs/getting-started',
      description: 'Guides: getting started, filtering, errors, limits',
    },
    servers: [
      { url: '/', description: 'The addresses as published' },
      { url: '/v1', description: 'The same under a version' },
    ],
    tags: TAGS,
  });
}

function operationOf(route: Route): RouteConfig {
  const body = route.bare ? route.response : route.response.extend(stampSchema.shape);
  const example = route.example && { ...route.example, ...EXAMPLE_STAMP };
  return {
    method: route.method,
    path: route.path,
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: securityOf(route),
    request: requestOf(route),
    parameters: route.queryBody ? [] : queryParametersOf(route),
    responses: {
      [route.successStatus ?? 200]: {
        description: 'Success',
        headers: headersOf(route),
        content: contentOf(route, { schema: body, ...(example ? { example } : {}) }),
      },
      ...(route.method === 'get' && !route.streams
        ? { 304: { description: 'Unchanged since the answer with the ETag in If-None-Match' } }
        : {}),
      ...failuresOf(route),
    },
  };
}

const webhookHeaders = z.object({
  'webhook-id': z.string().describe('The id of the event, by which one that is sent again is known'),
  'webhook-timestamp': z.string().describe('When this request was signed, in seconds since 1970'),
  'webhook-signature': z
    .string()
    .describe('`v1,` and the signature in base64; two of them with a space between while the secret changes'),
});

/** What endpoints are sent, in the format `json`. */
function webhookOf(type: string, kind: EventKind): RouteConfig {
  return {
    method: 'post',
    path: type,
    operationId: `on_${type.replaceAll('.', '_')}`,
    tags: ['Webhooks'],
    summary: kind.summary,
    security: [],
    request: {
      headers: webhookHeaders,
      body: {
        required: true,
        content: {
          'application/json': {
            schema: eventSchema(type, kind),
            example: exampleEvent(type, kind, exampleJobView),
          },
        },
      },
    },
    responses: {
      '2XX': { description: 'Taken. The answer to anything else, or none within 15 s, is another attempt' },
    },
  };
}

/** Streams, where a route answers with them, in the place of JSON. */
function contentOf({ streams }: Route, json: object) {
  if (!streams) return { 'application/json': json };
  return Object.fromEntries(
    Object.entries(streams).map(([type, description]) => [
      type,
      {
        schema: {
          type: type === 'application/json' ? ('object' as const) : ('string' as const),
          description,
        },
      },
    ]),
  );
}

/** Generated clients name their functions by it: `get_jobs`, `get_jobs_by_id`. */
function operationIdOf({ method, path }: Route): string {
  const words = path.replace(/\{(\w+)\}/g, 'by $1').match(/\w+/g) ?? [];
  return [method, ...words].join('_');
}

function securityOf({ scope, takesSourceToken }: Route): Record<string, string[]>[] {
  if (takesSourceToken) return [{ [TOKEN_SCHEME]: [] }, { [KEY_SCHEME]: [] }];
  return scope === null ? [] : [{ [KEY_SCHEME]: [] }];
}

const idempotencyHeaders = z.object({
  'Idempotency-Key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe(
      'Of your making: a request repeated with it within 24 hours gets the same answer, and is not done again.',
    )
    .meta({ example: 'batch-2026-01-20-0001' }),
});

function requestOf(route: Route): RouteConfig['request'] {
  const { params, body, queryBody } = route;
  const taken = body ?? queryBody;
  return {
    ...(params ? { params } : {}),
    ...(honoursIdempotencyKey(route) ? { headers: idempotencyHeaders } : {}),
    ...(taken && {
      body: {
        required: !taken.isOptional,
        content: { 'application/json': { schema: taken.schema, example: taken.example } },
      },
    }),
  };
}

/** Of calls that change something, those that can be told apart by whom they come from. */
function honoursIdempotencyKey({ method, queryBody, scope, takesSourceToken }: Route): boolean {
  return ['post', 'put'].includes(method) && !queryBody && (scope !== null || takesSourceToken);
}

function queryParametersOf({ query }: Route) {
  return query.parameters.map((parameter) => ({
    name: parameter.name,
    in: 'query' as const,
    description: descriptionOf(parameter),
    ...(isList(parameter) ? { style: 'form' as const, explode: false } : {}),
    schema: schemaOf(parameter),
    example: exampleOf(parameter),
  }));
}

function schemaOf(parameter: QueryParameter) {
  return isList(parameter)
    ? {
        type: 'array' as const,
        items: valueSchema(parameter),
        maxItems: parameter.maxItems ?? MAX_LIST_LENGTH,
      }
    : valueSchema(parameter);
}

function isList({ type }: QueryParameter): boolean {
  return type === 'list' || type === 'ranges';
}

function descriptionOf({ description, aliases, advanced }: QueryParameter): string {
  const sentences = [description];
  if (aliases.length > 0) sentences.push(`Also called ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`);
  if (advanced) sentences.push('For the Professional plan and larger ones.');
  return sentences.join(' ');
}

function valueSchema(parameter: QueryParameter): ValueSchema {
  const standard = parameter.default === undefined ? {} : { default: parameter.default };
  switch (parameter.type) {
    case 'integer':
    case 'number':
      return { type: parameter.type, minimum: parameter.minimum, maximum: parameter.maximum, ...standard };
    case 'boolean':
      return { type: 'boolean' };
    default: {
      // Canonical values come first; usual variants of them are taken as well.
      const text: ValueSchema = {
        type: 'string',
        maxLength: parameter.type === 'text' ? (parameter.maximum ?? MAX_VALUE_LENGTH) : MAX_VALUE_LENGTH,
      };
      if (!parameter.values) return { ...text, ...standard };
      return { anyOf: [{ type: 'string', enum: [...parameter.values] }, text], ...standard };
    }
  }
}

function exampleOf({ type, example }: QueryParameter): unknown {
  switch (type) {
    case 'integer':
    case 'number':
      return Number(example);
    case 'boolean':
      return example === 'true';
    case 'list':
    case 'ranges':
      return example.split(',');
    default:
      return example;
  }
}

function headersOf(route: Route) {
  return describedHeaders({
    'X-Request-Id': REQUEST_ID,
    ...(route.scope === null ? {} : LIMIT_HEADERS),
    ...(route.method === 'get' && !route.streams
      ? { ETag: 'Weak; over the data, without the stamp and relative times.' }
      : {}),
    ...route.responseHeaders,
  });
}

function describedHeaders(descriptions: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(descriptions).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' as const } },
    ]),
  );
}

/** Failures this route may answer with, by status, each with an example of every code. */
function failuresOf(route: Route): RouteConfig['responses'] {
  const codes: DocumentedCode[] = ['invalid_parameter', 'method_not_allowed'];
  if (route.scope !== null || route.takesSourceToken)
    codes.push('missing_api_key', 'invalid_api_key', 'expired_api_key', 'revoked_api_key');
  if (route.scope !== null && route.scope !== 'any')
    codes.push('plan_upgrade_required', 'insufficient_scope');
  if (route.params) codes.push('not_found');
  if (route.body ?? route.queryBody)
    codes.push('request_timeout', 'payload_too_large', 'unsupported_media_type');
  if (honoursIdempotencyKey(route)) codes.push('conflict', 'idempotency_conflict');
  if (route.isMetered) codes.push('quota_exceeded');
  if (route.isMetered || route.refusesSuspended) codes.push('account_suspended');
  if (route.scope !== null) codes.push('rate_limited', 'too_many_concurrent');
  if (route.takesSourceToken || (route.body && route.scope === null)) codes.push('rate_limited');
  codes.push('https_required', 'headers_too_large', 'internal', 'unavailable');

  const responses: RouteConfig['responses'] = {};
  for (const status of new Set(codes.map((code) => ERROR_STATUS[code]))) {
    const examples = codes
      .filter((code) => ERROR_STATUS[code] === status)
      .map((code) => [code, { value: { ...failureBody(EXAMPLES[code]), ...EXAMPLE_STAMP } }] as const);
    responses[status] = {
      description: STATUS_DESCRIPTIONS[status] ?? 'Failure',
      headers: describedHeaders({ 'X-Request-Id': REQUEST_ID, ...FAILURE_HEADERS[status] }),
      content: { 'application/json': { schema: stampedFailure, examples: Object.fromEntries(examples) } },
    };
  }
  return responses;
}
