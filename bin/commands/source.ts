import { stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Db } from '../../db/connection';
import {
  findAddedSource,
  type ListedSource,
  listAddedSources,
  putSource,
  removeSource,
  type SourceKind,
} from '../../db/sources';
import { hasSourceToken, issueSourceToken, revokeSourceTokens } from '../../db/sourceTokens';
import { AppError } from '../../domain/errors';
import { parseAddress } from '../../sources/http/address';
import { parseHttpOptions } from '../../sources/http/httpOptions';
import { followRun, SOURCE_ID_FORM } from '../ingestion';
import { type RunningStack, withRunningStack } from '../runningStack';
import { noSource, pauseSource, recordSourceAct, runSourceNow } from '../sourceActs';
import { applySchedule, deleteSchedule, nextRunAt, type ScheduleContext } from '../sourceSchedules';
import { viewListedSource, viewSource } from '../sourceView';
import { actingNow } from './acting';
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
      if (json) printJson(sources.map(viewListedSource));
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
    .action((name: string) => setPaused(name, true));
  source
    .command('resume <name>')
    .description('let a paused source go on')
    .action((name: string) => setPaused(name, false));
  source
    .command('remove <name>')
    .description('end a source; its jobs stay')
    .action(async (name: string) => {
      await withScheduler(async ({ db }, context) => {
        // Its tokens, too: should the source be added again, they stay ended.
        await db.transaction(async (transaction) => {
          const { actor, now } = actingNow();
          await revokeSourceTokens(transaction, name, now);
          if (!(await removeSource(transaction, name, now))) throw noSource(name);
          await recordSourceAct(transaction, 'source.removed', name, { actor, now });
        });
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
    const { actor, now } = actingNow();
    const source = await db.transaction(async (transaction) => {
      const put = await putSource(transaction, {
        id: name,
        kind,
        location,
        intervalSeconds: options.every,
        mapping,
        options: pageOptions,
        now,
      });
      await recordSourceAct(transaction, 'source.added', name, { actor, now, details: { kind } });
      return put;
    });
    if (location === null) {
      await deleteSchedule(name, context);
      // Given again, the command makes no further one.
      if (await hasSourceToken(db, name)) return viewSource(source);
      const { source_token } = await issueRecordedToken(db, { sourceId: name, pepper });
      return { ...viewSource(source), source_token };
    }
    // The row comes first: a command that dies in between is simply given again.
    const schedule = await applySchedule(source, context);
    return { ...viewSource(source), next_run: (await nextRunAt(schedule))?.toISOString() ?? null };
  });
  if (options.json) printJson(added);
  else printPairs(added);
}

async function issueToken(name: string, { revokeOthers, json }: TokenOptions): Promise<void> {
  const issued = await withRunningStack(({ db, pepper }) =>
    issueRecordedToken(db, { sourceId: name, revokeOthers, pepper }),
  );
  if (json) printJson(issued);
  else printPairs(issued);
}

async function issueRecordedToken(
  db: Db,
  token: { sourceId: string; revokeOthers?: boolean; pepper: string },
): Promise<{ token_id: string; source_token: string }> {
  const { actor, now } = actingNow();
  return await db.transaction(async (transaction) => {
    const { id, secret } = await issueSourceToken(transaction, { ...token, now });
    const details = { token: id, revoked_others: token.revokeOthers ?? false };
    await recordSourceAct(transaction, 'source_token.created', token.sourceId, { actor, now, details });
    return { token_id: id, source_token: secret };
  });
}

async function runSource(name: string, { json }: JsonOption): Promise<void> {
  const report = await withScheduler(async ({ db }, schedules) => {
    const { handle, wasUnderWay } = await runSourceNow(name, { db, schedules, ...actingNow() });
    if (wasUnderWay) tell(`A run of ${name} is under way; waiting for that.`);
    return await followRun(handle, { onTrouble: tell });
  });
  if (json) printJson(report);
  else printReport(report);
}

async function setPaused(name: string, paused: boolean): Promise<void> {
  await withScheduler(({ db }, schedules) => pauseSource(name, paused, { db, schedules, ...actingNow() }));
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

function printSources(sources: ListedSource[]): void {
  const views = sources.map(viewListedSource);
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
