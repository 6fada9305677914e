import type { Db } from '../db/connection';
import type { SecretBox } from '../db/secretBox';
import {
  type DeliveryOutcome,
  type EndpointState,
  listDueDeliveries,
  notSent,
  oldestDueDelivery,
  type QueuedDelivery,
  type QueuedEndpoint,
} from '../db/webhookQueue';
import { openTarget } from '../db/webhookSecrets';
import { addMillis, MINUTE_MS, type Timestamp, toMinute } from '../domain/time';
import {
  afterFailure,
  type EndpointHealth,
  afterHold,
  afterSuccess,
  isGivenUp,
  isResting,
  leftAloneUntil,
} from '../domain/webhooks/endpointHealth';
import type { SendWebhook, WebhookAttempt, WebhookSendResult } from '../domain/webhooks/message';
import { retryDelayMs } from '../domain/webhooks/retrySchedule';
import { webhookBody } from '../domain/webhooks/body';
import { createOutcomeRecorder, type OutcomeStore } from './webhookOutcomes';

/** Read at once. Fewer at first, so that a slow endpoint holds little in memory. */
const FIRST_BATCH = 20;
const FULL_BATCH = 100;
/** After so long it is looked whether the endpoint is still what it was. */
const MAX_UNREFRESHED_MS = 2_000;

export interface DrainServices {
  db: Db;
  /** Opens what is sealed of endpoints. */
  secretBox: SecretBox;
  send: SendWebhook;
  /** Delays before the second attempt, the third and so on. */
  retrySeconds: readonly number[];
  /** 0 to 1, anew each time. */
  chance: () => number;
  outcomes: OutcomeStore;
  now: () => Timestamp;
}

export interface Drained {
  /** Why the endpoint is to be disabled; null: it is not. */
  disable: 'gone' | 'failing' | null;
  /** It has used up its requests of the minute, and goes on then. */
  pausedUntil: Timestamp | null;
}

/**
 * Sends what is due, up to `maxInFlight` at once: with one, in order. Ends when nothing is left, the endpoint is to be left alone, some
 * seconds are over, or `isOver`. What was sent is recorded when it returns.
 * @throws when the database is away.
 */
export async function drainEndpoint(
  services: DrainServices,
  endpoint: QueuedEndpoint,
  isOver: () => boolean,
): Promise<Drained> {
  const { secretBox, send, outcomes, now } = services;
  const target = openTarget(secretBox, endpoint, now());
  const state: EndpointState = {
    updatedAt: endpoint.updatedAt,
    health: endpoint.health,
    minute: endpoint.minute,
    sentInMinute: endpoint.sentInMinute,
  };
  const drained: Drained = { disable: null, pausedUntil: null };
  const recorder = createOutcomeRecorder(outcomes, endpoint.id, state);
  const refreshAt = performance.now() + MAX_UNREFRESHED_MS;
  const isProbe = isResting(endpoint.health);
  const due = isProbe ? probeOf(services, endpoint.id) : dueDeliveries(services, endpoint.id);

  const isStopped = () =>
    drained.disable !== null ||
    drained.pausedUntil !== null ||
    isLeftAlone(state.health) ||
    recorder.hasFailed() ||
    performance.now() >= refreshAt ||
    isOver();

  /** Asked for each delivery: the clock is read where there is something to compare. */
  function isLeftAlone(health: EndpointHealth): boolean {
    return (health.restingUntil ?? health.heldUntil) !== null && leftAloneUntil(health, now()) !== null;
  }

  async function sendNext(): Promise<boolean> {
    if (isStopped()) return false;
    const delivery = await due.next();
    if (delivery === null || isStopped()) return false;
    if (delivery.payload === null) {
      recorder.note({ ...settled(delivery, 'expired', now()), attempt: null });
      return true;
    }
    if (!takeFromMinute(state, endpoint.rateLimit, now())) {
      drained.pausedUntil = addMillis(toMinute(now()), MINUTE_MS);
      return false;
    }
    const body = bodyOf(delivery, delivery.payload);
    if (body === null)
      recorder.note({ ...settled(delivery, 'failed', now()), attempt: notSent(NO_BODY, now()) });
    else settle(delivery, await send(target, { id: delivery.eventId, body }));
    return true;
  }

  /** Null where none can be made: one such event keeps the others from nothing. */
  function bodyOf({ eventId, type, createdAt, details }: QueuedDelivery, payload: string): string | null {
    try {
      return webhookBody(
        { id: eventId, type, created_at: createdAt, payload, details },
        { format: endpoint.format, options: endpoint.formatOptions },
      );
    } catch {
      return null;
    }
  }

  function settle(delivery: QueuedDelivery, { retryAfterSeconds, ...attempt }: WebhookSendResult): void {
    const at = addMillis(attempt.at, attempt.duration_ms);
    if (attempt.error === null) {
      state.health = afterSuccess(at);
      recorder.note({ ...settled(delivery, 'delivered', at), attempt });
    } else if (retryAfterSeconds !== null) {
      const until = addMillis(at, Math.max(retryAfterSeconds * 1_000, MIN_HOLD_MS));
      state.health = afterHold(state.health, at, until);
      recorder.note({ ...waiting(delivery, delivery.tries, delivery.dueAt), attempt });
    } else {
      settleFailure(delivery, attempt, at);
    }
    if (attempt.status_code === GONE) drained.disable = 'gone';
    else if (isGivenUp(state.health)) drained.disable = 'failing';
  }

  function settleFailure(delivery: QueuedDelivery, attempt: WebhookAttempt, at: Timestamp): void {
    const { retrySeconds, chance } = services;
    const tries = delivery.tries + 1;
    const delayMs = retryDelayMs(tries, chance(), retrySeconds);
    const lastDelayMs = (retrySeconds.at(-1) ?? 0) * 1_000;
    state.health = afterFailure(state.health, at, addMillis(at, delayMs ?? lastDelayMs));
    recorder.note(
      delayMs === null
        ? { ...settled({ ...delivery, tries }, 'failed', at), attempt }
        : { ...waiting(delivery, tries, addMillis(at, delayMs)), attempt },
    );
  }

  async function sendOneAfterAnother(): Promise<void> {
    while (await sendNext());
  }

  const lanes = isProbe ? 1 : endpoint.maxInFlight;
  try {
    await Promise.all(Array.from({ length: lanes }, sendOneAfterAnother));
  } finally {
    await recorder.close();
  }
  return drained;
}

const GONE = 410;
const NO_BODY = 'no body can be made of it in this format';
/** One that asks for nothing is not asked again and again. */
const MIN_HOLD_MS = 1_000;

function settled(
  { id, tries }: QueuedDelivery,
  status: 'delivered' | 'failed' | 'expired',
  at: Timestamp,
): Omit<DeliveryOutcome, 'attempt'> {
  return { id, status, tries, dueAt: null, finishedAt: at };
}

function waiting({ id }: QueuedDelivery, tries: number, dueAt: Timestamp): Omit<DeliveryOutcome, 'attempt'> {
  return { id, status: 'pending', tries, dueAt, finishedAt: null };
}

/** Counts one request in its clock minute; false when the minute has no more. */
function takeFromMinute(state: EndpointState, rateLimit: number | null, at: Timestamp): boolean {
  if (rateLimit === null) return true;
  const minute = toMinute(at);
  if (state.minute !== minute) Object.assign(state, { minute, sentInMinute: 0 });
  if (state.sentInMinute >= rateLimit) return false;
  state.sentInMinute += 1;
  return true;
}

interface DueDeliveries {
  /** Null when nothing is left. */
  next: () => Promise<QueuedDelivery | null>;
}

type Reading = Pick<DrainServices, 'db' | 'now'>;

/** What is due, read ahead while the rest is being sent. */
function dueDeliveries({ db, now }: Reading, endpointId: string): DueDeliveries {
  let read: QueuedDelivery[] = [];
  let taken = 0;
  let size = FIRST_BATCH;
  let isDry = false;
  let reading: Promise<void> | null = null;

  async function readMore(): Promise<void> {
    const after = read.at(-1) ?? null;
    const more = await listDueDeliveries(db, { endpointId, now: now(), after, limit: size });
    isDry = more.length < size;
    read = [...read.slice(taken), ...more];
    taken = 0;
    size = FULL_BATCH;
  }

  return {
    next: async () => {
      for (;;) {
        if (!isDry && read.length - taken <= size / 2) {
          reading ??= readMore().finally(() => {
            reading = null;
          });
          // Awaited below when there is nothing else to do; its failure is told then.
          reading.catch(() => undefined);
        }
        const delivery = read[taken];
        if (delivery) {
          taken += 1;
          return delivery;
        }
        if (isDry || reading === null) return null;
        await reading;
      }
    },
  };
}

/** The one delivery by which a resting endpoint is tried. */
function probeOf({ db, now }: Reading, endpointId: string): DueDeliveries {
  const reading = oldestDueDelivery(db, { endpointId, now: now() });
  let isTaken = false;
  return {
    next: async () => {
      const [delivery] = await reading;
      if (isTaken || !delivery) return null;
      isTaken = true;
      return delivery;
    },
  };
}
