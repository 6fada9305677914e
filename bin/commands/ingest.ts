import { createHash } from 'node:crypto';
import { SingleBar } from 'cli-progress';
import { type Command, Option } from 'commander';
import { compileMapping } from '../../domain/mapping/applyMapping';
import { countRow, emptyCheck, type MappingCheck } from '../../domain/mappingCheck';
import { verifyRow } from '../../domain/rowVerification';
import { type Timestamp, toTimestamp } from '../../domain/time';
import { type Finding, RULES } from '../../domain/verificationRules';
import { type PlacedRow, readRows } from '../../sources/file/fileSource';
import { shippedMappings } from '../../sources/mappings';
import { runIngestion, sourceIdOf } from '../ingestion';
import { withRunningStack } from '../runningStack';
import { callerPath, parseTimeOption, readMappingFile } from './options';
import { printJson, printLine, printPairs, printReport, printTable } from './output';

interface IngestOptions {
  mapping?: string;
  source?: string;
  scrapedAt?: Timestamp;
  shiftTo?: 'now';
  check?: true;
  json?: true;
}

export function registerIngestCommand(program: Command): void {
  program
    .command('ingest <path>')
    .description(
      'ingest a file or folder (NDJSON, JSON, CSV, RSS; gzip too) through the ingestSource workflow',
    )
    .option('--mapping <file>', 'a mapping document of your own for these rows; see docs/mappings.md')
    .option('--source <name>', "the source's name; from the file's name when not given")
    .option(
      '--scraped-at <time>',
      'when the rows were observed, where they do not say (ISO 8601)',
      parseTimeOption,
    )
    .addOption(
      new Option('--shift-to <time>', 'move all times so that the newest posting is now').choices(['now']),
    )
    .option('--check', 'map and verify without storing: per field, rows filled, parsed, failed')
    .option('--json', 'print the report as JSON')
    .action(async (path: string, options: IngestOptions) => {
      const location = callerPath(path);
      if (options.check) await check(location, options);
      else await ingest(location, options);
    });
}

async function ingest(location: string, options: IngestOptions): Promise<void> {
  const mapping =
    options.mapping === undefined ? undefined : await readMappingFile(callerPath(options.mapping));
  // A bar needs the number of rows; nobody watches one in a pipe.
  const total = process.stderr.isTTY ? await countRows(location) : 0;
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value} of {total} rows | {eta_formatted} left',
    stream: process.stderr,
    clearOnComplete: true,
    // Not in logs and pipes.
    noTTYOutput: false,
  });
  const report = await withRunningStack(async (stack) => {
    const temporal = await stack.connectTemporal();
    bar.start(total, 0);
    try {
      return await runIngestion(
        {
          location,
          mapping,
          sourceId: options.source,
          scrapedAt: options.scrapedAt,
          shiftTo: options.shiftTo && toTimestamp(Date.now()),
        },
        {
          db: stack.db,
          temporal,
          taskQueue: stack.config.temporalTaskQueue,
          onProgress: ({ received }) => bar.update(Math.min(received, total)),
        },
      );
    } finally {
      bar.stop();
    }
  });
  if (options.json) printJson(report);
  else printReport(report);
}

async function check(location: string, options: IngestOptions): Promise<void> {
  const given =
    options.mapping === undefined ? undefined : await readMappingFile(callerPath(options.mapping));
  const mappings = given ? [compileMapping(given)] : shippedMappings;
  const now = toTimestamp(Date.now());
  const result = emptyCheck();
  const reasonExamples: Record<string, string> = {};
  for await (const row of readRows(location)) {
    const verdict = verifyRow(row, {
      mappings,
      given: given !== undefined,
      now,
      sourceId: options.source ?? sourceIdOf(location),
      scrapedAt: options.scrapedAt ?? null,
      seenAt: row.seenAt,
      shift: null,
      hash: (text) => createHash('sha256').update(text).digest('hex'),
    });
    countRow(result, verdict);
    if (!verdict.accepted) noteReasons(reasonExamples, row, verdict.findings);
  }
  if (options.json) printJson({ ...result, reason_examples: reasonExamples });
  else printCheck(result, reasonExamples);
}

/** The first row refused for each reason, with what was found in it. */
function noteReasons(
  examples: Record<string, string>,
  { file, rowNumber }: PlacedRow,
  findings: readonly Finding[],
): void {
  for (const { rule, message, raw } of findings) {
    if (!RULES[rule].hard) continue;
    examples[rule] ??= `row ${rowNumber} of ${file}: ${message}${raw === null ? '' : ` (${raw})`}`;
  }
}

async function countRows(location: string): Promise<number> {
  let rows = 0;
  for await (const row of readRows(location)) rows += row.rowNumber > 0 ? 1 : 0;
  return rows;
}

function printCheck(
  { mappings, report, fields }: MappingCheck,
  reasonExamples: Readonly<Record<string, string>>,
): void {
  printLine('rows by mapping');
  printPairs(mappings);
  printReport(report);
  for (const [rule, example] of Object.entries(reasonExamples)) printLine(`${rule}: ${example}`);
  printTable(
    ['field', 'filled', 'parsed', 'failed', 'examples', 'not understood'],
    Object.entries(fields).map(([name, field]) => [
      name,
      field.filled,
      field.parsed,
      field.failed,
      field.examples.join('\n'),
      field.failed_examples.join('\n'),
    ]),
  );
}
