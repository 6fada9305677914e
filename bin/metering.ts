import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { type Admission, createAdmission } from '../api/limits/admission';
import { createCallLeases } from '../api/limits/callLeases';
import { openJournal } from '../api/metering/journal';
import { createUsageRecorder } from '../api/metering/usageRecorder';
import type { Db } from '../db/connection';
import type { Timestamp } from '../domain/time';
import { identify, isRunning } from './stack/processes';

export interface MeteringOptions {
  db: Db;
  /** The journal is a folder in it. */
  dataDir: string;
  registry: Registry;
  logger: Logger;
  now: () => Timestamp;
}

/** Limits and usage of an API process, from its start to its end: `stop` gives units back and stores what is in the journal. */
export function startMetering({ db, dataDir, registry, logger, now }: MeteringOptions): {
  admission: Admission;
  stop: () => Promise<void>;
} {
  const identity = identify(process.pid);
  if (!identity) throw new Error('This process cannot be told apart from others.');
  const processId = randomUUID();
  const journal = openJournal({ folder: join(dataDir, 'journal'), processId, identity, isRunning });
  const usage = createUsageRecorder({ db, journal, logger, now });
  const leases = createCallLeases({ db, processId, logger });
  new Gauge({
    name: 'usage_flush_lag_seconds',
    help: 'Age of the oldest usage that is not stored in Postgres yet; it is in the journal meanwhile.',
    registers: [registry],
    collect() {
      this.set(usage.lagMs() / 1_000);
    },
  });
  usage.start();
  leases.start();
  return {
    admission: createAdmission({ leases, usage }),
    stop: async () => {
      await Promise.all([usage.close(), leases.close()]);
    },
  };
}
