import type { z } from 'zod';
import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import type { Timestamp } from '../domain/time';
import type { sourceView } from './adminViews';
import type { Metrics } from './metrics';

/** Who does something, and when. */
export interface Acting {
  /** As the audit log names them: `operator`, `operator:<name>`. */
  actor: string;
  now: Timestamp;
}

/** What the operators' app stands on, given by the process that serves it. */
export interface OperatorsServices {
  metrics: Pick<Metrics, 'contentType' | 'render'>;
  /** None: metrics alone. */
  admin?: AdminServices;
  logger: Logger;
  now: () => Timestamp;
}

/** What the routes under `/admin` stand on. */
export interface AdminServices {
  db: Db;
  /** SHA-256 of the operators' token. */
  tokenHash: Buffer;
  /** The server's secret under which keys are hashed. */
  pepper: string;
  /** Called after every act: what this process remembers of keys may have changed. */
  forgetOwners: () => void;
  sources: SourceActs;
  quarantine: QuarantineActs;
}

export type SourceView = z.input<typeof sourceView>;

/** What operators do with sources. Each act is in the audit log before Temporal is told. */
interface SourceActs {
  list: () => Promise<SourceView[]>;
  /** @throws AppError `not_found`; `unavailable` when it is stored, and Temporal could not be told. */
  setPaused: (name: string, paused: boolean, acting: Acting) => Promise<SourceView>;
  /** Begins to read the source now. @throws AppError `not_found`, `conflict` when it is pushed to, `unavailable`. */
  run: (name: string, acting: Acting) => Promise<{ workflowId: string; wasUnderWay: boolean }>;
}

/** Decisions on postings that wait. Taken twice they are taken once. */
interface QuarantineActs {
  /** @throws AppError `not_found`, or `conflict` when it was rejected before. */
  accept: (id: number, acting: Acting) => Promise<void>;
  /** @throws AppError `not_found`, or `conflict` when it was accepted before. */
  reject: (id: number, acting: Acting) => Promise<void>;
}
