import { stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type AddedSource,
  findAddedSource,
  type ListedSource,
  listAddedSources,
  putSource,
  removeSource,
  setSourcePaused,
  type SourceKind,
} from '../../db/sources';
import type { Db } from '../../db/connection';
import { hasSourceToken, issueSourceToken, revokeSourceTokens } from '../../db/sourceTokens';
import { AppError } from '../../domain/errors';
import { type Timestamp, toTimestamp } from '../../domain/time';
import { displayAddress, parseAddress } from '../../sources/http/address';
import { parseHttpOptions } from '../../sources/http/httpOptions';
import { followRun, SOURCE_ID_FORM } from '../ingestion';
import { type RunningStack, withRunningStack } from '../runningStack';
import {
  applySchedule,
  deleteSchedule,
  nextRunAt,
  type ScheduleContext,
  triggerRun,
} from '../sourceSchedules';
import { callerPath, readMappingFile } from './options';
import { display, printJson, printLine, printPairs, printReport, printTable } from './output';

const DEFAULT_INTERVAL_SECONDS = 300;
const MIN_INTERVAL_SECONDS = 10;
const MAX_INTERVAL_SECONDS = 30 * 86_400;

interface AddOptions {
  kind?: 'file' | 'http' | 'push';
  every: number;
  mapping?: string;
  nextPath?: string;
  cursorParameter?: string;
  cursorPath?: string;
  maxPages?: number;
  otherOrigins?: true;
  json?: true;
}

interface TokenOptions extends JsonOption {
  revokeOthers?: true;
}

interface JsonOption {
  json?: true;
}

export function registerSourceCommands(program: Command): void {
  const source = program.command('source').description('where postings come from; see docs/ingestion.md');
  source
    .command('add <name> [location]')
    .description('add a source that is read again and again, or change the one of that name to just this')
    .addOption(
      new Option('--kind <kind>', 'by the location when not given').choices(['file', 'http', 'push']),
    )
    .option(
      '--every <time>',
      'from run to run: seconds, or 10m, 6h, 1d',
      parseInterval,
      DEFAULT_INTERVAL_SECONDS,
    )
    .option('--mapping <file>', "the source's own mapping document; else picked row by row")
    .option('--next-path <path>', 'http: where the body holds the address of the next page')
    .option('--cursor-parameter <name>', 'http: query parameter that takes the cursor of the next page')
    .option('--cursor-path <path>', 'http: where the body holds that cursor')
    .option('--max-pages <number>', 'http: pages of one run at most (100)', Number)
    .option('--other-origins', 'http: next links and redirects may lead to other hosts')
    .option('--json', 'print JSON')
    .action(addSource);
  source
    .command('token <name>')
    .description('make another token for a source that pushes; it is shown once')
    .option('--revoke-others', 'end the tokens it has had')
    .option('--json', 'print JSON')
    .action(issueToken);
  source
    .command('list')
    .description('list the sources, with what became of their last run')
    .option('--json', 'print JSON')
    .action(async ({ json }: JsonOption) => {
      const sources = await withRunningStack(({ db }) => listAddedSources(db));
      if (json) printJson(sources.map(viewListed));
      else printSources(sources);
    });
  source
    .command('run <name>')
    .description('read a source now, also while it is paused, and wait for the end')
    .option('--json', 'print the report as JSON')
    .action(runSource);
  source
    .command('pause <name>')
    .description('no runs, and nothing pushed, until it is resumed; a run under way goes to its end')
    .action((name: string) => pauseSource(name, true));
  source
    .command('resume <name>')
    .description('let a paused source go on')
    .action((name: string) => pauseSource(name, false));
  source
    .command('remove <name>')
    .description('end a source; its jobs stay')
    .action(async (name: string) => {
      await withScheduler(async ({ db }, context) => {
        // First: should the source be added again, its old tokens stay ended.
        await revokeSourceTokens(db, name, now());
        if (!(await removeSource(db, name, now()))) throw noSource(name);
        await deleteSchedule(name, context);
      });
      printPairs({ removed: name });
    });
}

async function addSource(name: string, given: string | undefined, options: AddOptions): Promise<void> {
  if (!SOURCE_ID_FORM.test(name)) {
    throw new AppError(
      'invalid_parameter',
      'A source has a name of lower-case letters, digits, dots, dashes and underscores, 63 at most.',
    );
  }
  const kind = options.kind ?? kindOf(given);
  const location = await checkedLocation(kind, given);
  const pageOptions = checkedPageOptions(kind, options);
  const mapping = options.mapping === undefined ? null : await readMappingFile(callerPath(options.mapping));
  const added = await withScheduler(async ({ db, pepper }, context) => {
    await refuseOtherNature(db, name, kind);
    const source = await putSource(db, {
      id: name,
      kind,
      location,
      intervalSeconds: options.every,
      mapping,
      options: pageOptions,
      now: now(),
    });
    if (location === null) {
      await deleteSchedule(name, context);
      // Given again, the command makes no further one.
      if (await hasSourceToken(db, name)) return viewSource(source);
      const { secret } = await issueSourceToken(db, { sourceId: name, pepper, now: now() });
      return { ...viewSource(source), source_token: secret };
    }
    // The row comes first: a command that dies in between is simply given again.
    const schedule = await applySchedule(source, context);
    return { ...viewSource(source), next_run: (await nextRunAt(schedule))?.toISOString() ?? null };
  });
  if (options.json) printJson(added);
  else printPairs(added);
}

async function issueToken(name: string, { revokeOthers, json }: TokenOptions): Promise<void> {
  const issued = await withRunningStack(async ({ db, pepper }) => {
    const { id, secret } = await issueSourceToken(db, { sourceId: name, revokeOthers, pepper, now: now() });
    return { token_id: id, source_token: secret };
  });
  if (json) printJson(issued);
  else printPairs(issued);
}

async function runSource(name: string, { json }: JsonOption): Promise<void> {
  const report = await withScheduler(async ({ db }, context) => {
    const source = await findAddedSource(db, name);
    if (!source) throw noSource(name);
    if (source.location === null) {
      throw new AppError('conflict', `Source ${name} is pushed to; there is nothing to read.`);
    }
    const { handle, wasUnderWay } = await triggerRun(source, context);
    if (wasUnderWay) tell(`A run of ${name} is under way; waiting for that.`);
    return await followRun(handle, { onTrouble: tell });
  });
  if (json) printJson(report);
  else printReport(report);
}

async function pauseSource(name: string, paused: boolean): Promise<void> {
  await withScheduler(async ({ db }, context) => {
    const source = await setSourcePaused(db, name, paused);
    if (!source) throw noSource(name);
    if (source.location !== null) await applySchedule(source, context);
  });
  printPairs({ [paused ? 'paused' : 'resumed']: name });
}

function withScheduler<T>(action: (stack: RunningStack, context: ScheduleContext) => Promise<T>): Promise<T> {
  return withRunningStack(async (stack) => {
    const temporal = await stack.connectTemporal();
    return await action(stack, { temporal, taskQueue: stack.config.temporalTaskQueue });
  });
}

/** Seconds of `300`, `300s`, `5m`, `6h`, `1d`. */
function parseInterval(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text);
  const unit = { s: 1, m: 60, h: 3_600, d: 86_400 }[match?.[2] ?? ''] ?? 1;
  const intervalSeconds = Number(match?.[1] ?? Number.NaN) * unit;
  if (intervalSeconds >= MIN_INTERVAL_SECONDS && intervalSeconds <= MAX_INTERVAL_SECONDS)
    return intervalSeconds;
  throw new InvalidArgumentError('Give 10 seconds to 30 days: 300, 10m, 6h, 1d.');
}

function kindOf(location: string | undefined): 'file' | 'http' {
  return location !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(location) ? 'http' : 'file';
}

async function checkedLocation(kind: SourceKind, given: string | undefined): Promise<string | null> {
  if (kind === 'push') {
    if (given === undefined) return null;
    throw new AppError('invalid_parameter', 'A source that pushes has no location.');
  }
  if (given === undefined) throw new AppError('invalid_parameter', 'Give the path or address to read.');
  if (kind === 'http') return parseAddress(given).href;
  const path = callerPath(given);
  await stat(path).catch(() => {
    throw new AppError('invalid_parameter', `There is no file or folder ${path}.`);
  });
  return path;
}

function checkedPageOptions(kind: SourceKind, options: AddOptions): Record<string, unknown> {
  const { nextPath, cursorParameter, cursorPath, maxPages, otherOrigins } = options;
  const given = { nextPath, cursorParameter, cursorPath, maxPages, otherOrigins };
  if (kind === 'http') return parseHttpOptions(given);
  if (Object.values(given).every((value) => value === undefined)) return {};
  throw new AppError('invalid_parameter', `Pages are for http sources; ${kind} sources have none.`);
}

async function refuseOtherNature(db: Db, name: string, kind: SourceKind): Promise<void> {
  const known = await findAddedSource(db, name);
  if (known === null || (known.kind === 'push') === (kind === 'push')) return;
  throw new AppError(
    'conflict',
    `Source ${name} is of kind ${known.kind}. Remove it first, or take another name.`,
  );
}

function noSource(name: string): AppError {
  return new AppError('not_found', `There is no source ${name}; see source list.`);
}

function viewSource({ id, kind, location, intervalSeconds, mapping, options, paused }: AddedSource) {
  return {
    source: id,
    kind,
    location: shownLocation(kind, location),
    interval_seconds: location === null ? null : intervalSeconds,
    mapping: mappingName(mapping),
    options: kind === 'http' ? options : null,
    paused,
  };
}

function viewListed(source: ListedSource) {
  const { lastRun } = source;
  return {
    ...viewSource(source),
    last_run:
      lastRun === null
        ? null
        : {
            started_at: lastRun.startedAt,
            ended_at: lastRun.endedAt,
            outcome: runOutcome(lastRun),
            rows: lastRun.rows,
            failure: lastRun.failure,
          },
  };
}

function runOutcome(run: NonNullable<ListedSource['lastRun']>): 'done' | 'failed' | 'under way' {
  if (run.failure !== null) return 'failed';
  return run.endedAt === null ? 'under way' : 'done';
}

function shownLocation(kind: SourceKind, location: string | null): string | null {
  return kind === 'http' && location !== null ? displayAddress(parseAddress(location)) : location;
}

function mappingName(mapping: unknown): string | null {
  return typeof mapping === 'object' && mapping !== null && 'name' in mapping ? String(mapping.name) : null;
}

function printSources(sources: ListedSource[]): void {
  const views = sources.map(viewListed);
  printTable(
    ['source', 'kind', 'location', 'every', 'mapping', 'paused', 'last run', 'outcome'],
    views.map((view) => [
      view.source,
      view.kind,
      display(view.location),
      view.interval_seconds === null ? '-' : `${view.interval_seconds} s`,
      display(view.mapping),
      view.paused ? 'yes' : 'no',
      display(view.last_run?.started_at),
      view.last_run === null ? '-' : `${view.last_run.outcome}, ${view.last_run.rows} rows`,
    ]),
  );
  for (const view of views) {
    const failure = view.last_run?.failure ?? null;
    if (failure !== null) printLine(`${view.source}: ${failure}`);
  }
}

/** Beside the result, for whoever waits. */
function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

function now(): Timestamp {
  return toTimestamp(Date.now());
}
