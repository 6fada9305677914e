import { z } from 'zod';

/** One call: to Postgres, or over HTTP, to Meilisearch or to the API itself. */
const callSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sql'), sql: z.string(), bindings: z.array(z.unknown()) }),
  z.object({
    kind: z.literal('http'),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    /** Posted; a call without one is a GET. */
    body: z.string().optional(),
  }),
]);

/** Calls to be made again and again. */
export const readPlanSchema = z.object({
  databaseUrl: z.string(),
  calls: z.array(callSchema).min(1),
  /** Each call is measured by itself, and every loop begins with another one; else all of them, one after another, are one measure. */
  inTurn: z.boolean(),
  concurrency: z.number().int().min(1).max(100),
  warmUpSeconds: z.number(),
  seconds: z.number(),
});

export type ReadCall = z.infer<typeof callSchema>;
export type ReadPlan = z.infer<typeof readPlanSchema>;
