import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';

export type Row = Record<string, unknown>;

export function readNdjson(text: string): Row[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);
}

/** By headings; every cell is a text. */
export function readCsv(text: string): Record<string, string>[] {
  return parse(text, { columns: true });
}

interface ParquetFile {
  /** DuckDB's types, by name of the column. */
  types: Record<string, string>;
  /** Times as ISO 8601, whole numbers as numbers. */
  rows: Row[];
}

/** Reads a file by DuckDB, which shares nothing with what writes it. */
export async function readParquet(bytes: Uint8Array): Promise<ParquetFile> {
  const folder = mkdtempSync(join(tmpdir(), 'export-test-'));
  const file = join(folder, 'jobs.parquet');
  writeFileSync(file, bytes);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const described = await connection.runAndReadAll(`describe select * from '${file}'`);
    const read = await connection.runAndReadAll(`select * from '${file}'`);
    return {
      types: Object.fromEntries(
        described
          .getRowObjectsJson()
          .map((row) => [row['column_name'] as string, row['column_type'] as string]),
      ),
      rows: read.getRowObjectsJS().map((row) => asJson(row) as Row),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}

function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asJson(member)]));
}
