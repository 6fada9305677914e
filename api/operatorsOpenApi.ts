import { OpenApiGeneratorV31, OpenAPIRegistry, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { failureSchema, stampSchema } from './envelope';
import { type OperatorRoute, operatorRoute } from './operatorRoute';

const TOKEN_SCHEME = 'operatorToken';

const DESCRIPTION = `What operators do: every act is in the audit log.

Send the token as \`Authorization: Bearer uj_operator_...\`, and your name in \`X-Operator\` if you like the log to have it.
An act that is done already is done no second time.`;

/** The route that serves the description of these routes, and of itself. */
export function operatorsOpenApiRoute(routes: readonly OperatorRoute[]): OperatorRoute {
  const self: OperatorRoute = operatorRoute({
    method: 'get',
    path: '/admin/openapi.json',
    summary: 'This document',
    bare: true,
    response: z.looseObject({ openapi: z.string() }),
    handler: () => Promise.resolve({ body: { ...document } }),
  });
  const document = documentOf([...routes, self]);
  return self;
}

function documentOf(routes: readonly OperatorRoute[]) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', TOKEN_SCHEME, {
    type: 'http',
    scheme: 'bearer',
    description: 'The token whose SHA-256 is OPERATORS_TOKEN_HASH.',
  });
  for (const route of routes) registry.registerPath(operationOf(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: "Operators' API", version: '1', description: DESCRIPTION },
    servers: [{ url: '/' }],
    security: [{ [TOKEN_SCHEME]: [] }],
  });
}

function operationOf({ bare = false, response, params, query, body, ...route }: OperatorRoute): RouteConfig {
  const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
  return {
    method: route.method,
    path: route.path,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    request: {
      headers: operatorHeaders,
      ...(params ? { params } : {}),
      ...(query ? { query } : {}),
      ...(body ? { body: { required: true, content: json(body) } } : {}),
    },
    responses: {
      [route.successStatus ?? 200]: {
        description: 'Success',
        content: json(bare ? response : response.extend(stampSchema.shape)),
      },
      default: { description: 'Every failure, with its status and code', content: json(failure) },
    },
  };
}

const operatorHeaders = z.object({
  'X-Operator': z.string().max(64).optional().describe('Who acts, for the audit log'),
});

const failure = failureSchema.extend(stampSchema.shape).meta({ id: 'Failure' });
