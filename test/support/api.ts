import { Writable } from 'node:stream';
import type { Express } from 'express';
import pino from 'pino';
import supertest, { type Test } from 'supertest';
import { createApp, type ApiServices } from '../../api/app';
import { openAdmission } from '../../api/limits/admission';
import { createMetrics } from '../../api/metrics';
import { createStatusReader } from '../../api/serviceStatus';
import { createAccount } from '../../db/accounts';
import { findApiKey, issueApiKey, type NewApiKey } from '../../db/apiKeys';
import type { Db } from '../../db/connection';
import { createSecretBox } from '../../db/secretBox';
import { issueSourceToken } from '../../db/sourceTokens';
import { learnWords } from '../../db/searchWords';
import { registerSource } from '../../db/sources';
import { toJobRow } from '../../db/jobRows';
import { emptyContent, type Job } from '../../domain/job';
import { addMillis, DAY_MS, type Timestamp } from '../../domain/time';
import { createPostgresIndex } from '../../search/postgres';
import { createPostingReader } from '../../sources/push/pushedPostings';
import { createWebhookSender } from '../../webhooks/sender';
import { newWebhookSecret } from '../../webhooks/signature';
import { createTestDatabase } from './database';

export const NOW: Timestamp = '2026-02-01T12:00:00.000Z';
export const PEPPER = 'a pepper of the tests, 32 characters';

export interface TestApi {
  app: Express;
  db: Db;
  databaseUrl: string;
  services: ApiServices;
  /** Lines that the API has logged. */
  logged: Record<string, unknown>[];
  /** An app over the same database in which some services are others. */
  appWith: (services: Partial<ApiServices>) => Express;
  /** Issues a key; of a new account on `planId` (Starter) unless one is given. */
  issueKey: (terms?: Partial<NewApiKey> & { planId?: string }) => Promise<{ id: string; secret: string }>;
  /** Issues a token of a source that pushes, which is registered if need be. */
  issueToken: (terms?: {
    sourceId?: string;
    mapping?: object;
    revokeOthers?: boolean;
  }) => Promise<{ id: string; secret: string }>;
  saveJob: (job: Partial<Job> & { id: string }) => Promise<Job>;
  get: (path: string, secret?: string) => Test;
  drop: () => Promise<void>;
}

/** The API over a database of its own with a Postgres index, at a time that stands still. */
export async function createTestApi(): Promise<TestApi> {
  const { db, databaseUrl, drop } = await createTestDatabase();
  const logged: Record<string, unknown>[] = [];
  // Names are looked up nowhere: each has an address of the internet, to which nothing is sent.
  const sender = createWebhookSender({
    allowsLoopback: true,
    extraPorts: [],
    userAgent: 'test',
    lookup: () => Promise.resolve(['93.184.215.14']),
  });
  const services: ApiServices = {
    db,
    search: createPostgresIndex(db),
    keys: {
      pepper: PEPPER,
      secretBox: createSecretBox(Buffer.alloc(32, 'key').toString('base64')),
      findOwner: (hash, now) => findApiKey(db, hash, now),
      forgetOwners: () => undefined,
    },
    admission: openAdmission,
    samplesForLiveKeys: false,
    push: { createReader: createPostingReader, startBatch: () => Promise.resolve(), backlogLimit: 200 },
    signUps: {
      start: () => Promise.resolve(),
      isRefusedAddress: () => false,
      limits: { perAddressAndHour: 1_000, perEmailAndHour: 1_000, recoveriesPerAddressAndHour: 1_000 },
    },
    webhooks: { ...sender, wake: () => Promise.resolve(), newSecret: newWebhookSecret },
    startErasure: () => Promise.resolve(),
    supportEmail: 'support@example.com',
    probes: { temporal: () => Promise.resolve(true) },
    readStatus: createStatusReader({ db, now: () => NOW }),
    metrics: createMetrics(),
    logger: pino(linesInto(logged)),
    now: () => NOW,
  };
  const appWith = (others: Partial<ApiServices>) => createApp({ ...services, ...others });
  const app = appWith({});
  return {
    app,
    db,
    databaseUrl,
    services,
    logged,
    appWith,
    issueKey: async ({ planId = 'starter', accountId, ...terms } = {}) => {
      const owner = accountId ?? crypto.randomUUID();
      if (accountId === undefined) {
        await createAccount(db, { id: owner, email: `${owner}@example.com`, planId, now: NOW });
      }
      return issueApiKey(db, {
        accountId: owner,
        kind: 'live',
        scopes: ['jobs:read'],
        expiresAt: null,
        name: null,
        pepper: PEPPER,
        now: NOW,
        ...terms,
      });
    },
    issueToken: async ({ sourceId = 'partner', mapping, revokeOthers } = {}) => {
      await registerSource(db, { id: sourceId, kind: 'push', isSample: false });
      if (mapping) await db('sources').where({ id: sourceId }).update({ mapping });
      return issueSourceToken(db, { sourceId, revokeOthers, pepper: PEPPER, now: NOW });
    },
    saveJob: async (given) => {
      const job = jobOf(given);
      await db('jobs').insert({ ...toJobRow(job), provenance: {} });
      await learnWords(db, [job.id]);
      return job;
    },
    get: (path, secret) => {
      const request = supertest(app).get(path);
      return secret === undefined ? request : request.set('X-API-KEY', secret);
    },
    drop: async () => {
      await sender.close();
      await drop();
    },
  };
}

/** A job of which only what is given is special; posted a day before `NOW`. */
function jobOf(given: Partial<Job> & { id: string }): Job {
  const yesterday = addMillis(NOW, -DAY_MS);
  return {
    ...emptyContent(),
    title: `Job ${given.id}`,
    postedOn: yesterday,
    version: 1,
    lastVisitedAt: yesterday,
    firstSeenAt: yesterday,
    verifiedAt: yesterday,
    updatedAt: yesterday,
    searchableAt: null,
    flags: [],
    qualityScore: 1,
    isSample: false,
    ...given,
  };
}

function linesInto(logged: Record<string, unknown>[]): Writable {
  return new Writable({
    write: (line: Buffer, _encoding, done) => {
      logged.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
}
