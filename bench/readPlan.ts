import { z } from 'zod';

/** One call that a search makes: to Postgres, or to Meilisearch. */
const callSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sql'), sql: z.string(), bindings: z.array(z.unknown()) }),
  z.object({
    kind: z.literal('http'),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
]);

/** What a search comes down to, to be done again without anything around it. */
export const readPlanSchema = z.object({
  databaseUrl: z.string(),
  calls: z.array(callSchema).min(1),
  concurrency: z.number().int().min(1).max(100),
  warmUpSeconds: z.number(),
  seconds: z.number(),
});

export type ReadCall = z.infer<typeof callSchema>;
export type ReadPlan = z.infer<typeof readPlanSchema>;
