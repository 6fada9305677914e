import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { Job } from '../../domain/job';
import { callsOfExport, type ExportFormat } from '../../domain/jobExport';
import { EXPORT_QUERY_GRAMMAR, type ParsedExportQuery } from '../../domain/jobFilter';
import { jobMembers } from '../../domain/jobShape';
import { chooseFields, type ChosenJobView, toJobView } from '../../domain/jobView';
import type { Timestamp } from '../../domain/time';
import { countAhead, findStart, walkPages } from '../../search/postgresWalk';
import { csv } from '../exportFormats/csv';
import type { Format } from '../exportFormats/format';
import { ndjson } from '../exportFormats/ndjson';
import { parquet } from '../exportFormats/parquet';
import { refuseAdvancedFilters, refuseExports } from '../planChecks';
import { type KeyedCall, route, type StreamReply } from '../route';

const FORMATS: Readonly<Record<ExportFormat, Format>> = { csv, ndjson, parquet };
/** Rows made ready in one go, before other requests have their turn. */
const ROWS_PER_SLICE = 100;
/** Of the header for warnings: clients take 16 kB of headers in all, some only 8. */
const MAX_WARNINGS_LENGTH = 2_000;

const exportJobs = route({
  method: 'get',
  path: '/jobs/export',
  tag: 'Jobs',
  summary: 'Export all jobs that match as a file',
  description:
    'Business and larger plans, or the bulk-exports add-on. Counts as one call for each thousand rows begun; HEAD tells how many ' +
    'without writing any. The answer is streamed: one that breaks off lacks its end and is never closed cleanly. Go on behind the ' +
    'last whole row with `after_id`.',
  scope: 'jobs:read',
  isMetered: true,
  query: EXPORT_QUERY_GRAMMAR,
  // Its success is a file.
  response: z.object({}),
  streams: Object.fromEntries(
    Object.values(FORMATS).map(({ contentType, description }) => [
      contentType.replace(/;.*/, ''),
      description,
    ]),
  ),
  responseHeaders: {
    'X-Export-Rows':
      'Rows counted before the first was sent: so many are in the file, or a few less if jobs go meanwhile.',
    'X-Export-Calls': 'Calls that so many rows count as.',
    'X-Export-More': '`true` when there are rows beyond `max_rows`, else `false`.',
    'X-Export-Warnings':
      'What was understood differently from how it was asked: a JSON list of sentences. Only where there are any.',
    'Content-Disposition': 'A name for the file.',
  },
  handler: startExport,
});

export const exportRoutes = [exportJobs];

async function startExport(call: KeyedCall<unknown, ParsedExportQuery>): Promise<StreamReply> {
  const { query, caller, charge, now, services, gone } = call;
  await refuseExports(call);
  await refuseAdvancedFilters(query, call);
  const { filter, sort, maxRows } = query;
  const after = await findStart(services.db, query);
  const walk = { filter, sort, scope: caller.readScope, after };
  const counted = await countAhead(services.db, walk, maxRows + 1, gone);
  const rows = Math.min(counted, maxRows);
  const calls = callsOfExport(rows);
  await charge.reserve(calls);
  charge.settle(0);
  const { contentType, write } = FORMATS[query.format];
  const pages = walkPages(services.db, walk, rows, gone);
  const slices = slicesOf(pages, {
    show: (job) => chooseFields(toJobView(job, now), query.fields),
    onTaken: (taken) => charge.settle(callsOfExport(taken)),
  });
  return {
    headers: {
      'Content-Type': contentType,
      'Content-Disposition': `attachment; filename="${fileName(query.format, now)}"`,
      'X-Export-Rows': String(rows),
      'X-Export-Calls': String(calls),
      'X-Export-More': String(counted > maxRows),
      ...warningHeader(query.warnings),
    },
    stream: Readable.from(write(slices, jobMembers(query.fields)), { objectMode: false }),
  };
}

/** @param onTaken is told of the rows that were taken to be written so far. */
async function* slicesOf(
  pages: AsyncIterable<Job[]>,
  { show, onTaken }: { show: (job: Job) => ChosenJobView; onTaken: (rows: number) => void },
): AsyncGenerator<ChosenJobView[]> {
  let taken = 0;
  for await (const jobs of pages) {
    for (let from = 0; from < jobs.length; from += ROWS_PER_SLICE) {
      const slice = jobs.slice(from, from + ROWS_PER_SLICE);
      taken += slice.length;
      onTaken(taken);
      yield slice.map(show);
      await nextTurn();
    }
  }
}

function fileName(format: ExportFormat, now: Timestamp): string {
  return `jobs-${now.slice(0, 19).replaceAll(':', '-')}Z.${format}`;
}

/** As many of the warnings as fit, in characters that a header may hold. */
function warningHeader(warnings: readonly string[]): Record<string, string> {
  let shown = [...warnings];
  while (inAscii(shown).length > MAX_WARNINGS_LENGTH) shown = shown.slice(0, -1);
  return shown.length > 0 ? { 'X-Export-Warnings': inAscii(shown) } : {};
}

function inAscii(warnings: readonly string[]): string {
  return JSON.stringify(warnings).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
