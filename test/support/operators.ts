import { Client, Connection } from '@temporalio/client';
import type { Express } from 'express';
import supertest, { type Test } from 'supertest';
import { createMetrics } from '../../api/metrics';
import { createOperatorsApp } from '../../api/operators';
import { hashOperatorToken, makeOperatorToken } from '../../api/operatorToken';
import { createAdminServices } from '../../bin/adminServices';
import { tellNobody } from './ingest';
import type { ScheduleContext } from '../../bin/sourceSchedules';
import { NOW, type TestApi } from './api';

export interface TestOperators {
  app: Express;
  token: string;
  get: (path: string) => Test;
  post: (path: string, body?: object) => Test;
  put: (path: string, body?: object) => Test;
  delete: (path: string) => Test;
  /** What the audit log holds, in order, without times and ids. */
  audited: () => Promise<AuditedAct[]>;
}

interface AuditedAct {
  actor: string;
  action: string;
  account_id: string | null;
  subject: string | null;
  details: Record<string, unknown>;
}

/** The operators' app over the database of the API; without `schedules` for tests that do not come near Temporal. */
export function createTestOperators(api: TestApi, schedules?: ScheduleContext): TestOperators {
  const token = makeOperatorToken();
  const { temporal, taskQueue } = schedules ?? {
    temporal: new Client({ connection: Connection.lazy() }),
    taskQueue: 'none',
  };
  const admin = createAdminServices({
    db: api.db,
    tokenHash: hashOperatorToken(token).toString('hex'),
    pepper: api.services.keys.pepper,
    forgetOwners: () => undefined,
    temporal,
    taskQueue,
    announce: tellNobody,
  });
  const { logger } = api.services;
  const app = createOperatorsApp({ metrics: createMetrics(), admin, logger, now: () => NOW });
  const authorised = (test: Test) => test.set('Authorization', `Bearer ${token}`).set('X-Operator', 'anna');
  return {
    app,
    token,
    get: (path) => authorised(supertest(app).get(path)),
    post: (path, body) => authorised(supertest(app).post(path)).send(body),
    put: (path, body) => authorised(supertest(app).put(path)).send(body),
    delete: (path) => authorised(supertest(app).delete(path)),
    audited: () =>
      api
        .db('audit_log')
        .select<AuditedAct[]>('actor', 'action', 'account_id', 'subject', 'details')
        .orderBy('id'),
  };
}
