import { resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Db } from '../../db/connection';
import { AppError } from '../../domain/errors';
import type { IngestReport } from '../../domain/outcome';
import type { Timestamp } from '../../domain/time';
import { runIngestion } from '../ingestion';

const SOURCE_ID = 'samples';
const SAMPLES = resolve(__dirname, '../../samples');

export interface SamplesOptions {
  db: Db;
  temporalAddress: string;
  temporalNamespace: string;
  taskQueue: string;
  now: Timestamp;
}

/**
 * Ingests the folder `samples/`, its times moved so that the newest posting is from now. A run that a killed start left
 * under way goes on by itself; then this waits for its end.
 */
export async function ingestSamples(options: SamplesOptions): Promise<IngestReport> {
  const { db, temporalAddress, temporalNamespace, taskQueue, now } = options;
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const temporal = new Client({ connection, namespace: temporalNamespace });
    try {
      return await runIngestion(
        { location: SAMPLES, sourceId: SOURCE_ID, isSample: true, shiftTo: now },
        { db, temporal, taskQueue },
      );
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'conflict')) throw error;
      return (await temporal.workflow.getHandle(`ingest/${SOURCE_ID}`).result()) as IngestReport;
    }
  } finally {
    await connection.close();
  }
}
