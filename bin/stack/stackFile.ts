import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const port = z.number().int().min(1).max(65_535);
const text = z.string().max(2_000);

const stackFileSchema = z.object({
  status: z.enum(['running', 'stopped']),
  /** Of the process that started the stack. */
  pid: z.number().int().positive(),
  apiUrl: text,
  /** Where operators find the metrics. */
  operatorsUrl: text.optional(),
  databaseUrl: text,
  temporalAddress: text,
  temporalNamespace: text,
  temporalUiUrl: text.optional(),
  /** None when Postgres alone searches. */
  meiliUrl: text.optional(),
  /** Kept when the stack is stopped: the next start takes the same ones if they are free. */
  ports: z.object({
    api: port.optional(),
    operators: port.optional(),
    postgres: port.optional(),
    temporal: port.optional(),
    temporalUi: port.optional(),
    meilisearch: port.optional(),
  }),
  /** When the samples were last ingested, ISO 8601. */
  samplesIngestedAt: text.optional(),
});

/** What other programs (the command line tool) need to find the local stack: `stack.json` in the data folder. */
export type StackFile = z.infer<typeof stackFileSchema>;

/** The description of the stack that runs, or ran, on this folder; undefined when there is none to be read. */
export function readStackFile(dataDir: string): StackFile | undefined {
  try {
    return stackFileSchema.parse(JSON.parse(readFileSync(join(dataDir, 'stack.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Replaces it in one step; it holds a password, so it is for its owner alone. */
export function writeStackFile(dataDir: string, stack: StackFile): void {
  const path = join(dataDir, 'stack.json');
  writeFileSync(`${path}.draft`, JSON.stringify(stack, undefined, 2), { mode: 0o600 });
  renameSync(`${path}.draft`, path);
}
