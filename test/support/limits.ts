import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import type { ApiServices } from '../../api/app';
import { createAdmission } from '../../api/limits/admission';
import { type CallLeases, createCallLeases } from '../../api/limits/callLeases';
import { openJournal } from '../../api/metering/journal';
import { createUsageRecorder, type UsageRecorder } from '../../api/metering/usageRecorder';
import { identify, isRunning } from '../../bin/stack/processes';
import type { TestApi } from './api';

export interface LimitedApi {
  app: Express;
  leases: CallLeases;
  usage: UsageRecorder;
  /** Of the journals; shared where it is given. */
  folder: string;
  /** Ends it as SIGTERM does. */
  stop: () => Promise<void>;
}

/** An API over the database of another that limits and meters, as a process of its own would. */
export function limitedApi(
  api: TestApi,
  { services = {}, folder }: { services?: Partial<ApiServices>; folder?: string } = {},
): LimitedApi {
  const { db, logger, now } = { ...api.services, ...services };
  const own = folder ?? mkdtempSync(join(tmpdir(), 'journal-'));
  const processId = crypto.randomUUID();
  const identity = identify(process.pid);
  if (!identity) throw new Error('This process is not there.');
  const usage = createUsageRecorder({
    db,
    journal: openJournal({ folder: own, processId, identity, isRunning }),
    logger,
    now,
  });
  const leases = createCallLeases({ db, processId, logger });
  usage.start();
  leases.start();
  return {
    app: api.appWith({ ...services, admission: createAdmission({ leases, usage }) }),
    leases,
    usage,
    folder: own,
    stop: async () => {
      await Promise.all([usage.close(), leases.close()]);
      if (folder === undefined) rmSync(own, { recursive: true, force: true });
    },
  };
}
