import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { printLine, printTable } from '../bin/commands/output';
import { JOB_COLUMNS } from '../db/jobRows';
import { EXPORT_FORMATS } from '../domain/jobExport';
import { processUseDuring, stopwatch } from './measures';
import type { BenchStack } from './stack';

const MIB = 1_024 * 1_024;

interface Flow {
  rows: number;
  bytes: number;
  seconds: number;
}

/**
 * Exports that many jobs in each format. The reference is `COPY ... TO STDOUT` of the columns
 * that an export reads, in its order, taken before and after; of each format it says most memory of the API process and its time on
 * the processor.
 */
export async function benchExport(stack: BenchStack, rows: number): Promise<void> {
  const first = await copyOut(stack.file.databaseUrl);
  const exports: (Flow & { format: string; peakMiB: number; cpuSeconds: number | null })[] = [];
  for (const format of EXPORT_FORMATS) {
    const { result, uses } = await processUseDuring(stack.dataDir, () => exportAll(stack, format, rows));
    const { peakMiB = Number.NaN, cpuSeconds = null } = uses.get('api') ?? {};
    exports.push({ ...result, format, peakMiB, cpuSeconds });
  }
  const second = await copyOut(stack.file.databaseUrl);
  const copied = (first.rows + second.rows) / (first.seconds + second.seconds);

  printLine(`\nexport: ${first.rows} rows`);
  const line = (name: string, flow: Flow) => [
    name,
    flow.rows,
    flow.seconds.toFixed(2),
    Math.round(flow.rows / flow.seconds),
    (flow.bytes / MIB / flow.seconds).toFixed(1),
    (flow.rows / flow.seconds / copied).toFixed(3),
  ];
  printTable(
    ['', 'rows', 'seconds', 'rows/s', 'MiB/s', 'share of COPY', 'API: most MiB', 'processor seconds'],
    [
      [...line('COPY, before', first), '', ''],
      ...exports.map((flow) => [
        ...line(flow.format, flow),
        Math.round(flow.peakMiB),
        flow.cpuSeconds?.toFixed(1) ?? 'unknown',
      ]),
      [...line('COPY, after', second), '', ''],
    ],
  );
}

async function copyOut(databaseUrl: string): Promise<Flow> {
  const client = new Client({ connectionString: databaseUrl, options: '-c timezone=UTC' });
  await client.connect();
  try {
    const took = stopwatch();
    const stream = client.query(
      copyTo(
        `copy (
           select ${JOB_COLUMNS.join(', ')} from jobs where duplicate_of is null
           order by posted_on desc, id desc
         ) to stdout`,
      ),
    );
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) bytes += chunk.length;
    return { rows: stream.rowCount, bytes, seconds: took() };
  } finally {
    await client.end();
  }
}

async function exportAll({ file, apiKey }: BenchStack, format: string, rows: number): Promise<Flow> {
  const took = stopwatch();
  const request = get(`${file.apiUrl}/jobs/export?format=${format}&max_rows=${rows}`, {
    headers: { 'X-API-KEY': apiKey },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`The export answered ${response.statusCode ?? '?'}.`);
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length;
  return { rows: Number(response.headers['x-export-rows']), bytes, seconds: took() };
}
