import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { acceptQuarantined, rejectQuarantined } from '../activities/quarantine';
import type { Announce } from '../activities/announcements';
import type { AdminServices } from '../api/operatorsServices';
import type { Db } from '../db/connection';
import { listAddedSources } from '../db/sources';
import { AppError } from '../domain/errors';
import { noSource, pauseSource, runSourceNow } from './sourceActs';
import { viewListedSource } from './sourceView';

/** An operator waits for Temporal no longer than for this. */
const TEMPORAL_TIMEOUT_MS = 10_000;

interface AdminOptions {
  db: Db;
  /** SHA-256 of the operators' token, in hexadecimal digits. */
  tokenHash: string;
  pepper: string;
  forgetOwners: () => void;
  temporal: Client;
  taskQueue: string;
  announce: Announce;
}

/** What operators can do by the API: the same functions as the command line's. */
export function createAdminServices({
  db,
  tokenHash,
  pepper,
  forgetOwners,
  temporal,
  taskQueue,
  announce,
}: AdminOptions): AdminServices {
  const schedules = { temporal, taskQueue };
  const list = async () => (await listAddedSources(db)).map(viewListedSource);
  const withTemporal = <T>(act: () => Promise<T>): Promise<T> =>
    temporal.withDeadline(Date.now() + TEMPORAL_TIMEOUT_MS, act).catch(toAppError);
  return {
    db,
    tokenHash: Buffer.from(tokenHash, 'hex'),
    pepper,
    forgetOwners,
    sources: {
      list,
      setPaused: async (name, paused, acting) => {
        await withTemporal(() => pauseSource(name, paused, { db, schedules, ...acting }));
        const source = (await list()).find((listed) => listed.source === name);
        if (source) return source;
        throw noSource(name);
      },
      run: async (name, acting) => {
        const run = await withTemporal(() => runSourceNow(name, { db, schedules, ...acting }));
        return { workflowId: run.handle.workflowId, wasUnderWay: run.wasUnderWay };
      },
    },
    quarantine: {
      accept: (id, acting) => acceptQuarantined(db, { id, ...acting, announce }),
      reject: (id, acting) => rejectQuarantined(db, { id, ...acting }),
    },
  };
}

/** What Temporal's client says when the server is away is no fault of ours. */
function toAppError(error: unknown): never {
  if (!(error instanceof ServiceError || isGrpcServiceError(error))) throw error;
  const message =
    'Temporal does not answer in time. Ask for it again once it does: asked twice, it is done once.';
  throw new AppError('unavailable', message, { cause: error });
}
