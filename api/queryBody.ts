import { z } from 'zod';
import type { QueryParameter } from '../domain/jobFilter';

/** Parameters as members of a JSON object: as texts, as the values they stand for, and lists as lists. For the documentation. */
export function queryBodySchema(parameters: readonly QueryParameter[]): z.ZodObject {
  return z.strictObject(
    Object.fromEntries(
      parameters
        .flatMap((parameter) => [parameter.name, ...parameter.aliases].map((name) => ({ name, parameter })))
        .map(({ name, parameter }) => [
          name,
          memberSchema(parameter).nullable().optional().describe(parameter.description),
        ]),
    ),
  );
}

function memberSchema({ type, minimum, maximum }: QueryParameter): z.ZodType {
  switch (type) {
    case 'integer':
    case 'number': {
      const number = type === 'integer' ? z.int() : z.number();
      return z.union([number.min(minimum ?? -Infinity).max(maximum ?? Infinity), z.string()]);
    }
    case 'boolean':
      return z.union([z.boolean(), z.string()]);
    case 'list':
    case 'ranges':
      return z.union([z.array(z.union([z.string(), z.number()])), z.string()]);
    default:
      return z.string();
  }
}
