import { z } from 'zod';
import { AppError, type FieldFault } from '../domain/errors';
import { nearestOf } from '../domain/jobFilter/nearest';
import { nearestName } from '../domain/names';

const MAX_SHOWN_LENGTH = 100;

/** Tells a schema's check of faults that were found by other means than schemas; their names follow that of the value. */
export function addFaults(context: z.core.$RefinementCtx, faults: readonly FieldFault[]): void {
  for (const fault of faults) {
    const path = fault.parameter === '' ? [] : [fault.parameter];
    context.addIssue({ code: 'custom', message: fault.message, path, params: { fault } });
  }
}

/**
 * The value of a body that a route takes.
 * @param others faults that were found by other means; where the schema finds one in the same member, that one is told.
 * @throws AppError `invalid_parameter` with every fault, each naming the member it concerns; `body` stands for the whole.
 */
export function readBodyValue<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  others: readonly FieldFault[] = [],
): z.output<Schema> {
  const unstorable = unstorableTexts(value, []);
  const read = schema.safeParse(value);
  const issues = read.success ? [] : read.error.issues;
  const found = [...unstorable, ...issues.flatMap((issue) => faultsOf(issue, schema, value))];
  const told = new Set(found.map(({ parameter }) => parameter));
  const faults = [...found, ...others.filter(({ parameter }) => !told.has(parameter))];
  if (read.success && faults.length === 0) return read.data;
  const sentences = faults.map(
    ({ parameter, message, did_you_mean: meant }) =>
      `${parameter}: ${message}${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
  );
  throw new AppError('invalid_parameter', sentences.join(' '), { faults });
}

function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): FieldFault[] {
  const parameter = nameOf(issue.path);
  if (issue.code === 'custom' && issue.params?.fault)
    return [{ ...(issue.params.fault as FieldFault), parameter }];
  if (issue.code !== 'unrecognized_keys') {
    const received = valueAt(value, issue.path);
    return [
      {
        parameter,
        message: `${issue.message}.`,
        ...(typeof received === 'string' ? { received: received.slice(0, MAX_SHOWN_LENGTH) } : {}),
        ...meantBy(issue, received),
      },
    ];
  }
  const known = schema instanceof z.ZodObject && issue.path.length === 0 ? Object.keys(schema.shape) : [];
  return issue.keys.map((key) => {
    const nearest = nearestName(key, known);
    return {
      parameter: key.slice(0, MAX_SHOWN_LENGTH),
      message: 'There is no member of this name.',
      ...(nearest === null ? {} : { did_you_mean: nearest }),
    };
  });
}

/** The value nearest to one that is none of those there are. */
function meantBy(issue: z.core.$ZodIssue, received: unknown): { did_you_mean?: string } {
  if (issue.code !== 'invalid_value' || typeof received !== 'string') return {};
  const nearest = nearestOf(issue.values.map(String))(received);
  return nearest === null ? {} : { did_you_mean: nearest };
}

/** Postgres holds no NUL and no half of a surrogate pair. */
function unstorableTexts(value: unknown, path: readonly PropertyKey[]): FieldFault[] {
  if (typeof value === 'string') {
    const isStorable = !value.includes('\0') && value.isWellFormed();
    return isStorable
      ? []
      : [{ parameter: nameOf(path), message: 'The text holds characters that are none.' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => unstorableTexts(member, [...path, name]));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (holder, name) => (Object(holder) as Readonly<Record<PropertyKey, unknown>>)[name],
    value,
  );
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.').slice(0, MAX_SHOWN_LENGTH) || 'body';
}
