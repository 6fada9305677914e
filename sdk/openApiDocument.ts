import type { openApiDocument } from '../api/openapi';

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

/** As much of an operation as is read here. */
interface Operation {
  parameters?: readonly object[];
  security?: readonly object[];
}

/** A method and the path of a route, as a regular expression. */
interface RoutePattern {
  method: string;
  path: string;
}

export interface RepeatableRoutes {
  /** They change nothing although their method is not GET. */
  readOnly: RoutePattern[];
  /** They honour an Idempotency-Key. */
  keyed: RoutePattern[];
}

const WRITES = ['post', 'put', 'patch'] as const;

/**
 * Which routes a client may ask again. Every POST and PUT of a key's holder that changes something takes an Idempotency-Key, so one
 * that takes none changes nothing; what asks for no key (signing up) is not known to be either.
 */
export function repeatableRoutesOf({ paths = {} }: OpenApiDocument): RepeatableRoutes {
  const routes: RepeatableRoutes = { readOnly: [], keyed: [] };
  for (const [path, item] of Object.entries(paths)) {
    for (const method of WRITES) {
      const operation = item[method] as Operation | undefined;
      if (!operation) continue;
      const pattern = { method: method.toUpperCase(), path: patternOf(path) };
      if (takesIdempotencyKey(operation)) routes.keyed.push(pattern);
      else if (method === 'post' && operation.security?.length) routes.readOnly.push(pattern);
    }
  }
  return routes;
}

function takesIdempotencyKey({ parameters = [] }: Operation): boolean {
  return parameters.some((parameter) => 'name' in parameter && parameter.name === 'Idempotency-Key');
}

function patternOf(path: string): string {
  const parts = path.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return `^${parts.join('[^/]+')}$`;
}

/**
 * The document as a client that checks what it gets and fills in what is left out should read it: the values of answers are open, so
 * that one which is added tomorrow is taken, and parameters have no defaults: they are the API's to know.
 */
export function forStrictClients(document: OpenApiDocument): OpenApiDocument {
  const { schemas } = document.components ?? {};
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [
    path,
    Object.fromEntries(
      Object.entries(item as Record<string, object>).map(([method, operation]) => [
        method,
        operationForStrictClients(operation),
      ]),
    ),
  ]);
  return {
    ...document,
    paths: Object.fromEntries(paths) as OpenApiDocument['paths'],
    components: { ...document.components, schemas: opened(schemas) as typeof schemas },
  };
}

function operationForStrictClients(operation: {
  parameters?: readonly { schema?: object }[];
  responses?: object;
}): object {
  const { parameters, responses } = operation;
  return {
    ...operation,
    ...(parameters && {
      parameters: parameters.map((parameter) => ({
        ...parameter,
        ...(parameter.schema && { schema: { ...parameter.schema, default: undefined } }),
      })),
    }),
    ...(responses && { responses: opened(responses) }),
  };
}

/** Without `enum` at any depth; alternatives that have become the same are one. */
function opened(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(opened);
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as Record<string, unknown>;
  const { enum: values, ...others } = schema;
  const members = Object.entries(Array.isArray(values) ? others : schema).map(([name, value]) => [
    name,
    name === 'example' || name === 'examples' ? value : opened(value),
  ]);
  const result = Object.fromEntries(members) as Record<string, unknown>;
  if (Array.isArray(values) && values.every((value) => value === null || Number.isInteger(value))) {
    result.type = withWholeNumbers(result.type);
  }
  if (Array.isArray(result.anyOf)) result.anyOf = distinct(result.anyOf);
  return result;
}

function withWholeNumbers(type: unknown): unknown {
  if (Array.isArray(type)) return type.map(withWholeNumbers);
  return type === 'number' ? 'integer' : type;
}

function distinct(schemas: readonly unknown[]): unknown[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}
