import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../db/connection';
import { isDatabaseUnavailable } from '../db/errors';
import { type DeliveryOutcome, type EndpointState, recordOutcomes } from '../db/webhookQueue';

/** Outcomes of so long are stored together: what a killed worker had not stored is sent again. */
const GATHERED_MS = 25;
const RETRY_MS = 500;
/** So long what was sent is not forgotten while the database is away. */
const MAX_RETRIES = 20;

export interface OutcomeRecorder {
  note: (outcome: DeliveryOutcome) => void;
  /** Whether outcomes could not be stored: what is sent from now on would be sent again. */
  hasFailed: () => boolean;
  /** Stores what is left. @throws what kept it from storing. */
  close: () => Promise<void>;
}

/**
 * Stores outcomes a few at a time while others come in, with the endpoint's state as it is then. `state` is the caller's, who changes
 * it.
 */
export function createOutcomeRecorder(db: Db, endpointId: string, state: EndpointState): OutcomeRecorder {
  let noted: DeliveryOutcome[] = [];
  let storing: Promise<void> | null = null;
  let failure: Error | null = null;
  let isClosing = false;

  async function storeAll(): Promise<void> {
    while (noted.length > 0) {
      if (!isClosing) await delay(GATHERED_MS);
      const outcomes = noted;
      noted = [];
      await store(outcomes);
    }
  }

  async function store(outcomes: readonly DeliveryOutcome[]): Promise<void> {
    for (let retries = 0; ; retries += 1) {
      try {
        await recordOutcomes(db, endpointId, outcomes, { ...state });
        return;
      } catch (error) {
        if (!isDatabaseUnavailable(error) || retries === MAX_RETRIES) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  return {
    note(outcome) {
      noted.push(outcome);
      storing ??= storeAll()
        .catch((error: unknown) => {
          failure ??= error instanceof Error ? error : new Error(String(error));
        })
        .finally(() => {
          storing = null;
        });
    },
    hasFailed: () => failure !== null,
    async close() {
      isClosing = true;
      if (storing) await storing;
      if (failure !== null) throw failure;
      await storeAll();
    },
  };
}
