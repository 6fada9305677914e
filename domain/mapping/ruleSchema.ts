import { z } from 'zod';

/** Every way of reading a value, by the name that a mapping gives in `parse`. */
export const PARSE_KINDS = [
  'text',
  'html',
  'number',
  'boolean',
  'enum',
  'list',
  'python-list',
  'money',
  'moneyRange',
  'time',
  'relativeTime',
  'idTime',
  'upworkUrl',
] as const;
export type ParseKind = (typeof PARSE_KINDS)[number];

const MAX_RULES_PER_FIELD = 10;

const path = z.string().min(1).max(200);
const paths = z.union([path, z.array(path).min(1).max(10)]);
const expression = z.string().min(1).max(1_000);
const scalar = z.union([z.string().max(500), z.number(), z.boolean()]);

const condition = z.strictObject({
  /** The column or path looked at. */
  from: path,
  /** True when the value is this, case aside. */
  equals: scalar.optional(),
  /** True when the value is one of these, case aside. */
  in: z.array(scalar).min(1).max(100).optional(),
  /** True when the expression is found in the value. */
  matches: expression.optional(),
  /** True when there is a value that is not blank (or, with false, when there is none). */
  present: z.boolean().optional(),
  flags: z.string().max(8).optional(),
  /** Turns the answer round. */
  not: z.boolean().optional(),
});
export type Condition = z.infer<typeof condition>;

const textSteps = {
  from: paths.optional(),
  pattern: expression.optional(),
  flags: z.string().max(8).optional(),
  group: z.union([z.int().min(0).max(99), z.string().min(1).max(60)]).optional(),
  remove: z.array(expression).min(1).max(20).optional(),
  empty: z.array(z.string().max(200)).min(1).max(50).optional(),
};

const amount = z.strictObject({
  ...textSteps,
  from: paths,
  currencyFrom: path.optional(),
});
export type AmountRule = z.infer<typeof amount>;

const rule = z.strictObject({
  ...textSteps,
  /** A value that does not come from the row. */
  constant: z.union([scalar, z.array(z.string().max(100)).max(100)]).optional(),
  when: z.union([condition, z.array(condition).min(1).max(10)]).optional(),
  parse: z.enum(PARSE_KINDS).optional(),
  /** enum: what each text means; null means not given. */
  table: z.record(z.string().max(200), z.union([scalar, z.null()])).optional(),
  /** time: one format or several, tried in turn. */
  format: z
    .union([z.string().min(1).max(100), z.array(z.string().min(1).max(100)).min(1).max(10)])
    .optional(),
  /** time: the zone of a time that states none. */
  zone: z.string().min(1).max(60).optional(),
  /** time: the path of a uid, ciphertext or address whose creation time shows that the zone is wrong. */
  checkZoneBy: path.optional(),
  /** list: what separates the entries; null when the text is one entry. */
  separator: z.string().min(1).max(10).nullable().optional(),
  separatorPattern: expression.optional(),
  /** money, moneyRange: ISO 4217 code of amounts that name no currency. */
  currency: z.string().max(10).optional(),
  /** money, moneyRange: the path where the row states the currency. */
  currencyFrom: path.optional(),
  /** moneyRange: its ends, where they are values of their own. */
  min: amount.optional(),
  max: amount.optional(),
  /** moneyRange: what a lone amount is. */
  single: z.enum(['both', 'min', 'max']).optional(),
});
/** One way to come by the value of a field. */
export type ValueRule = z.infer<typeof rule>;

const rules = z.union([rule, z.array(rule).min(1).max(MAX_RULES_PER_FIELD)]);

const pathList = z.array(path).max(50);

/** The shape of a mapping document; what the shape cannot say is checked by `parseMappingDocument`. */
export const mappingDocumentSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(60)
    .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dots, dashes and underscores'),
  version: z.int().min(1).max(1_000_000).default(1),
  description: z.string().max(1_000).optional(),
  match: z.strictObject({
    /** Columns or paths that must be there. */
    all: pathList.default([]),
    /** At least one of these must be there. */
    any: pathList.default([]),
    /** None of these may be there. */
    none: pathList.default([]),
  }),
  currency: z.string().max(10).default('USD'),
  currencyFrom: path.optional(),
  relativeTo: z.string().max(40).optional(),
  observedAt: rules.optional(),
  fields: z.record(z.string().max(100), rules),
});
/** A mapping: where each canonical field comes from in one shape of rows, and how it is read. */
export type MappingDocument = z.infer<typeof mappingDocumentSchema>;
