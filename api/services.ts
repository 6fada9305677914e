import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import type { PushedBatch, PushedRow } from '../db/pushedBatches';
import type { SecretBox } from '../db/secretBox';
import type { ServiceStatus } from '../domain/serviceStatus';
import type { Timestamp } from '../domain/time';
import type { SendWebhook } from '../domain/webhooks/message';
import type { JobSearch } from '../search/searchIndex';
import type { KeyOwners } from './keyOwners';
import type { Admission } from './limits/admission';
import type { Metrics } from './metrics';
import type { ResponseCache } from './responseCache';

/** What the API stands on, given by the process that serves it. */
export interface ApiServices {
  db: Db;
  search: JobSearch;
  /** None: every answer is made anew. */
  responses?: ResponseCache;
  keys: KeyOwners & {
    /** The server's secret under which keys are hashed. */
    pepper: string;
    /** For what is kept and must be had again in the clear: answers that hold a key, webhook endpoints. */
    secretBox: SecretBox;
  };
  /** Limits and usage. */
  admission: Admission;
  /** Live keys see the made-up postings of the sample source: for trying the product out. */
  samplesForLiveKeys: boolean;
  /** How the parts that requests can do without are doing; a rejection counts as down. */
  probes: {
    temporal: () => Promise<boolean>;
    /** None where Postgres alone searches. */
    meilisearch?: () => Promise<boolean>;
  };
  /** What `GET /status` tells. */
  readStatus: () => Promise<ServiceStatus>;
  /**
   * Has an account erased whose erasure was asked for. A rejection is no loss: what is left lying is picked up by the
   * `start-pending-erasures` schedule.
   */
  startErasure: (erasureId: string) => Promise<unknown>;
  /** Where customers find help. */
  supportEmail: string;
  push: PushServices;
  signUps: SignUpServices;
  webhooks: WebhookServices;
  metrics: Pick<Metrics, 'countRequest'>;
  /** How callers reach the API; none: over plain HTTP, past no proxy, from no other website. */
  transport?: TransportSettings;
  logger: Logger;
  now: () => Timestamp;
}

/** What sign-up and recovery need. */
export interface SignUpServices {
  /**
   * Has a stored sign-up taken further. A rejection is no loss: what is left lying is picked up by the `start-pending-signups` schedule.
   */
  start: (signUpId: string) => Promise<unknown>;
  isRefusedAddress: (email: string) => boolean;
  /** Requests in a clock hour. */
  limits: { perAddressAndHour: number; perEmailAndHour: number; recoveriesPerAddressAndHour: number };
}

/** What webhook endpoints need. */
export interface WebhookServices {
  /** What is wrong with an address to which requests are to go, in a sentence; null when nothing is. */
  check: (url: string) => Promise<string | null>;
  send: SendWebhook;
  /**
   * Has what is due for an endpoint sent. A rejection is no loss: what is due stays so, and is sent with whatever comes next.
   */
  wake: (endpointId: string) => Promise<unknown>;
  /** `whsec_` and random bytes in base64. */
  newSecret: () => string;
}

/** What lies between the callers and the API. */
export interface TransportSettings {
  /** Proxies whose `X-Forwarded-*` are believed: how many there are, or their networks. */
  trustProxy?: number | string[];
  /** Callers who speak plain HTTP are refused. */
  httpsRequired?: boolean;
  /** Websites whose pages may call the API from browsers, as `https://app.example.com`; `*` alone: all. */
  corsOrigins?: readonly string[];
}

/** What taking in pushed postings needs. */
export interface PushServices {
  /** Reads and verifies what one call pushes, posting by posting. */
  createReader: (context: {
    sourceId: string;
    /** The source's own mapping document; null when each posting's is picked from those shipped. */
    mapping: unknown;
    arrivedAt: Timestamp;
  }) => (value: unknown, rowNumber: number) => PushedRow;
  /**
   * Has a batch processed that is stored and verified. A rejection is no loss: what is left lying is picked up by the
   * `start-pending-batches` schedule.
   */
  startBatch: (batch: PushedBatch) => Promise<unknown>;
  /** Batches of a source that may wait to be published before it is told to come back later. */
  backlogLimit: number;
}
