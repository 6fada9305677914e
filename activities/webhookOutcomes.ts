import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../db/connection';
import { isDatabaseUnavailable } from '../db/errors';
import { type DeliveryOutcome, type EndpointState, recordOutcomes } from '../db/webhookQueue';

/** Outcomes of so long are stored together: what a killed worker had not stored is sent again. */
const GATHERED_MS = 25;
const RETRY_MS = 500;
/** So long what was sent is not forgotten while the database is away. */
const MAX_RETRIES = 20;

/** Stores what became of deliveries, those of all endpoints of this process together: one statement for many. */
export interface OutcomeStore {
  /**
   * Resolves when it is stored, after all that was added before. The state is that of the endpoint as it is then.
   * @throws what kept it from being stored.
   */
  add: (endpointId: string, outcome: DeliveryOutcome, state: EndpointState) => Promise<void>;
}

interface Gathered {
  outcomes: DeliveryOutcome[];
  states: Map<string, EndpointState>;
  stored: Promise<void>;
}

export function createOutcomeStore(db: Db): OutcomeStore {
  let gathered: Gathered | null = null;
  /** One after the other, lest an older state comes last. */
  let storing: Promise<void> = Promise.resolve();

  function gather(): Gathered {
    const fresh: Omit<Gathered, 'stored'> = { outcomes: [], states: new Map() };
    const before = storing;
    const stored = delay(GATHERED_MS)
      .then(() => before.catch(() => undefined))
      .then(() => {
        gathered = null;
        return store(db, fresh);
      });
    storing = stored;
    return { ...fresh, stored };
  }

  return {
    add(endpointId, outcome, state) {
      gathered ??= gather();
      gathered.outcomes.push(outcome);
      gathered.states.set(endpointId, state);
      return gathered.stored;
    },
  };
}

async function store(db: Db, { outcomes, states }: Omit<Gathered, 'stored'>): Promise<void> {
  const ofEndpoints = [...states].map(([endpointId, state]) => ({ ...state, endpointId }));
  for (let retries = 0; ; retries += 1) {
    try {
      await recordOutcomes(db, outcomes, ofEndpoints);
      return;
    } catch (error) {
      if (!isDatabaseUnavailable(error) || retries === MAX_RETRIES) throw error;
      await delay(RETRY_MS);
    }
  }
}

/** The outcomes of one endpoint, on their way to the store. */
export interface OutcomeRecorder {
  note: (outcome: DeliveryOutcome) => void;
  /** Whether outcomes could not be stored: what is sent from now on would be sent again. */
  hasFailed: () => boolean;
  /** Resolves when all are stored. @throws what kept it from storing. */
  close: () => Promise<void>;
}

/** `state` is the caller's, who changes it. */
export function createOutcomeRecorder(
  store: OutcomeStore,
  endpointId: string,
  state: EndpointState,
): OutcomeRecorder {
  let latest: Promise<void> = Promise.resolve();
  let failure: unknown;
  let hasFailed = false;
  return {
    note(outcome) {
      latest = store.add(endpointId, outcome, state);
      latest.catch((error: unknown) => {
        failure ??= error;
        hasFailed = true;
      });
    },
    hasFailed: () => hasFailed,
    async close() {
      await latest;
      if (hasFailed) throw failure instanceof Error ? failure : new Error(String(failure));
    },
  };
}
