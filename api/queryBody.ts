import { z } from 'zod';
import { MAX_LIST_LENGTH, MAX_VALUE_LENGTH, type QueryParameter } from '../domain/jobFilter';

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

const text = z.string().max(MAX_VALUE_LENGTH);

function memberSchema({ type, minimum, maximum, maxItems = MAX_LIST_LENGTH }: QueryParameter): z.ZodType {
  switch (type) {
    case 'integer':
    case 'number': {
      const number = type === 'integer' ? z.int() : z.number();
      return z.union([number.min(minimum ?? -Infinity).max(maximum ?? Infinity), text]);
    }
    case 'boolean':
      return z.union([z.boolean(), z.literal([0, 1]), text]);
    case 'list':
    case 'ranges':
      return z.union([z.array(z.union([text, z.number()])).max(maxItems), text]);
    default:
      return type === 'text' ? z.string().max(maximum ?? MAX_VALUE_LENGTH) : text;
  }
}
