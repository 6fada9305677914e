import { z } from 'zod';
import { jobViewSchema } from './jobView';

/** What a value of a job is, for files whose columns have types. Lists are of texts. */
export type ValueType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'list';

/** A value of a job as the API returns it. */
export interface ValueMember {
  name: string;
  isNullable: boolean;
  type: ValueType;
}

/** An object inside a job, such as its buyer. */
export interface GroupMember {
  name: string;
  isNullable: boolean;
  members: ValueMember[];
}

export type JobMember = ValueMember | GroupMember;

/** The members of a job as the API returns it, in order, read off its schema: a field added there is here too. */
const JOB_MEMBERS: readonly JobMember[] = Object.entries(jobViewSchema.shape).map(([name, schema]) => {
  const { isNullable, inner } = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return valueMember(name, schema);
  const members = Object.entries(inner.shape as Record<string, z.ZodType>).map((entry) =>
    valueMember(...entry),
  );
  return { name, isNullable, members };
});

/** The members of these names in their order, each once; all of them for null. */
export function jobMembers(fields: readonly string[] | null): readonly JobMember[] {
  if (fields === null) return JOB_MEMBERS;
  return [...new Set(fields)].flatMap((field) => JOB_MEMBERS.filter(({ name }) => name === field));
}

function unwrap(schema: z.ZodType): { isNullable: boolean; inner: z.ZodType } {
  return schema instanceof z.ZodNullable
    ? { isNullable: true, inner: schema.unwrap() as z.ZodType }
    : { isNullable: false, inner: schema };
}

function valueMember(name: string, schema: z.ZodType): ValueMember {
  const { isNullable, inner } = unwrap(schema);
  return { name, isNullable, type: valueType(name, inner) };
}

function valueType(name: string, schema: z.ZodType): ValueType {
  if (schema instanceof z.ZodISODateTime) return 'time';
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return 'text';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodNumber) return schema.format === 'safeint' ? 'integer' : 'number';
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodString) return 'list';
  if (schema instanceof z.ZodUnion && schema.options.every(isWholeLiteral)) return 'integer';
  throw new Error(`The field ${name} of a job is of a kind that no column has.`);
}

function isWholeLiteral(schema: unknown): boolean {
  return schema instanceof z.ZodLiteral && Number.isInteger(schema.value);
}
